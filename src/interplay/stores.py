"""The part of the composition root that makes the store, which commands need without the rest, and that of blobs."""

from pathlib import Path

from interplay.blobs.base import Place
from interplay.blobs.blobs import Blobs
from interplay.blobs.folder import Folder
from interplay.settings import Settings
from interplay.store.base import Store
from interplay.store.sqlite import SqliteStore, schema


def store_of(settings: Settings) -> Store:
    """The store that the settings ask for, not open yet."""
    if settings.server.database is None:
        return SqliteStore(settings.data_folder())
    # Only here: the driver costs a server with files a tenth of a second and some megabytes.
    from interplay.store.postgres import PostgresStore  # noqa: PLC0415

    return PostgresStore(settings.server.database)


def state_is_there(settings: Settings) -> bool:
    """Whether a server has kept something where the settings say. Makes nothing."""
    if settings.server.database is None:
        return schema.is_there(settings.data_folder())
    from interplay.store.postgres import schema as tables  # noqa: PLC0415 - as above

    return tables.is_there(settings.server.database)


def blobs_of(settings: Settings, store: Store) -> Blobs | None:
    """Where media go, over the open store.

    None with a database and no place beside it: what is in a folder of this machine the other servers would not have.
    """
    place = _place(settings)
    return Blobs(store.blobs, place, store.secret) if place else None


def _place(settings: Settings) -> Place | None:
    blobs = settings.blobs
    if blobs.s3 is not None:
        # Only here: its client costs a server with a folder 7 MB and some milliseconds.
        from interplay.blobs.bucket import Bucket  # noqa: PLC0415

        return Bucket(blobs.s3, settings.data_folder() / "uploads")
    if blobs.directory is not None:
        return Folder(Path(blobs.directory).expanduser())
    return Folder(settings.data_folder() / "blobs") if settings.server.database is None else None
