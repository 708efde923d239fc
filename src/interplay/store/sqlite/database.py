"""The port of `store/database.py` on SQLite: what writes is a job of the one writer, what reads has threads.

Point reads run on the event loop, since they take less time than the way to a thread and back.
"""

import asyncio
import queue
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import apsw
import msgspec

from interplay.store.database import Rows, Steps, Value, spelled_by
from interplay.store.sqlite.files import Values, as_failure, rows
from interplay.store.sqlite.writer import Writer

T = TypeVar("T")

NOW: Final = "unixepoch('subsec')"
_SPELLING: Final = (
    (re.compile(r"\bNOW\b"), NOW),
    (re.compile(r"= ANY\(:(\w+)\)"), r"IN (SELECT value FROM json_each(:\1))"),
    (re.compile(r"\bjson_each_text\("), "json_each("),
    (re.compile(r"\bctid\b"), "rowid"),
    (re.compile(r" FOR (UPDATE|SHARE)( OF \w+)?( SKIP LOCKED)?"), ""),
)


class Readers:
    """Runs queries beside the event loop, one connection each. Owns its connections."""

    def __init__(self, connections: Sequence[apsw.Connection]) -> None:
        self._connections = connections
        self._idle: queue.SimpleQueue[apsw.Connection] = queue.SimpleQueue()
        for connection in connections:
            self._idle.put(connection)
        self._threads = ThreadPoolExecutor(len(connections), thread_name_prefix="interplay-read")

    async def do(self, query: Callable[[apsw.Connection], T]) -> T:
        """What the query returns."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, query)

    def stop(self) -> None:
        """Wait for the queries under way, then close the files."""
        self._threads.shutdown()
        for connection in self._connections:
            connection.close()

    def _run(self, query: Callable[[apsw.Connection], T]) -> T:
        connection = self._idle.get()
        try:
            return query(connection)
        except apsw.Error as error:
            raise as_failure(error) from error
        finally:
            self._idle.put(connection)


class SqliteDatabase:
    """The `Database` port. The writer, the readers and the connection for point reads are the store's."""

    def __init__(self, main: Writer, readers: Readers, point: apsw.Connection) -> None:
        self._main = main
        self._readers = readers
        self._point = point

    async def find(self, text: str, /, **values: Value) -> Rows:
        """Look for one row, here and now."""
        try:
            return rows(self._point, spelled(text), _held(values))
        except apsw.Error as error:
            raise as_failure(error) from error

    async def read(self, text: str, /, **values: Value) -> Rows:
        """Read in a thread."""
        return await self._readers.do(lambda reader: rows(reader, spelled(text), _held(values)))

    async def write(self, text: str, /, **values: Value) -> Rows:
        """One statement."""
        return await self._main.do(lambda main: rows(main, spelled(text), _held(values)))

    async def write_along(self, locked: str, text: str, /, **values: Value) -> Rows:
        """The same: all that waits is written together anyway, in the order in which it came."""
        del locked
        return await self.write(text, **values)

    async def transact(self, steps: Callable[[], Steps[T]], *, alone: str = "") -> T:
        """Several statements. Every one here is alone."""
        del alone
        return await self._main.do(lambda main: done(main, steps()))


def done(connection: apsw.Connection, steps: Steps[T]) -> T:
    """What comes of the steps, within the transaction of the connection."""
    try:
        query = next(steps)
        while True:
            query = steps.send(rows(connection, spelled(query.text), _held(query.values)))
    except StopIteration as end:
        result: T = end.value
        return result


spelled: Final = spelled_by(_SPELLING)
"""A statement of a family as SQLite writes it."""


def _held(values: dict[str, Value]) -> Values:
    """Lists as JSON."""
    return {
        name: msgspec.json.encode(value).decode() if isinstance(value, list) else value
        for name, value in values.items()
    }
