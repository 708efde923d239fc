"""Projects, API keys, and the server's own secrets."""

from typing import Any, Final

import msgspec

from interplay.store.database import Database, Steps, ask


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An API key, without its secret."""

    id: str
    project: str
    hint: str
    """The key's last four characters, for people."""
    created: float
    revoked: float | None = None


_PROJECT: Final = "INSERT INTO projects (id, created) VALUES (:project, :created) ON CONFLICT DO NOTHING"
_ADD: Final = (
    "INSERT INTO keys (id, project, digest, hint, created, revoked)"
    " VALUES (:id, :project, :digest, :hint, :created, :revoked)"
)
_KEY: Final = "SELECT id, project, hint, created, revoked FROM keys"
_FIND: Final = f"{_KEY} WHERE digest = :digest"
_ALL: Final = f"{_KEY} ORDER BY created, ctid"
_REVOKE: Final = "UPDATE keys SET revoked = :now WHERE id = :id AND revoked IS NULL RETURNING 1"
_KNOWN: Final = (
    # An update that changes nothing, so that whoever comes second gets the first one's value.
    "INSERT INTO secrets (name, value) VALUES (:name, :fresh) ON CONFLICT (name) DO UPDATE SET value = secrets.value"
    " RETURNING value"
)
_SECRETS: Final = "SELECT name, value FROM secrets WHERE substr(name, 1, length(:prefix)) = :prefix"
_FORGET: Final = "DELETE FROM secrets WHERE name = :name"


class Keys:
    """The part of a `Store` that keeps keys and secrets."""

    _database: Database

    async def add_key(self, key: Key, digest: bytes) -> None:
        """Keep a key by the SHA-256 of its secret. The project comes into being with its first key."""
        await self._database.transact(lambda: _add(key, digest))

    async def find_key(self, digest: bytes) -> Key | None:
        """The key with this SHA-256, revoked or not."""
        found = await self._database.find(_FIND, digest=digest)
        return _key(found[0]) if found else None

    async def keys(self) -> list[Key]:
        """All keys, oldest first."""
        return [_key(row) for row in await self._database.read(_ALL)]

    async def revoke_key(self, id: str, now: float) -> bool:
        """Make a key useless from now on; False when there is no such key in use."""
        return bool(await self._database.write_along(id, _REVOKE, id=id, now=now))

    async def secret(self, name: str, fresh: bytes) -> bytes:
        """The server's secret of this name; `fresh` becomes it when there was none."""
        value: bytes = (await self._database.write_along(name, _KNOWN, name=name, fresh=fresh))[0][0]
        return value

    async def secrets(self, prefix: str) -> dict[str, bytes]:
        """The server's secrets whose names begin with this."""
        return dict(await self._database.read(_SECRETS, prefix=prefix))

    async def forget_secret(self, name: str) -> None:
        """Remove a secret, if it is there."""
        await self._database.write_along(name, _FORGET, name=name)


def _add(key: Key, digest: bytes) -> Steps[None]:
    yield ask(_PROJECT, project=key.project, created=key.created)
    yield ask(_ADD, **msgspec.structs.asdict(key), digest=digest)


def _key(row: tuple[Any, ...]) -> Key:
    id, project, hint, created, revoked = row
    return Key(id=id, project=project, hint=hint, created=created, revoked=revoked)
