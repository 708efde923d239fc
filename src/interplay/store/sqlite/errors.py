"""What SQLite's errors mean to a caller. Not here: errors in our own SQL, which stay what they are."""

import apsw

from interplay.errors import Failure
from interplay.store.database import Taken


def as_failure(error: Exception) -> Exception:
    """The failure behind a database error; anything else unchanged."""
    match error:
        case apsw.FullError() | apsw.IOError() | apsw.ReadOnlyError() | apsw.CantOpenError():
            return Failure(
                "storage_full",
                f"The server could not use its disk ({error}). Make room on the server, then send the request again.",
            )
        case apsw.BusyError() | apsw.LockedError():
            return Failure("unavailable", f"Another process holds the server's database ({error}). Try again.")
        case apsw.ConstraintError() if str(error).startswith("UNIQUE"):
            return Taken("internal", f"The store already has such a row ({error}).")
        case apsw.ConstraintError():
            return Failure("internal", f"The store may not have such a row ({error}).")
        case apsw.CorruptError() | apsw.NotADBError():
            return Failure("internal", f"The server's database is damaged ({error}). Restore it from a backup.")
        case _:
            return error
