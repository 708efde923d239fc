"""The JSON of a chat completion, whole or one event of a stream, and what it means. Not here: reading a stream."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Stop, StopReason
from interplay.models.chat.halves import kept
from interplay.models.chat.parts import ContentPart
from interplay.models.chat.refusals import broken_off, shortened
from interplay.models.chat.tool_calls import Named, Part


class Said(msgspec.Struct, frozen=True, gc=False):
    """A message, or the part of it that is new."""

    content: str | list[ContentPart] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    thinking: Any = None
    reasoning_details: Any = None
    """Other names of `reasoning_content`; the last is a list of parts."""
    refusal: str | None = None
    """Where some upstreams put the words of a model that declines."""
    tool_calls: list[Part] | None = None
    function_call: Named | None = None
    """The older form of a single call."""


def reasoning(said: Said) -> tuple[str, str]:
    """What is new of the reasoning, and the name of the field that it is in; both empty where there is none."""
    if said.reasoning_content:
        return said.reasoning_content, "reasoning_content"
    if said.reasoning:
        return said.reasoning, "reasoning"
    if said.thinking and isinstance(said.thinking, str):
        return said.thinking, "thinking"
    details = said.reasoning_details if isinstance(said.reasoning_details, list) else ()
    texts = (detail.get("text") for detail in details if isinstance(detail, dict))
    text = "".join(text for text in texts if isinstance(text, str))
    return (text, "reasoning_details") if text else ("", "")


class Choice(msgspec.Struct, frozen=True, gc=False):
    """One of the answers; we ask for one only."""

    delta: Said | None = None
    message: Said | None = None
    finish_reason: str | None = None
    logprobs: msgspec.Raw = msgspec.Raw()
    """Read where it was asked for (`weighing`)."""


class Completion(msgspec.Struct, frozen=True):
    """A whole answer, or one event of a stream."""

    choices: list[Choice] | None = None
    usage: Any = None
    """Token counts of the whole turn so far (`counts`)."""
    timings: Any = None
    """llama.cpp's own."""
    error: Any = None


class Halved(Completion, frozen=True):
    """The same, with something that stands for half of a character in it (`halves`)."""


_decode: Final = msgspec.json.Decoder(Completion).decode
"""Passes over fields that we do not know."""

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


def read(data: bytes, secrets: Sequence[str] = ()) -> Completion:
    """The completion in an answer's body, or in the data of an event. Raises Failure for anything else, and errors."""
    try:
        completion = _decode(data)
    except (ValueError, RecursionError) as error:  # no JSON, other JSON, no UTF-8, or nested without end
        halved = _halved(data)
        if halved is None:
            received = shortened(data[:200].decode(errors="replace"), secrets)
            raise Failure("bad_gateway", f"the upstream sent no chat completion: {received}") from error
        completion = halved
    if completion.error:
        raise broken_off(completion.error, secrets)
    return completion


def _halved(data: bytes) -> Halved | None:
    """What was refused for nothing but half of a character."""
    changed = kept(data)
    try:
        return None if changed is None else msgspec.json.decode(changed, type=Halved)
    except (ValueError, RecursionError):
        return None


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
