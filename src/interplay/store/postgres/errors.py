"""What Postgres' errors mean to a caller. Not here: errors in our own SQL, which stay what they are."""

import psycopg
from psycopg import errors
from psycopg_pool import PoolClosed

from interplay.errors import Failure
from interplay.store.database import Taken


def as_failure(error: Exception) -> Exception:
    """The failure behind a database error; anything else unchanged."""
    match error:
        case PoolClosed():
            return stopping()
        case errors.DiskFull():
            return Failure("storage_full", "The database's disk is full. Make room there, then send the request again.")
        case errors.UniqueViolation():
            return Taken("internal", f"The store already has such a row ({_said(error)}).")
        case errors.IntegrityError():
            return Failure("internal", f"The store may not have such a row ({_said(error)}).")
        case psycopg.OperationalError() | psycopg.InterfaceError() | errors.ReadOnlySqlTransaction():
            return Failure("unavailable", "The server's database does not answer. Try again in a moment.")
        case _:
            return error


def stopping() -> Failure:
    """The refusal of a store that is closed."""
    return Failure("unavailable", "The server is stopping. Try again in a moment.")


def is_lost(error: Exception) -> bool:
    """Whether the connection is gone, so that nobody knows what became of the statement."""
    if not isinstance(error, psycopg.OperationalError):
        return isinstance(error, psycopg.InterfaceError)
    return error.sqlstate is None or error.sqlstate.startswith(("57P", "08"))


def is_clash(error: Exception) -> bool:
    """Whether another transaction was in the way, so that the same may well succeed now."""
    return isinstance(error, errors.DeadlockDetected | errors.SerializationFailure)


def _said(error: Exception) -> str:
    return " ".join(str(error).split("DETAIL:")[0].split())
