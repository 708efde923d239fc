"""The one thread that writes a file, with group commit. Not here: what is written (`turns.py` and others).

While one transaction is on its way to the disk, jobs queue up; all of them become the next transaction, so that the
wait for the disk is shared. A transaction that fails is rolled back and done again in halves, until the failing job
stands alone and only its own caller hears of it. That makes the ordinary job cheaper than a savepoint for each
would: half the statements, and every statement is a chance to lose the interpreter lock to the event loop.

A job may therefore run more than once, and must do nothing but talk to its connection.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import apsw

from interplay.errors import Failure
from interplay.store.sqlite.files import as_failure

T = TypeVar("T")
Job = Callable[[apsw.Connection], T]
_Waiting = tuple[Job[Any], "asyncio.Future[Any]"]
_Outcome = tuple["asyncio.Future[Any]", Any, Exception | None]


class Writer:
    """Does jobs in transactions, in the order in which they came. Owns its connection."""

    def __init__(self, name: str, connection: apsw.Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._stopped = self._loop.create_future()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def do(self, job: Job[T]) -> "asyncio.Future[T]":
        """What the job returns, once its transaction is committed."""
        if self._closing:
            raise Failure("unavailable", "The server is stopping. Try again in a moment.")
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put((job, future))
        return future

    async def stop(self) -> None:
        """Do what is queued, empty the log into the file, close it and end the thread."""
        self._closing = True
        self._queue.put(None)
        await self._stopped
        self._thread.join()

    def _work(self) -> None:
        while batch := self._next_batch():
            # One wake-up of the event loop for the whole batch.
            self._loop.call_soon_threadsafe(_resolve, self._outcomes(batch))
            del batch  # or it would be held until there is another
        self._close()
        self._loop.call_soon_threadsafe(self._stopped.set_result, None)

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        waiting = self._queue.get()
        while waiting is not None:
            batch.append(waiting)
            if self._queue.empty():
                return batch
            waiting = self._queue.get()
        if batch:
            self._queue.put(None)
        return batch

    def _outcomes(self, batch: list[_Waiting]) -> list[_Outcome]:
        """Do the batch in one transaction; if that fails, in two halves, so that a bad job harms only itself."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except apsw.Error as error:  # somebody else holds the file: so it is for every job of the batch
            return [(future, None, as_failure(error)) for _, future in batch]
        try:
            return self._commit(batch)
        except Exception as error:  # noqa: BLE001 - the frame of the thread: whatever it is, the caller hears it
            if len(batch) == 1:
                return [(batch[0][1], None, as_failure(error))]
        half = len(batch) // 2
        return self._outcomes(batch[:half]) + self._outcomes(batch[half:])

    def _commit(self, batch: list[_Waiting]) -> list[_Outcome]:
        connection = self._connection
        try:
            outcomes: list[_Outcome] = [(future, job(connection), None) for job, future in batch]
            connection.execute("COMMIT")
        finally:
            # A full disk ends some transactions by itself and leaves others open.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return outcomes

    def _close(self) -> None:
        # Should it fail, the log stays beside the file and is read at the next start.
        with contextlib.suppress(apsw.Error):
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        self._connection.close()


def _resolve(outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():  # its caller was cancelled; the work is done all the same
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
