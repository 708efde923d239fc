"""From the settings to the store. Commands need it without the rest of a server."""

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
