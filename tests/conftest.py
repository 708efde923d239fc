"""Fixtures that many tests share."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.place import Place
from tests.postgres import Postgres, postgres
from tests.server import RunningServer

# How long an example takes says more about the machine than about the code.
settings.register_profile("looks further", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("looks further"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "looks further")  # a landing must not hang on luck


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with the scripted model, shared by all tests that leave it as it was."""
    with RunningServer(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server with the scripted model for one test, which may stop, kill and start it."""
    with RunningServer(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A Postgres server for all tests, which make databases of their own in it."""
    with postgres() as running:
        yield running


@pytest.fixture
def place(postgres_server: Postgres, tmp_path: Path) -> Iterator[Place]:
    """An empty database."""
    with ExitStack() as stack:
        yield Place(tmp_path, postgres_server.database(), stack)
