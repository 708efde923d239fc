"""Connections to Postgres: a pool, and work on it that goes on when its caller is cancelled.

A connection that breaks fails only the work that was on it. All idle ones are looked at then, so that after a restart
of the database not every one of them has to fail somebody first.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from interplay.errors import let_go
from interplay.store.postgres.errors import as_failure, is_clash, is_lost, stopping
from interplay.store.postgres.schema import CONNECT_SECONDS

T = TypeVar("T")
Connection = AsyncConnection[tuple[Any, ...]]
Act = Callable[[Connection], Awaitable[T]]

NOW: Final = "extract(epoch FROM clock_timestamp())::float8"
"""Seconds since 1970 by the database's clock."""

_FEWEST: Final = 3
_MOST: Final = 8
_POOL_SECONDS: Final = 3.0
"""Seconds that a request waits for a connection."""
_TRIES: Final = 5
OPTIONS: Final[dict[str, Any]] = {
    "autocommit": True,
    "prepare_threshold": 0,
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "application_name": "interplay",
}
"""Of every connection."""
_LIMITS: Final = (
    # A process that is paused in the middle of a transaction must not hold up the others.
    "SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '10s'; SET statement_timeout = '60s'"
)
_NEWER_LIMIT: Final = (
    # One that is paused in the middle of a pipeline is not idle to Postgres, and no other limit would end it.
    "; SET transaction_timeout = '20s'"
)
_KNOWS_TRANSACTION_TIMEOUT: Final = 170_000


class Connections:
    """Does work on connections to one database. Between `open` and `close` it belongs to one event loop."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._pool: AsyncConnectionPool[Connection]
        self._working: set[asyncio.Task[Any]] = set()
        self._closing = False

    async def open(self) -> None:
        """Connect."""
        logging.getLogger("psycopg").addHandler(logging.NullHandler())  # the failures say it
        self._pool = AsyncConnectionPool(
            self._address,
            min_size=_FEWEST,
            max_size=_MOST,
            open=False,
            timeout=_POOL_SECONDS,
            reconnect_timeout=1.0,  # then every request that waits is a new try
            configure=_limit,
            kwargs=OPTIONS,
        )
        try:
            await self._pool.open(wait=True, timeout=2.0 * CONNECT_SECONDS)
        except psycopg.Error as error:
            await self._pool.close()
            raise as_failure(error) from error

    async def close(self) -> None:
        """Finish what is under way, then let go of every connection."""
        self._closing = True
        while self._working:
            await asyncio.wait(self._working)
        await self._pool.close()

    async def do(self, act: Act[T], *, reads: bool = False) -> T:
        """What `act` returns, done to its end whatever becomes of the caller. Raises Failure."""
        if self._closing:
            raise stopping()
        task = asyncio.create_task(self.now(act, reads=reads))
        self._working.add(task)
        task.add_done_callback(self._worked)
        try:
            return await asyncio.shield(task)
        except psycopg.Error as error:
            raise as_failure(error) from error

    async def read(self, act: Act[T]) -> T:
        """The same for what only reads: a lost connection does not fail it while there are others."""
        return await self.do(act, reads=True)

    async def now(self, act: Act[T], *, reads: bool = False) -> T:
        """The same in the caller's own task, with the database's own errors. What clashed is done again."""
        for _ in range(_TRIES):
            try:
                async with self._pool.connection() as connection:
                    return await act(connection)
            except PoolTimeout:
                raise
            except psycopg.Error as error:
                failure = let_go(error)
                lost = is_lost(error)
            if lost:
                await self._pool.check()
            if not (is_clash(failure) or (lost and reads)):
                raise failure
        raise failure

    def _worked(self, task: asyncio.Task[Any]) -> None:
        self._working.discard(task)
        if not task.cancelled():
            task.exception()  # heard, if its caller has gone


async def _limit(connection: Connection) -> None:
    newer = connection.info.server_version >= _KNOWS_TRANSACTION_TIMEOUT
    await connection.execute(_LIMITS + _NEWER_LIMIT if newer else _LIMITS, prepare=False)


async def rows(connection: Connection, query: str, values: Any = ()) -> list[tuple[Any, ...]]:
    """What a statement returns."""
    # The queries are constants of this package; psycopg wants them literal, or as bytes.
    cursor = await connection.execute(query.encode(), values, binary=True)
    return await cursor.fetchall() if cursor.description else []


def text(value: str) -> str:
    """A text as Postgres can hold it; ids never have a NUL, so one with it is found no more than it was made."""
    return value.replace("\0", "\ufffd")
