"""The usage: what each project, key and model has used on each day, in tokens.

An interaction that ends in the store is added by `Store.finish`, in the transaction of its end. Everything else is
added here. Deleting an interaction, or a key, takes nothing away.

What is added are rows of their own, which are summed up later: several servers that added to one row at once would wait
for each other.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, Final

import msgspec

from interplay.store.database import Database, Steps, ask

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


_COUNTS: Final = ("interactions", "input", "cached", "output", "thought")
_COLUMNS: Final = f"project, key, model, day, {', '.join(_COUNTS)}"
_SUMS: Final = ", ".join(f"CAST(sum({count}) AS bigint) AS {count}" for count in _COUNTS)
_LISTED: Final = ", ".join(
    [
        *(f"value ->> {column}" for column in range(4)),
        *(f"CAST(value ->> {column} AS bigint)" for column in range(4, 9)),
    ]
)
"""A row of _COLUMNS from a JSON list."""
# S608 below: all pieces of these statements are the constants above.
_NUMBERED: Final = (
    "INSERT INTO usage_writers AS known (id, number, written) VALUES (:writer, :number, NOW) ON CONFLICT (id) DO UPDATE"
    " SET number = excluded.number, written = excluded.written WHERE known.number < excluded.number RETURNING 1"
)
_FORGET: Final = "DELETE FROM usage_writers WHERE written < NOW - 86400 AND id <> :writer"
_ADD: Final = f"INSERT INTO usage_added ({_COLUMNS}) SELECT {_LISTED} FROM json_each(:rows)"  # noqa: S608
_ANY: Final = "SELECT 1 FROM usage_added LIMIT 1"
_TAKE: Final = (
    "WITH picked AS (SELECT ctid AS lies FROM usage_added LIMIT :limit FOR UPDATE SKIP LOCKED)"  # noqa: S608
    f" DELETE FROM usage_added WHERE ctid IN (SELECT lies FROM picked) RETURNING {_COLUMNS}"
)
_SUM_UP: Final = (
    f"INSERT INTO usage AS so_far ({_COLUMNS}) SELECT {_LISTED} FROM json_each(:rows) WHERE true"  # noqa: S608
    " ON CONFLICT (project, key, model, day) DO UPDATE SET "
    + ", ".join(f"{count} = so_far.{count} + excluded.{count}" for count in _COUNTS)
)
_BETWEEN: Final = (
    "SELECT summed.project, summed.key, coalesce(hint, ''), model, interactions, day, input, cached, output, thought"  # noqa: S608
    f" FROM (SELECT project, key, model, day, {_SUMS} FROM"
    f" (SELECT {_COLUMNS} FROM usage UNION ALL SELECT {_COLUMNS} FROM usage_added) AS whole"
    " WHERE day >= :since AND day <= :until GROUP BY project, key, model, day) AS summed"
    " LEFT JOIN keys ON keys.id = summed.key"
)
_NOTHING: Final = (0,) * len(_COUNTS)
_AT_ONCE: Final = 1000
"""Rows that are summed up in one transaction."""


class UsageStore:
    """Adding, and adding up."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, writer: str, number: int, spent: Sequence[Spent]) -> None:
        """Add a batch; durable when this returns.

        A writer numbers its batches upwards. One whose number was written already is not added again, so that a batch
        of which nobody knows what became can be sent once more.
        """
        await self._database.transact(lambda: _add(writer, number, spent))

    async def tidy(self) -> None:
        """Make of what was added what is quickly read; does nothing that `rows` would show."""
        while await self._database.find(_ANY):
            if not await self._database.transact(_tidy):
                break

    async def rows(self, since: str | None = None, until: str | None = None) -> list[UsageRow]:
        """What was used from one day to another, both included, in the order of project, key, model and day."""
        found = await self._database.read(_BETWEEN, since=since or "", until=until or EVER)
        # Sorted here: databases have different orders of letters.
        return [_row(row) for row in sorted(found, key=itemgetter(0, 1, 3, 5))]


def _add(writer: str, number: int, spent: Sequence[Spent]) -> Steps[None]:
    yield ask(_FORGET, writer=writer)
    if (yield ask(_NUMBERED, writer=writer, number=number)):
        yield ask(_ADD, rows=_json(map(_values, spent)))


def _tidy() -> Steps[bool]:
    taken = yield ask(_TAKE, limit=_AT_ONCE)
    sums: dict[tuple[str, ...], Sequence[int]] = {}
    for row in taken:
        sums[row[:4]] = [sum(pair) for pair in zip(sums.get(row[:4], _NOTHING), row[4:], strict=True)]
    # In one order, so that two servers that do this at once do not wait for each other.
    if sums:
        yield ask(_SUM_UP, rows=_json((*kind, *counts) for kind, counts in sorted(sums.items())))
    return bool(sums)


def _values(spent: Spent) -> tuple[str | int, ...]:
    used = spent.used
    counts = (spent.requests, used.input, used.cached, used.output, used.thought)
    return (spent.project, spent.key, spent.model.replace("\0", "\ufffd"), used.day, *counts)


def _json(rows: Iterable[tuple[str | int, ...]]) -> str:
    return msgspec.json.encode(list(rows)).decode()


def _row(row: tuple[Any, ...]) -> UsageRow:
    """From project, key, hint, model, requests, day, and the tokens: input, cached, output, thought."""
    project, key, hint, model, requests, day, input, cached, output, thought = row
    used = Used(day=day, input=input, cached=cached, output=output, thought=thought)
    return UsageRow(project=project, key=key, hint=hint, model=model, used=used, requests=requests)
