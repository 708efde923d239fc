"""The port of the usage: what each project, key and model has used on each day, in tokens.

An interaction that ends in the store is added by `Store.finish`, in the transaction of its end. Everything else is
added here. Deleting an interaction, or a key, takes nothing away.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

EVER: Final = "9999-99-99"
"""After every day."""


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """What a request has used, in tokens, and the day that it counts for."""

    day: str
    """In UTC, `2026-11-27`."""
    input: int = 0
    """`cached` ones included."""
    cached: int = 0
    output: int = 0
    """Without `thought`."""
    thought: int = 0

    @property
    def total(self) -> int:
        """All tokens, each once."""
        return self.input + self.output + self.thought


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """What requests have used whose end is not in the store."""

    project: str
    key: str
    """The API key that asked; empty where none is needed."""
    model: str
    """As it was asked for."""
    used: Used
    requests: int = 1


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one key has used of one model on one day."""

    project: str
    key: str
    hint: str
    """The key's last four characters; empty without a key."""
    model: str
    used: Used
    requests: int
    """Interactions that have ended, and decisions."""


class UsageStore(Protocol):
    """Adding, and adding up."""

    async def add(self, writer: str, number: int, spent: Sequence[Spent]) -> None:
        """Add a batch; durable when this returns.

        A writer numbers its batches upwards. One whose number was written already is not added again, so that a batch
        of which nobody knows what became can be sent once more.
        """

    async def tidy(self) -> None:
        """Make of what was added what is quickly read; does nothing that `rows` would show."""

    async def rows(self, since: str | None = None, until: str | None = None) -> list[UsageRow]:
        """What was used from one day to another, both included, in the order of project, key, model and day."""


def usage_row(row: tuple[Any, ...]) -> UsageRow:
    """From project, key, hint, model, requests, day, and the tokens: input, cached, output, thought."""
    project, key, hint, model, requests, day, input, cached, output, thought = row
    used = Used(day=day, input=input, cached=cached, output=output, thought=thought)
    return UsageRow(project=project, key=key, hint=hint, model=model, used=used, requests=requests)
