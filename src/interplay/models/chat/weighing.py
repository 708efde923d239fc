"""The probabilities of an answer's first token in a chat completion, as two kinds of upstream tell them.

OpenAI-compatible servers tell the logarithms of the twenty likeliest tokens; llama.cpp's server can tell the
probabilities that are left after its samplers. Not here: what is asked (`openai`, `local.weighing`).
"""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from interplay.errors import Failure, invalid
from interplay.models.base import Counts, ModelRequest, Weighed, normalised
from interplay.models.chat.completion import Completion
from interplay.models.chat.counts import counted
from interplay.models.chat.messages import messages
from interplay.models.chat.refusals import shortened

_ANSWER_TOKENS: Final = 1

_MOST_TOLD: Final = 20
"""Tokens whose probabilities the protocol tells, at most."""


class Token(msgspec.Struct, frozen=True):
    """A token that could have been said."""

    token: str
    id: int | None = None
    """Told by llama.cpp only."""
    logprob: float | None = None
    prob: float | None = None
    """After the samplers; told by llama.cpp only."""


class Place(msgspec.Struct, frozen=True):
    """One token of the answer, and what could have stood in its place."""

    top_logprobs: list[Token] = []
    top_probs: list[Token] = []


class Logprobs(msgspec.Struct, frozen=True):
    """The answer's tokens."""

    content: list[Place] | None = None


_logprobs: Final = msgspec.json.Decoder(Logprobs | None).decode


def body(request: ModelRequest) -> dict[str, object]:
    """The request for one token and its alternatives. Temperature 1 leaves the model's probabilities as they are."""
    return {
        "model": request.model,
        "messages": messages(request),
        "max_tokens": _ANSWER_TOKENS,
        "temperature": 1.0,
        "logprobs": True,
        "top_logprobs": _MOST_TOLD,
        "stream": False,
    }


def first(completion: Completion) -> Place | None:
    """The answer's first token, if it is in here."""
    told = [_content(choice.logprobs) for choice in completion.choices or () if choice is not None]
    return next((content[0] for content in told if content), None)


def weighed(completion: Completion, options: Sequence[str], secrets: Sequence[str] = ()) -> Weighed:
    """The probabilities of the options among the tokens that the upstream tells of. Raises Failure.

    An option that is not among them is at most as probable as the last of them, and counts as much.
    """
    place = first(completion)
    tokens = place.top_logprobs if place else []
    if not tokens:
        raise invalid(
            "'model' cannot decide: its upstream tells no probabilities of tokens ('logprobs' of chat completions). "
            "Use a model that answers without thinking, on a server that has them, such as vLLM or llama-server"
        )
    told = {option: _mass(option, tokens) for option in options}
    if not any(told.values()):
        said = ", ".join(repr(shortened(token.token, secrets)) for token in tokens[:3])
        raise invalid(f"'model' cannot decide: it answers with none of {', '.join(options)} but with {said}")
    least = min(math.exp(min(token.logprob, 0.0)) for token in tokens if token.logprob is not None)
    counts = counted(completion.usage, completion.timings, _ANSWER_TOKENS) or Counts()
    return Weighed(normalised([told[option] or least for option in options]), counts)


def _content(logprobs: msgspec.Raw) -> list[Place]:
    """The tokens of an answer that tells of them. Raises Failure."""
    try:
        told = _logprobs(logprobs) if logprobs else None
    except (ValueError, RecursionError) as error:
        raise Failure("bad_gateway", f"the upstream's 'logprobs' are none: {error}") from error
    return (told.content if told else None) or []


def _mass(option: str, tokens: Sequence[Token]) -> float:
    """The probability that the answer begins with the option, with or without a space before it."""
    return math.fsum(
        math.exp(min(token.logprob, 0.0))
        for token in tokens
        if token.token.strip() == option and token.logprob is not None
    )
