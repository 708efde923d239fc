"""Fixtures of servers that share a database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.runs.servers import sharing
from tests.server import RunningServer


@pytest.fixture
def address(postgres_server: Postgres) -> str:
    """A database with empty tables."""
    return postgres_server.database()


@pytest.fixture
def two(address: str, tmp_path: Path) -> Iterator[tuple[RunningServer, RunningServer]]:
    """Two servers over one database, each with a folder of its own."""
    with sharing(tmp_path / "one", address) as one, sharing(tmp_path / "two", address) as two:
        two.key = one.key
        yield one, two
