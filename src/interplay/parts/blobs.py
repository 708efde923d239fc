"""Media outside the database: their place, and the sweep of what nobody holds."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from interplay.blobs.base import Place
from interplay.blobs.blobs import Blobs
from interplay.blobs.folder import Folder
from interplay.jobs.blobs import SECONDS, BlobSweep
from interplay.jobs.loop import Loop
from interplay.parts.part import Part, Process
from interplay.settings import Settings


class BlobsPart(Part):
    """The blobs of one server, if it has a place for them."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._sweep: BlobSweep | None = None

    async def open(self, stack: AsyncExitStack) -> None:
        """Raises Failure when the place cannot be used."""
        del stack
        store, place = self._process.store, place_of(self._process.settings)
        if place is not None:
            blobs = Blobs(store.blobs, place, store.secret)
            await blobs.open()
            self._sweep = BlobSweep(blobs, self._process.observe)

    def loops(self) -> Sequence[Loop]:
        """The sweep."""
        return (Loop("blobs", self._sweep.tick, SECONDS, self._process.observe),) if self._sweep is not None else ()

    def ready(self) -> dict[str, bool]:
        """Whether the place could be used at the last look."""
        return {"blobs": self._sweep.usable()} if self._sweep is not None else {}


def place_of(settings: Settings) -> Place | None:
    """Where media go.

    None with a database and no place beside it: what is in a folder of this machine the other servers would not have.
    """
    blobs = settings.blobs
    if blobs.s3 is not None:
        # Only here: its client costs a server with a folder 7 MB and some milliseconds.
        from interplay.blobs.bucket import Bucket  # noqa: PLC0415

        return Bucket(blobs.s3, settings.data_folder() / "uploads")
    if blobs.directory is not None:
        return Folder(Path(blobs.directory).expanduser())
    return Folder(settings.data_folder() / "blobs") if settings.server.database is None else None
