"""The part of the composition root that makes the store, which commands need without the rest."""

from interplay.settings import Settings
from interplay.store.base import Store
from interplay.store.sqlite import SqliteStore


def store_of(settings: Settings) -> Store:
    """The store that the settings ask for, not open yet."""
    return SqliteStore(settings.data_folder())
