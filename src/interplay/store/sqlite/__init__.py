"""The store in SQLite files, for one server."""

from interplay.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
