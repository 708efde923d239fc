"""Projects, API keys and server secrets as Postgres rows."""

from typing import Any, Final

from interplay.store.keys import Key
from interplay.store.postgres.connections import text
from interplay.store.postgres.line import Statement

_ADD: Final = (
    "WITH project AS (INSERT INTO projects (id, created) VALUES (%(project)s, %(created)s) ON CONFLICT DO NOTHING) "
    "INSERT INTO keys (id, project, digest, hint, created, revoked)"
    " VALUES (%(id)s, %(project)s, %(digest)b, %(hint)s, %(created)s, %(revoked)s)"
)
_KEY: Final = "SELECT id, project, hint, created, revoked FROM keys"
_FIND: Final = f"{_KEY} WHERE digest = %b"
_KEYS: Final = f"{_KEY} ORDER BY created, ctid"
_REVOKE: Final = "UPDATE keys SET revoked = %s WHERE id = %s AND revoked IS NULL RETURNING 1"
_KNOWN: Final = (
    # An update that changes nothing, so that whoever comes second gets the first one's value.
    "INSERT INTO secrets (name, value) VALUES (%s, %b) ON CONFLICT (name) DO UPDATE SET value = secrets.value"
    " RETURNING value"
)
_SECRETS: Final = "SELECT name, value FROM secrets WHERE starts_with(name, %s)"
_FORGET: Final = "DELETE FROM secrets WHERE name = %s"


def adding(key: Key, digest: bytes) -> Statement:
    """A new key, and its project when it is the first."""
    values = {
        "id": key.id,
        "project": key.project,
        "digest": digest,
        "hint": key.hint,
        "created": key.created,
        "revoked": key.revoked,
    }
    return Statement(_ADD, values, order=key.project)


def finding(digest: bytes) -> Statement:
    """The key with this digest, for `key`."""
    return Statement(_FIND, (digest,))


def listing() -> Statement:
    """All keys, for `key`."""
    return Statement(_KEYS, ())


def key(row: tuple[Any, ...]) -> Key:
    """A row of `finding`."""
    return Key(id=row[0], project=row[1], hint=row[2], created=row[3], revoked=row[4])


def revoking(id: str, now: float) -> Statement:
    """Ends a key; a row when there was such a key in use."""
    return Statement(_REVOKE, (now, text(id)), order=id)


def secret(name: str, fresh: bytes) -> Statement:
    """The first value that this name was given."""
    return Statement(_KNOWN, (name, fresh), order=name)


def secrets(prefix: str) -> Statement:
    """Name and value of what has a name that begins with this."""
    return Statement(_SECRETS, (prefix,))


def forgetting(name: str) -> Statement:
    """No secret of this name any more."""
    return Statement(_FORGET, (name,), order=name)
