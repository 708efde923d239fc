"""The JSON of a chat completion, whole or one event of a stream, and what it means. Not here: reading a stream."""

from typing import Any, Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Counts, Stop, StopReason
from interplay.models.chat.tool_calls import Named, Part


class Said(msgspec.Struct, frozen=True, gc=False):
    """A message, or the part of it that is new."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    """The other name of `reasoning_content`."""
    refusal: str | None = None
    """Where some upstreams put the words of a model that declines."""
    tool_calls: list[Part] | None = None
    function_call: Named | None = None
    """The older form of a single call."""


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


decode: Final = msgspec.json.Decoder(Completion).decode
"""The completion in some bytes; raises msgspec.DecodeError. Fields that we do not know are passed over."""

_STOPS: Final[dict[str, StopReason]] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_calls": "stop",
    "tool_call": "stop",
    "tool_use": "stop",
    "function_call": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
}


def counted(usage: Usage | None, timings: Timings | None) -> Counts | None:
    """The token counts, from whichever of the two says more; None when neither came."""
    if usage is None:
        return None if timings is None else _counted_by_timings(timings)
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    cached = prompt.cached_tokens if prompt else None
    thought = completion.reasoning_tokens if completion else None
    return _sane(
        Counts(
            input=usage.prompt_tokens,
            output=None if usage.completion_tokens is None else max(usage.completion_tokens - (thought or 0), 0),
            cached=timings.cache_n if cached is None and timings else cached,
            thought=thought,
        )
    )


def _sane(counts: Counts) -> Counts:
    """The counts without those that are no counts."""
    told = {name: value for name, value in msgspec.structs.asdict(counts).items() if value is not None and value >= 0}
    return Counts(**told)


def _counted_by_timings(timings: Timings) -> Counts:
    known = timings.prompt_n is not None
    return Counts(
        input=(timings.prompt_n or 0) + (timings.cache_n or 0) if known else None,
        output=timings.predicted_n,
        cached=timings.cache_n,
    )


def stop_of(finish: str) -> Stop:
    """How the answer ended; [DONE] without a word about it means that the model was done.

    A content filter is a failure of the request: the text is cut, and asking again would cut it again. A
    reason that we do not know ("abort", "error") must not pass for a finished answer either.
    """
    if finish == "content_filter":
        raise Failure("invalid_request", "the upstream's content filter stopped the answer")
    if finish and finish not in _STOPS:
        raise Failure("bad_gateway", f"the upstream ended its answer with {finish!r}, which is no regular end")
    return Stop(_STOPS[finish or "stop"])
