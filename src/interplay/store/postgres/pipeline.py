"""Statements that are asked for at once travel together: one round trip, one transaction, one wait for the disk.

While one batch is under way, statements queue up; all of them become the next batch. A batch that fails is done again
in halves, until the failing statement stands alone and only its own caller hears of it.
"""

import asyncio
from functools import partial
from typing import Any

import msgspec

from interplay.store.postgres.connections import Connection, Connections
from interplay.store.postgres.errors import as_failure, is_lost, stopping

Rows = list[tuple[Any, ...]]


class Statement(msgspec.Struct, frozen=True):
    """One SQL statement."""

    query: str
    values: Any
    order: str = ""
    """What it locks. Batches lock in this order, so that those of two servers do not wait for each other."""


_Waiting = tuple[Statement, "asyncio.Future[Rows]"]


class Pipeline:
    """One batch after the other."""

    def __init__(self, connections: Connections, *, reads: bool = False) -> None:
        self._connections = connections
        self._reads = reads
        self._waiting: list[_Waiting] = []
        self._work: asyncio.Task[None] | None = None
        self._closing = False

    def do(self, statement: Statement) -> "asyncio.Future[Rows]":
        """The rows that the statement returns, once they are committed."""
        if self._closing:
            raise stopping()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Rows] = loop.create_future()
        self._waiting.append((statement, future))
        if self._work is None:
            self._work = loop.create_task(self._empty(), name="database pipeline")
        return future

    async def stop(self) -> None:
        """Do what is queued and take no more."""
        self._closing = True
        if self._work is not None:
            await self._work

    async def _empty(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._answer(sorted(batch, key=lambda each: each[0].order))
        self._work = None

    async def _answer(self, batch: list[_Waiting]) -> None:
        try:
            outcomes = await self._connections.now(partial(_together, batch=batch), reads=self._reads)
        except Exception as error:  # noqa: BLE001 - the frame of the pipeline: whatever it is, the callers hear it
            await self._failed(batch, error)
            return
        for (_, future), rows in zip(batch, outcomes, strict=True):
            if not future.done():  # its caller was cancelled; the work is done all the same
                future.set_result(rows)

    async def _failed(self, batch: list[_Waiting], error: Exception) -> None:
        if len(batch) > 1 and not is_lost(error):
            half = len(batch) // 2
            await self._answer(batch[:half])
            await self._answer(batch[half:])
            return
        for _, future in batch:
            if not future.done():
                future.set_exception(as_failure(error))


async def _together(connection: Connection, batch: list[_Waiting]) -> list[Rows]:
    # Between two syncs of a pipeline, Postgres makes one transaction of all statements.
    async with connection.pipeline():
        cursors = [
            await connection.execute(statement.query.encode(), statement.values, binary=True) for statement, _ in batch
        ]
    return [await cursor.fetchall() if cursor.description else [] for cursor in cursors]
