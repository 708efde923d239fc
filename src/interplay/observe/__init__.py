"""What is worth noticing: one union of observations, and the ways to subscribe.

Parts report what happens by calling the `Observer` they were handed; logs (`logs.py`) and metrics (`metrics.py`)
listen. No observation carries a secret, or what a user or a model said.
"""

from collections.abc import Callable
from contextlib import suppress

import msgspec


class RequestServed(msgspec.Struct, frozen=True):
    """An HTTP request was answered, or its client left."""

    method: str
    route: str
    """The route's pattern, never the path itself."""
    status: int
    seconds: float
    """Until the last byte was sent."""
    failure: str | None = None
    """The code of the failure that was the answer."""


class RunStarted(msgspec.Struct, frozen=True):
    """An interaction was accepted."""

    project: str
    interaction: str


class RunEnded(msgspec.Struct, frozen=True, kw_only=True):
    """An interaction reached its terminal event."""

    project: str
    interaction: str
    model: str
    """The catalogue's entry that served it, not the client's own word."""
    status: str
    seconds: float
    input_tokens: int
    output_tokens: int
    failure: str | None = None
    """The code of the failure."""


class RunLeft(msgspec.Struct, frozen=True):
    """An interaction goes on elsewhere, or later: this server has stopped answering it without an end."""

    project: str
    interaction: str
    reason: str
    """`stop`, or the code of the failure that made it stop."""


class RunWaits(msgspec.Struct, frozen=True):
    """The model of a background interaction cannot answer just now, and is asked again after a pause."""

    project: str
    interaction: str
    failure: str
    """The code of the failure."""
    seconds: float
    """Until it is asked again."""


class HintsTaken(msgspec.Struct, frozen=True):
    """An interaction was accepted with hints of which nothing comes."""

    project: str
    interaction: str
    notes: str
    """Which, and what became of them; no words of the client's but those that the API knows."""


class WayLearnt(msgspec.Struct, frozen=True):
    """An upstream refused something of a request and answered it without; its model is asked so from now on."""

    upstream: str
    """As the settings have it."""
    model: str
    """As the upstream lists it; empty where it lists no such model, since the name is the client's own word then."""
    without: str
    """What it does not take."""


class DecisionsEnded(msgspec.Struct, frozen=True, kw_only=True):
    """The questions of a request were answered by probabilities, or failed."""

    project: str
    model: str
    """The catalogue's entry that served it, not the client's own word."""
    questions: int
    seconds: float
    input_tokens: int
    output_tokens: int
    failure: str | None = None
    """The code of the failure."""


class Limited(msgspec.Struct, frozen=True, kw_only=True):
    """A request was refused because of a limit."""

    project: str
    key: str
    """The key's id."""
    limit: str
    """The setting's name."""


class NoticeSent(msgspec.Struct, frozen=True, kw_only=True):
    """A message was sent to a webhook, and taken or not."""

    project: str
    message: str
    type: str
    attempt: int
    seconds: float
    failure: str | None = None
    """Why it was not taken."""
    given_up: bool = False
    """Whether it is not tried again."""
    disabled: bool = False
    """Whether its webhook was disabled for it."""


class RunRecovered(msgspec.Struct, frozen=True):
    """An interaction that another server process left unfinished was ended."""

    interaction: str
    status: str


class EngineChanged(msgspec.Struct, frozen=True):
    """The local engine started, became ready, died or was given up."""

    model: str
    change: str
    detail: str = ""


class Expired(msgspec.Struct, frozen=True):
    """Retention removed interactions."""

    count: int


class BlobsRemoved(msgspec.Struct, frozen=True):
    """Blobs that nobody held any more are gone."""

    count: int


class Fault(msgspec.Struct, frozen=True):
    """Something of ours broke; the error goes to the log, never to a client."""

    where: str
    error: BaseException


Observation = (
    RequestServed
    | RunStarted
    | RunEnded
    | RunLeft
    | RunWaits
    | HintsTaken
    | WayLearnt
    | DecisionsEnded
    | Limited
    | NoticeSent
    | RunRecovered
    | EngineChanged
    | Expired
    | BlobsRemoved
    | Fault
)
Observer = Callable[[Observation], None]


def tee(*observers: Observer) -> Observer:
    """One observer that tells all of them. One that fails, on a full disk say, harms nobody else."""

    def observe(observation: Observation) -> None:
        for observer in observers:
            with suppress(Exception):
                observer(observation)

    return observe
