"""The part of the composition root that makes the store, which commands need without the rest."""

from interplay.settings import Settings
from interplay.store.base import Store
from interplay.store.sqlite import SqliteStore


def store_of(settings: Settings) -> Store:
    """The store that the settings ask for, not open yet."""
    if settings.server.database is None:
        return SqliteStore(settings.data_folder())
    # Only here: the driver costs a server with files a tenth of a second and some megabytes.
    from interplay.store.postgres import PostgresStore  # noqa: PLC0415

    return PostgresStore(settings.server.database)
