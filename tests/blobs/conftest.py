"""Blobs over each place, with rows in SQLite; the rows' own tests are with the store's."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Protocol

import obstore
import pytest

from interplay.blobs.base import Place
from interplay.blobs.blobs import Blobs
from interplay.blobs.bucket import Bucket
from interplay.blobs.folder import Folder
from interplay.store.base import Store
from interplay.store.sqlite import SqliteStore
from tests.s3 import KEYS, S3, s3


class Inside(Protocol):
    """A place, and a way past it to what it keeps."""

    def place(self) -> Place:
        """The adapter."""

    def names(self) -> list[str]:
        """What is kept."""

    def overwrite(self, name: str, content: bytes | None) -> None:
        """Damage what is kept under a name, or take it away."""


class InFolder:
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self) -> Place:
        """The adapter."""
        return Folder(self.folder)

    def names(self) -> list[str]:
        """The files."""
        files = (path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file())
        return sorted(str(path) for path in files)

    def overwrite(self, name: str, content: bytes | None) -> None:
        """Write or unlink the file."""
        if content is None:
            (self.folder / name).unlink()
        else:
            (self.folder / name).write_bytes(content)


class InBucket:
    """A bucket of its own."""

    def __init__(self, server: S3, drafts: Path) -> None:
        self._server = server
        self._drafts = drafts
        self.settings = server.bucket()

    def place(self) -> Place:
        """The adapter."""
        return Bucket(self.settings, self._drafts)

    def names(self) -> list[str]:
        """The objects."""
        return self._server.names(self.settings)

    def overwrite(self, name: str, content: bytes | None) -> None:
        """Put or delete the object."""
        owner = self._server.owner(self.settings)
        if content is None:
            obstore.delete(owner, name)
        else:
            obstore.put(owner, name, content)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys, where S3's clients look for them."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    """A server for all tests, which make buckets of their own in it."""
    with s3() as running:
        yield running


PLACES: dict[str, Callable[[pytest.FixtureRequest, Path], Inside]] = {
    "folder": lambda _, folder: InFolder(folder / "blobs"),
    "s3": lambda request, folder: InBucket(request.getfixturevalue("s3_server"), folder / "drafts"),
}


@pytest.fixture(params=PLACES)
def inside(request: pytest.FixtureRequest, tmp_path: Path) -> Inside:
    """An empty place."""
    return PLACES[request.param](request, tmp_path)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An open store."""
    store = SqliteStore(tmp_path / "data")
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def blobs(store: Store, inside: Inside) -> Blobs:
    """Blobs in that place, of which those that nobody holds may be removed at once."""
    blobs = Blobs(store.blobs, inside.place(), store.secret, grace_seconds=0)
    await blobs.open()
    return blobs
