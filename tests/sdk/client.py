"""What the probes ask of an SDK, whichever it is: the calls of its user, with plain dicts for what comes back."""

from collections.abc import Iterator
from typing import Any, Protocol

Json = dict[str, Any]


class SdkError(Exception):
    """What the SDK raised: the name of its class, the HTTP status if there was one, and its message."""

    def __init__(self, name: str, status: int | None, message: str) -> None:
        super().__init__(f"{name} ({status}): {message}")
        self.name = name
        self.status = status
        self.message = message


class Events(Protocol):
    """A stream that the SDK reads."""

    def __iter__(self) -> Iterator[Json]:
        """The events, as they come."""

    def leave(self) -> None:
        """Stop reading, as a program that has read enough does."""


class Client(Protocol):
    """One client object of an SDK."""

    def create(self, **body: Any) -> Json:
        """`interactions.create`."""

    def stream(self, **body: Any) -> Events:
        """`interactions.create` with `stream`."""

    def get(self, id: str, **options: Any) -> Json:
        """`interactions.get`."""

    def follow(self, id: str, **options: Any) -> Events:
        """`interactions.get` with `stream`."""

    def cancel(self, id: str) -> Json:
        """`interactions.cancel`."""

    def delete(self, id: str) -> None:
        """`interactions.delete`."""

    def trigger(self, method: str, *args: str, **params: Any) -> Json:
        """A method of `triggers`, under its Python name."""

    def models(self) -> list[str]:
        """The names that `models.list` gives."""

    def model(self, name: str) -> str:
        """The name that `models.get` gives."""

    def count_tokens(self, model: str, contents: str) -> int:
        """The total that `models.count_tokens` gives."""

    def webhook(self, act: str, *id: str, **options: Any) -> Json:
        """`webhooks.create`, `get`, `list`, `update`, `delete`, `ping` and the call that rotates the secret."""

    def close(self) -> None:
        """Put it away."""


def read_until(events: Events, type: str) -> list[Json]:
    """The next events, up to and with the first of this type; what follows is left unread."""
    read = []
    for event in events:
        read.append(event)
        if event["event_type"] == type:
            return read
    raise AssertionError(f"the stream ended before {type}: {read}")


def text_of(events: list[Json]) -> str:
    """The text that the events' deltas give when they are joined."""
    deltas = [event["delta"] for event in events if event["event_type"] == "step.delta"]
    return "".join(delta["text"] for delta in deltas if delta["type"] == "text")
