"""Projects, API keys and server secrets as SQLite rows. Not here: transactions and threads (`writer.py`)."""

from typing import Any, Final

import apsw

from interplay.store.keys import Key
from interplay.store.sqlite.files import rows

_PROJECT: Final = "INSERT INTO projects (id, created) VALUES (?, ?) ON CONFLICT DO NOTHING"
_ADD: Final = "INSERT INTO keys (id, project, digest, hint, created, revoked) VALUES (?, ?, ?, ?, ?, ?)"
_KEY: Final = "SELECT id, project, hint, created, revoked FROM keys"
FIND: Final = f"{_KEY} WHERE digest = ?"
_KEYS: Final = f"{_KEY} ORDER BY created, rowid"
_REVOKE: Final = "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL"
_FRESH: Final = "INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING"
_KNOWN: Final = "SELECT value FROM secrets WHERE name = ?"
_SECRETS: Final = "SELECT name, value FROM secrets WHERE substr(name, 1, length(?1)) = ?1"
_FORGET: Final = "DELETE FROM secrets WHERE name = ?"


def add(connection: apsw.Connection, key: Key, digest: bytes) -> None:
    """A new key, and its project when it is the first."""
    connection.execute(_PROJECT, (key.project, key.created))
    connection.execute(_ADD, (key.id, key.project, digest, key.hint, key.created, key.revoked))


def key(row: tuple[Any, ...]) -> Key:
    """A row of FIND."""
    return Key(id=row[0], project=row[1], hint=row[2], created=row[3], revoked=row[4])


def keys(connection: apsw.Connection) -> list[Key]:
    """All keys."""
    return [key(row) for row in rows(connection, _KEYS)]


def revoke(connection: apsw.Connection, id: str, now: float) -> bool:
    """Whether there was such a key in use."""
    connection.execute(_REVOKE, (now, id))
    return connection.changes() == 1


def secret(connection: apsw.Connection, name: str, fresh: bytes) -> bytes:
    """The first value that this name was given."""
    connection.execute(_FRESH, (name, fresh))
    value: bytes = rows(connection, _KNOWN, (name,))[0][0]
    return value


def secrets(connection: apsw.Connection, prefix: str) -> dict[str, bytes]:
    """What has a name that begins with this."""
    return dict(rows(connection, _SECRETS, (prefix,)))


def forget_secret(connection: apsw.Connection, name: str) -> None:
    """No secret of this name any more."""
    connection.execute(_FORGET, (name,))
