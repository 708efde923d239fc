"""Webhooks: receivers that a project has registered. What is sent to them is the outbox's."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from interplay.store.database import Cursor, Database, Steps, Value, ask

ENABLED: Final = "enabled"
GIVEN_UP: Final = "disabled_due_to_failed_deliveries"
"""The state of a webhook that has taken nothing for a day."""


class SigningSecret(msgspec.Struct, frozen=True):
    """What a webhook signs with."""

    value: str
    """As its owner got it: `whsec_` and base64."""
    expires: float | None = None
    """When it signs no more, seconds since 1970; None for the newest."""


class StoredWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook as it is kept."""

    project: str
    id: str
    name: str | None
    uri: str
    events: tuple[str, ...]
    """Types of the notices that it gets."""
    state: str
    """The wire's word; only `ENABLED` ones get notices."""
    created: float
    """Seconds since 1970."""
    updated: float
    secrets: tuple[SigningSecret, ...]
    """The newest first."""


SECRETS: Final = msgspec.json.Decoder(tuple[SigningSecret, ...])
_COLUMNS: Final = "project, id, name, uri, events, state, created, updated, secrets"
# S608 below: all pieces of these statements are constants of this module.
_ADD: Final = (
    f"INSERT INTO webhooks ({_COLUMNS}, healthy) SELECT :project, :id, :name, :uri, :events,"  # noqa: S608
    " :state, :created, :updated, :secrets, NOW"
    " WHERE (SELECT count(*) FROM webhooks WHERE project = :project) < :most RETURNING 1"
)
_GET: Final = f"SELECT {_COLUMNS} FROM webhooks WHERE id = :id AND project = :project"  # noqa: S608
_LIST: Final = (
    f"SELECT {_COLUMNS} FROM webhooks WHERE project = :project AND (created, id) > (:created, :after)"  # noqa: S608
    " ORDER BY created, id LIMIT :limit"
)
_UPDATE: Final = (
    "UPDATE webhooks SET name = :name, uri = :uri, events = :events, state = :state, updated = :updated,"  # noqa: S608
    f" secrets = :secrets, healthy = CASE WHEN :state = '{ENABLED}' AND state <> :state THEN NOW ELSE healthy END"
    " WHERE id = :id"
)
_DROP: Final = "DELETE FROM deliveries WHERE webhook = :id"
_DELETE: Final = "DELETE FROM webhooks WHERE id = :id AND project = :project RETURNING 1"
_BEFORE_ALL: Final = Cursor(float("-inf"), "")

Edit = Callable[[StoredWebhook], StoredWebhook]


class WebhookStore:
    """Webhooks, each seen by its project only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, webhook: StoredWebhook, most: int) -> bool:
        """Keep a new webhook; False when its project has `most` of them."""
        return bool(await self._database.write(_ADD, **_values(webhook), most=most))

    async def get(self, project: str, id: str) -> StoredWebhook | None:
        """One webhook, or None."""
        found = await self._database.read(_GET, project=project, id=id)
        return _stored(found[0]) if found else None

    async def list(self, project: str, after: Cursor | None, limit: int) -> list[StoredWebhook]:
        """The next webhooks behind a cursor, oldest first."""
        last = after or _BEFORE_ALL
        found = await self._database.read(_LIST, project=project, created=last.created, after=last.id, limit=limit)
        return [_stored(row) for row in found]

    async def update(self, project: str, id: str, change: Edit) -> StoredWebhook | None:
        """Replace a webhook by what `change` makes of it, with nobody else between; None when it is not there.

        `change` may be called more than once, and what it raises is raised. One that becomes enabled is trusted again.
        """
        return await self._database.transact(lambda: _update(project, id, change))

    async def delete(self, project: str, id: str) -> bool:
        """Remove a webhook and all that was to be sent to it; False when it was not there."""
        return await self._database.transact(lambda: _delete(project, id))


def _update(project: str, id: str, change: Edit) -> Steps[StoredWebhook | None]:
    found = yield ask(f"{_GET} FOR UPDATE", project=project, id=id)
    if not found:
        return None
    new = change(_stored(found[0]))
    yield ask(_UPDATE, **_values(new))
    return new


def _delete(project: str, id: str) -> Steps[bool]:
    """Deliveries before their webhook, in the order in which those who send them lock the two."""
    if not (yield ask(_GET, project=project, id=id)):
        return False
    yield ask(_DROP, id=id)
    return bool((yield ask(_DELETE, project=project, id=id)))


def _values(webhook: StoredWebhook) -> dict[str, Value]:
    return msgspec.structs.asdict(webhook) | {
        # In a form in which a whole one can be searched for.
        "events": f" {' '.join(webhook.events)} ",
        "secrets": msgspec.json.encode(webhook.secrets),
    }


def _stored(row: tuple[Any, ...]) -> StoredWebhook:
    project, id, name, uri, events, state, created, updated, secrets = row
    return StoredWebhook(
        project=project,
        id=id,
        name=name,
        uri=uri,
        events=tuple(events.split()),
        state=state,
        created=created,
        updated=updated,
        secrets=SECRETS.decode(secrets),
    )
