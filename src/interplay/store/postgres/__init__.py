"""The store in a Postgres database, which several servers may share. Imported only where there is one."""

from interplay.store.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
