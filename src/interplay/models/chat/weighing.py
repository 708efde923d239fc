"""The probabilities of an answer's first token in a chat completion, as two kinds of upstream tell them.

OpenAI-compatible servers tell the logarithms of the twenty likeliest tokens; llama.cpp's server can tell the
probabilities that are left after its samplers. Not here: what is asked (`openai`, `local.weighing`).
"""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from interplay.errors import Failure, invalid
from interplay.models.base import Counts, ModelRequest, Weighed
from interplay.models.chat.completion import Timings, Usage, counted
from interplay.models.chat.messages import messages
from interplay.models.chat.refusals import broken_off, shortened

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


class Choice(msgspec.Struct, frozen=True):
    """One of the answers; we ask for one only."""

    logprobs: Logprobs | None = None


class Completion(msgspec.Struct, frozen=True):
    """A whole answer, or one event of a stream."""

    choices: list[Choice] | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    error: object = None

    def first(self) -> Place | None:
        """The answer's first token, if it is in here."""
        told = [choice.logprobs.content for choice in self.choices or () if choice.logprobs]
        return next((content[0] for content in told if content), None)

    def counts(self) -> Counts | None:
        """What the turn cost, if it is in here."""
        return counted(self.usage, self.timings)


def body(request: ModelRequest) -> dict[str, object]:
    """The request for one token and its alternatives. Temperature 1 leaves the model's probabilities as they are."""
    return {
        "model": request.model,
        "messages": messages(request),
        "max_tokens": 1,
        "temperature": 1.0,
        "logprobs": True,
        "top_logprobs": _MOST_TOLD,
        "stream": False,
    }


def completion(data: bytes, secrets: Sequence[str] = ()) -> Completion:
    """The completion in an answer's body, or in the data of an event. Raises Failure."""
    try:
        read = msgspec.json.decode(data, type=Completion)
    except (ValueError, RecursionError) as error:
        received = shortened(data[:200].decode(errors="replace"), secrets)
        raise Failure("bad_gateway", f"the upstream sent no chat completion: {received}") from error
    if read.error is not None:
        raise broken_off(read.error, secrets)
    return read


def weighed(read: Completion, options: Sequence[str], secrets: Sequence[str] = ()) -> Weighed:
    """The probabilities of the options among the tokens that the upstream tells of. Raises Failure.

    An option that is not among them is at most as probable as the last of them, and counts as much.
    """
    place = read.first()
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
    return Weighed(normalised([told[option] or least for option in options]), read.counts() or Counts())


def normalised(weights: Sequence[float]) -> tuple[float, ...]:
    """The same with a sum of one."""
    total = math.fsum(weights)
    return tuple(weight / total for weight in weights)


def _mass(option: str, tokens: Sequence[Token]) -> float:
    """The probability that the answer begins with the option, with or without a space before it."""
    return math.fsum(
        math.exp(min(token.logprob, 0.0))
        for token in tokens
        if token.token.strip() == option and token.logprob is not None
    )
