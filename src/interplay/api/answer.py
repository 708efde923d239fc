"""What a handler returns, made the answer to its request."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp

from interplay.api.sse import EventStream
from interplay.notes import Note, written

NOTES: Final = "x-interplay-notes"
"""The header that says which hints of a request were taken though nothing comes of them."""

_NONE: Final[dict[str, str]] = {}


class Answer(msgspec.Struct, frozen=True):
    """A content, and what there is to say beside it."""

    content: object
    notes: Callable[[], Sequence[Note]] = tuple
    """What the header says of hints, asked for when it is written."""
    status: int = 200
    headers: Mapping[str, str] = _NONE


def answer(given: object, media: str) -> ASGIApp:
    """The ASGI answer. Bytes are sent as they are, every other value but a stream as JSON."""
    said = given if isinstance(given, Answer) else Answer(given)
    if isinstance(said.content, EventStream):
        return said.content.answer(partial(_headers, said))
    content = said.content if isinstance(said.content, bytes) else msgspec.json.encode(said.content)
    return Response(content, said.status, _headers(said), media)


def _headers(said: Answer) -> Mapping[str, str]:
    notes = said.notes()
    return {**said.headers, NOTES: written(notes)} if notes else said.headers
