"""The port of `store/database.py` on Postgres: a connection of its own for all that may wait or take a while."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from interplay.store.database import Rows, Steps, Value, spelled_by
from interplay.store.postgres.connections import NOW, Connection, Connections, rows, text
from interplay.store.postgres.pipeline import Pipeline, Statement

T = TypeVar("T")

_SPELLING: Final = (
    (re.compile(r"\bjson_each\(:(\w+)\)"), r"json_array_elements(CAST(:\1 AS json)) AS each(value)"),
    (re.compile(r"\bjson_each_text\(:(\w+)\)"), r"json_each_text(CAST(:\1 AS json))"),
    (re.compile(r"(?<!:):(\w+)"), r"%(\1)s"),
    (re.compile(r"\bNOW\b"), NOW),
)
_ALONE: Final = "SELECT pg_advisory_xact_lock(hashtext(%s))"


class PostgresDatabase:
    """The `Database` port. The connections and the pipelines of what travels together are the store's."""

    def __init__(self, connections: Connections, writes: Pipeline, reads: Pipeline) -> None:
        self._connections = connections
        self._writes = writes
        self._reads = reads

    async def find(self, text: str, /, **values: Value) -> Rows:
        """Look for one row, together with others that look."""
        return await self._reads.do(Statement(spelled(text), _held(values)))

    async def read(self, text: str, /, **values: Value) -> Rows:
        """Read on a connection."""
        return await self._connections.read(partial(rows, query=spelled(text), values=_held(values)))

    async def write(self, text: str, /, **values: Value) -> Rows:
        """One statement on a connection."""
        return await self._connections.do(partial(rows, query=spelled(text), values=_held(values)))

    async def write_along(self, locked: str, text: str, /, **values: Value) -> Rows:
        """One statement, together with others that wait."""
        return await self._writes.do(Statement(spelled(text), _held(values), order=locked))

    async def transact(self, steps: Callable[[], Steps[T]], *, alone: str = "") -> T:
        """Several statements on a connection."""

        async def transaction(own: Connection) -> T:
            async with own.transaction():
                if alone:
                    await own.execute(_ALONE, (alone,))
                return await done(own, steps())

        return await self._connections.do(transaction)


async def done(connection: Connection, steps: Steps[T]) -> T:
    """What comes of the steps, within the transaction of the connection."""
    try:
        query = next(steps)
        while True:
            query = steps.send(await rows(connection, spelled(query.text), _held(query.values)))
    except StopIteration as end:
        result: T = end.value
        return result


spelled: Final = spelled_by(_SPELLING)
"""A statement of a family as psycopg and Postgres write it."""


def _held(values: dict[str, Value]) -> dict[str, Any]:
    """Texts as Postgres can hold them."""
    return {name: _text(value) for name, value in values.items()}


def _text(value: Value) -> Value:
    match value:
        case str():
            return text(value)
        case list():
            return [text(each) for each in value]
        case _:
            return value
