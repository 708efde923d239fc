"""The usage as SQLite rows. Not here: transactions and threads (`writer.py`)."""

from collections.abc import Sequence
from typing import Final

import apsw

from interplay.store.sqlite.database import Readers
from interplay.store.sqlite.files import rows
from interplay.store.sqlite.writer import Writer
from interplay.store.usage import EVER, Spent, UsageRow, usage_row

_NUMBERED: Final = (
    "INSERT INTO usage_writers (id, number, written) VALUES (?, ?, unixepoch('subsec')) ON CONFLICT DO UPDATE"
    " SET number = excluded.number, written = excluded.written WHERE number < excluded.number"
)
_FORGET: Final = "DELETE FROM usage_writers WHERE written < unixepoch() - 86400"
_ADD: Final = (
    "INSERT INTO usage (project, key, model, day, interactions, input, cached, output, thought)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET interactions = interactions + excluded.interactions,"
    " input = input + excluded.input, cached = cached + excluded.cached, output = output + excluded.output,"
    " thought = thought + excluded.thought"
)
_BETWEEN: Final = (
    "SELECT usage.project, usage.key, coalesce(hint, ''), model, interactions, day, input, cached, output, thought"
    " FROM usage LEFT JOIN keys ON keys.id = usage.key WHERE day >= ? AND day <= ?"
    " ORDER BY usage.project, usage.key, model, day"
)


class SqliteUsage:
    """The `UsageStore` port on SQLite."""

    def __init__(self, main: Writer, readers: Readers) -> None:
        self._main = main
        self._readers = readers

    async def add(self, writer: str, number: int, spent: Sequence[Spent]) -> None:
        """Add a batch, once."""
        await self._main.do(lambda main: _add(main, writer, number, spent))

    async def tidy(self) -> None:
        """Nothing: one writer adds to the sums at once."""

    async def rows(self, since: str | None = None, until: str | None = None) -> list[UsageRow]:
        """What was used between two days."""
        found = await self._readers.do(lambda reader: rows(reader, _BETWEEN, (since or "", until or EVER)))
        return [usage_row(row) for row in found]


def _add(connection: apsw.Connection, writer: str, number: int, spent: Sequence[Spent]) -> None:
    connection.execute(_NUMBERED, (writer, number))
    if not connection.changes():
        return
    connection.execute(_FORGET)
    connection.executemany(_ADD, map(_values, spent))


def _values(spent: Spent) -> tuple[str | int, ...]:
    used = spent.used
    counts = (spent.requests, used.input, used.cached, used.output, used.thought)
    return (spent.project, spent.key, spent.model, used.day, *counts)
