"""The adapters of the store port, each fixture's end a check that nothing leaked.

A new adapter adds a line to ADAPTERS; the conformance suite then runs over it.
"""

import gc
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from interplay.store.base import Store
from interplay.store.postgres import PostgresStore
from interplay.store.sqlite import SqliteStore
from tests.postgres import Postgres

Make = Callable[[], Store]


def _sqlite(_: pytest.FixtureRequest, folder: Path) -> Make:
    return lambda: SqliteStore(folder / "data")


def _postgres(request: pytest.FixtureRequest, _: Path) -> Make:
    server: Postgres = request.getfixturevalue("postgres_server")
    address = server.database()
    return lambda: PostgresStore(address)


ADAPTERS: dict[str, Callable[[pytest.FixtureRequest, Path], Make]] = {"sqlite": _sqlite, "postgres": _postgres}


@pytest.fixture(params=ADAPTERS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes stores, not open yet, over one and the same data."""
    return ADAPTERS[request.param](request, tmp_path)


@pytest.fixture
async def store(make: Make) -> AsyncIterator[Store]:
    """An open store; closing it must let go of every thread and file."""
    before = held()
    store = make()
    await store.open()
    yield store
    await store.close()
    assert held() == before


def held() -> tuple[set[str], int]:
    """This process's threads and its number of open files."""
    gc.collect()
    return {thread.name for thread in threading.enumerate()}, len(list(Path("/dev/fd").iterdir()))
