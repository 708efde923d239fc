"""A host, an index that real pip uses, an empty shelf, and a progress that remembers."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from interplay.weights.pull import Pull
from interplay.weights.shelf import Shelf

from .host import Host
from .index import Index


def pytest_configure(config: pytest.Config) -> None:
    """Know the mark of tests that need a downloaded model."""
    config.addinivalue_line("markers", "model: needs a model that was pulled before")


class Watched:
    """A progress that remembers what it heard."""

    def __init__(self) -> None:
        self.begun: list[tuple[int | None, int]] = []
        self.reaches: list[int] = []
        self.notes: list[str] = []

    def begin(self, total: int | None, done: int) -> None:
        """Remember."""
        self.begun.append((total, done))

    def reached(self, done: int) -> None:
        """Remember."""
        self.reaches.append(done)

    def note(self, sentence: str) -> None:
        """Remember."""
        self.notes.append(sentence)


@pytest.fixture
def data() -> bytes:
    """The bytes of a small model file."""
    return b"GGUF" + hashlib.shake_128(b"weights").digest(1_500_000)


@pytest.fixture
def parts(data: bytes) -> list[bytes]:
    """The model file cut in three."""
    return [data[:600_000], data[600_000:1_200_000], data[1_200_000:]]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A models folder that does not exist yet."""
    return Shelf(tmp_path / "models")


@pytest.fixture
def watched() -> Watched:
    """A progress that remembers."""
    return Watched()


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    """An HTTP server."""
    async with Host.running() as running:
        yield running


@pytest.fixture
def index(host: Host, monkeypatch: pytest.MonkeyPatch) -> Index:
    """A package index, and pip told to use it and nothing else."""
    index = Index(host)
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    return index


@pytest.fixture
def pull(shelf: Shelf, watched: Watched) -> Pull:
    """Pulls to the shelf that do not wait between tries."""
    return Pull(shelf, watched, environ={}, pauses=(0, 0))


def left_behind(shelf: Shelf) -> set[str]:
    """The names of unfinished things in the models folder."""
    return {path.name for path in (shelf.folder / ".pulls").glob("*")}
