"""What a handler returns, made the answer to its request."""

from collections.abc import Mapping, Sequence
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
    notes: Sequence[Note] = ()
    status: int = 200
    headers: Mapping[str, str] = _NONE


def answer(given: object, media: str) -> ASGIApp:
    """The ASGI answer. Bytes are sent as they are, every other value but a stream as JSON."""
    said = given if isinstance(given, Answer) else Answer(given)
    headers = {**said.headers, NOTES: written(said.notes)} if said.notes else said.headers
    if isinstance(said.content, EventStream):
        return said.content.answer(headers)
    content = said.content if isinstance(said.content, bytes) else msgspec.json.encode(said.content)
    return Response(content, said.status, headers, media)
