"""How an upstream is asked for an answer that meets a schema: by `response_format`, or by words in the system prompt.

Words are used where the settings say so, where the upstream refused `response_format`, and where functions are offered
too: vLLM and others then force the first token into the schema, and the model can call nothing. Where a function must
be called there is no text to ask for.
"""

import time
from collections.abc import Callable
from typing import Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Failed, ModelRequest, Stop
from interplay.models.chat.answer import RawPiece
from interplay.models.chat.judging import demand
from interplay.models.chat.refusals import Refused
from interplay.settings import StructuredOutput

REMEMBERED_SECONDS: Final = 3600.0
"""How long a refusal counts: upstreams are upgraded, and a refusal may have been about one odd schema only."""

_REFUSALS: Final = {400, 422, 501}
"""Statuses by which servers refuse a field that they do not know, or a schema."""


class Ways:
    """Which way each model of an upstream is asked. `now` tells the time in seconds."""

    def __init__(self, structured_output: StructuredOutput, now: Callable[[], float] = time.monotonic) -> None:
        self.structured_output = structured_output
        self._now = now
        self._refused: dict[str, float] = {}
        """When each model refused `response_format`."""
        self._taken: set[str] = set()
        """Models that took it: what they refuse is a single schema."""

    def asked(self, request: ModelRequest) -> ModelRequest:
        """The request as it is sent: with an `answer` to go into `response_format`, or without."""
        if request.answer is None:
            return request
        if request.must_call:
            return msgspec.structs.replace(request, answer=None)
        words = request.functions or self.structured_output == "prompt" or self._refuses(request.model)
        return in_words(request) if words else request

    def is_refusal(self, piece: RawPiece) -> bool:
        """Whether the first piece of an answer to `response_format` may be a refusal of just that."""
        checked = self.structured_output == "checked"
        return checked and isinstance(piece, Failed) and _status(piece.failure) in _REFUSALS

    def note(self, asked: ModelRequest, piece: RawPiece) -> None:
        """See that a model answers a request with `response_format`."""
        if asked.answer is not None and isinstance(piece, Stop):
            self._taken.add(asked.model)

    def refused(self, model: str) -> None:
        """Note that a model answered only without it."""
        if model not in self._taken:
            self._refused[model] = self._now()

    def _refuses(self, model: str) -> bool:
        since = self._refused.get(model)
        return since is not None and self._now() - since < REMEMBERED_SECONDS


def in_words(request: ModelRequest) -> ModelRequest:
    """The same request with the schema that its answer must meet in the system instruction."""
    if request.answer is None:
        return request
    unless = "Unless you call a function: " if request.functions else ""
    parts = [request.system_instruction, unless + demand(request.answer)]
    system = "\n\n".join(part for part in parts if part)
    return msgspec.structs.replace(request, system_instruction=system, answer=None)


def _status(failure: Failure) -> int | None:
    return failure.upstream_status if isinstance(failure, Refused) else None
