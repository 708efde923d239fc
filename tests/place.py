"""Several servers and workers over one Postgres."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.postgres import Postgres
from tests.server import SCRIPTED, RunningServer, RunningWorker


class Place:
    """One database, and whatever runs over it until the test ends."""

    def __init__(self, folder: Path, address: str, stack: ExitStack) -> None:
        self._folder = folder
        self._address = address
        self._stack = stack
        self._key = ""

    def server(self, settings: str = SCRIPTED, *arguments: str) -> RunningServer:
        """One more server; all take the same key."""
        server = self._stack.enter_context(
            RunningServer(self._place(), settings, "--database", self._address, *arguments)
        )
        server.key = self._key = self._key or server.key
        return server

    def worker(self) -> RunningWorker:
        """One more worker."""
        return self._stack.enter_context(RunningWorker(self._place(), SCRIPTED, "--database", self._address))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return Postgres.execute(self._address, query)

    def _place(self) -> Path:
        folder = self._folder / str(len(list(self._folder.iterdir())))
        folder.mkdir()
        return folder
