"""Chat-completions answers, whole or streamed, as pieces. No input or output: bytes are handed in.

Kind to sloppy upstreams: unknown fields, nulls, roles without text, usage beside or after the finish, usage
in every event, and a missing [DONE] are all fine. An answer that does not say how it ended is not: it may
have been cut, and a cut answer must not look finished.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Counts, Failed, Piece, Stop, StopReason, Text, Thought
from interplay.models.refusals import broken_off, shortened, told
from interplay.models.sse import EventReader


class Said(msgspec.Struct, frozen=True, gc=False):
    """A message, or the part of it that is new."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    """The other name of `reasoning_content`."""
    refusal: str | None = None
    """Where some upstreams put the words of a model that declines."""


class Choice(msgspec.Struct, frozen=True, gc=False):
    """One of the answers; we ask for one only."""

    delta: Said | None = None
    message: Said | None = None
    finish_reason: str | None = None


class PromptDetails(msgspec.Struct, frozen=True, gc=False):
    """What the prompt's tokens were."""

    cached_tokens: int | None = None


class CompletionDetails(msgspec.Struct, frozen=True, gc=False):
    """What the answer's tokens were."""

    reasoning_tokens: int | None = None


class Usage(msgspec.Struct, frozen=True, gc=False):
    """Token counts of the whole turn."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None


class Timings(msgspec.Struct, frozen=True, gc=False):
    """llama.cpp's own counts, for versions whose `usage` says less."""

    cache_n: int | None = None
    """Prompt tokens that were in the cache."""
    prompt_n: int | None = None
    """Prompt tokens that were not."""
    predicted_n: int | None = None


class Completion(msgspec.Struct, frozen=True):
    """A whole answer, or one event of a stream."""

    choices: list[Choice] | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    error: Any = None


_BLANK_LINE: Final = b"\n\n"
"""Ends the last event of a sender that forgot to."""

_decode: Final = msgspec.json.Decoder(Completion).decode

_STOPS: Final[dict[str, StopReason]] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_calls": "stop",
    "function_call": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
}


class ChatAnswer:
    """One answer while it is read."""

    __slots__ = ("_ended", "_events", "_finish", "_secrets", "_timings", "_usage", "done")

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self.done = False
        """Whether nothing more need be read."""
        self._ended = False
        self._events = EventReader()
        self._finish: str | None = None
        self._usage: Usage | None = None
        self._timings: Timings | None = None
        self._secrets = secrets

    def feed(self, received: bytes) -> list[Piece]:
        """The pieces in the next bytes of a stream."""
        pieces: list[Piece] = []
        try:
            for data in self._events.feed(received):
                pieces += self._read(data)
        except Failure as failure:
            pieces.append(self._failed(failure))
        return pieces

    def whole(self, body: bytes) -> list[Piece]:
        """The pieces of an answer that came at once, but for the last ones."""
        try:
            return [*self._read(body)]
        except Failure as failure:
            return [self._failed(failure)]

    def end(self) -> list[Piece]:
        """The last pieces, once everything was read; none when the answer has failed already."""
        pieces = [] if self.done else self.feed(_BLANK_LINE)
        if self._ended:
            return pieces
        try:
            return pieces + self._last()
        except Failure as failure:
            return [*pieces, Failed(failure)]

    def _failed(self, failure: Failure) -> Failed:
        self.done = self._ended = True
        return Failed(failure)

    def _last(self) -> list[Piece]:
        if self._finish is None and not self.done:
            raise Failure("bad_gateway", "the upstream's answer ended without saying why; it may have been cut")
        stop, counts = stop_of(self._finish), counted(self._usage, self._timings)
        return [stop] if counts is None else [counts, stop]

    def _read(self, data: bytes) -> Sequence[Piece]:
        """The pieces in a whole answer or in the data of one event."""
        if len(data) < 16 and data.strip() == b"[DONE]":
            self.done = True
            return ()
        completion = self._completion(data)
        if completion.usage is not None:
            self._usage = completion.usage
        if completion.timings is not None:
            self._timings = completion.timings
        return self._said(completion.choices[0]) if completion.choices else self._nothing(completion, data)

    def _completion(self, data: bytes) -> Completion:
        try:
            completion = _decode(data)
        except msgspec.DecodeError as error:
            received = shortened(data[:200].decode(errors="replace"), self._secrets)
            raise Failure("bad_gateway", f"the upstream sent no chat completion ({error}): {received}") from error
        if completion.error is not None:
            raise broken_off(completion.error, self._secrets)
        return completion

    def _said(self, choice: Choice) -> Sequence[Piece]:
        if choice.finish_reason:
            self._finish = choice.finish_reason
        said = choice.delta or choice.message
        if said is None:
            return ()
        thought, text = said.reasoning_content or said.reasoning, said.content or said.refusal
        if not thought:
            return (Text(text),) if text else ()
        return (Thought(thought), Text(text)) if text else (Thought(thought),)

    def _nothing(self, completion: Completion, data: bytes) -> Sequence[Piece]:
        """An event without an answer: usage, a ping, or an error that stands at the top level."""
        if completion.usage is None and (bare := msgspec.json.decode(data)).get("object") == "error" and told(bare):
            raise broken_off(bare, self._secrets)
        return ()


def counted(usage: Usage | None, timings: Timings | None) -> Counts | None:
    """The token counts, from whichever of the two says more; None when neither came."""
    if usage is None:
        return None if timings is None else _counted_by_timings(timings)
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    cached = prompt.cached_tokens if prompt else None
    thought = completion.reasoning_tokens if completion else None
    return Counts(
        input=usage.prompt_tokens,
        output=None if usage.completion_tokens is None else max(usage.completion_tokens - (thought or 0), 0),
        cached=timings.cache_n if cached is None and timings else cached,
        thought=thought,
    )


def _counted_by_timings(timings: Timings) -> Counts:
    known = timings.prompt_n is not None
    return Counts(
        input=(timings.prompt_n or 0) + (timings.cache_n or 0) if known else None,
        output=timings.predicted_n,
        cached=timings.cache_n,
    )


def stop_of(finish: str | None) -> Stop:
    """How the answer ended; [DONE] without a word about it means that the model was done.

    A content filter is a failure of the request: the text is cut, and asking again would cut it again. A
    reason that we do not know ("abort", "error") must not pass for a finished answer either.
    """
    if finish == "content_filter":
        raise Failure("invalid_request", "the upstream's content filter stopped the answer")
    if finish is not None and finish not in _STOPS:
        raise Failure("bad_gateway", f"the upstream ended its answer with {finish!r}, which is no regular end")
    return Stop(_STOPS[finish or "stop"])
