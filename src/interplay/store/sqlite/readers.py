"""A few threads for the reads that take a while. Not here: point reads, which are shorter than the way to a thread."""

import asyncio
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import apsw

from interplay.store.sqlite.errors import as_failure

T = TypeVar("T")


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
