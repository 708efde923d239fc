"""The JSON of a chat completion, whole or one event of a stream, and what it means. Not here: reading a stream."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Stop, StopReason
from interplay.models.chat.halves import kept
from interplay.models.chat.parts import ContentPart
from interplay.models.chat.refusals import broken_off, decoded, plain, shortened
from interplay.models.chat.tool_calls import Named, Part

_READ: Final = 4096
_SHOWN: Final = 200
"""Characters of what is no answer that are looked at, and that are passed on."""


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
    """One of the answers; we ask for one only, and some send several all the same."""

    index: Any = None
    delta: Said | None = None
    message: Said | None = None
    text: str | None = None
    """Of an answer to a ready prompt."""
    finish_reason: str | None = None
    logprobs: msgspec.Raw = msgspec.Raw()
    """Read where it was asked for (`weighing`)."""
    error: Any = None


class Completion(msgspec.Struct, frozen=True):
    """A whole answer, or one event of a stream."""

    choices: list[Choice | None] | None = None
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
    **dict.fromkeys(("stop", "stop_sequence", "stop_token", "eos", "eos_token", "eot", "end", "ended"), "stop"),
    **dict.fromkeys(("end_turn", "end_of_turn", "complete", "completed", "done", "finished"), "stop"),
    **dict.fromkeys(("tool_calls", "tool_call", "tool_use", "function_call", "function_calls"), "stop"),
    **dict.fromkeys(("length", "model_length", "max_length", "max_tokens", "max_token"), "length"),
    **dict.fromkeys(("max_new_tokens", "max_output_tokens", "max_completion_tokens", "token_limit"), "length"),
    **dict.fromkeys(("context_length", "model_context_window_exceeded", "context_window_exceeded"), "length"),
}
"""What the upstreams' words for a regular end mean, as `_plain` has them."""

_FILTERED: Final = frozenset(
    {"content_filter", "content_filtered", "safety", "blocklist", "prohibited_content", "recitation", "spii", "refusal"}
)


def read(data: bytes, secrets: Sequence[str] = ()) -> Completion:
    """The completion in an answer's body, or in the data of an event. Raises Failure for anything else, and errors."""
    try:
        completion = _decode(data)
    except (ValueError, RecursionError) as error:  # no JSON, other JSON, no UTF-8, or nested without end
        halved = _halved(data)
        if halved is None:
            raise unreadable(data, secrets) from error
        completion = halved
    if completion.error:
        raise broken_off(decoded(data), secrets)
    return completion


def unreadable(data: bytes, secrets: Sequence[str]) -> Failure:
    """The failure of an answer that is none of ours."""
    received = shortened(plain(data[:_READ]), secrets)[:_SHOWN]  # secrets first: half of one is one too
    if not received:
        said = "a page of HTML" if data.strip() else "nothing"
        return Failure("bad_gateway", f"the upstream sent {said} in place of a chat completion: is its address right?")
    return Failure("bad_gateway", f"the upstream sent no chat completion: {received}")


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
    word = _plain(finish) or "stop"
    if word in _FILTERED:
        raise Failure("invalid_request", "the upstream's content filter stopped the answer")
    if word not in _STOPS:
        raise Failure("bad_gateway", f"the upstream ended its answer with {finish!r}, which is no regular end")
    return Stop(_STOPS[word])


def _plain(finish: str) -> str:
    """A reason to stop in lower case, its words joined by one character, and without the name of its type before it."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", finish.rpartition(".")[2])
    return re.sub("[^a-z0-9]+", "_", words.lower()).strip("_").removeprefix("finish_reason_")
