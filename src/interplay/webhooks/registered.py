"""Registered receivers: everything that can be done with the webhooks of a project."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from interplay import wire
from interplay.clock import Clock, timestamp
from interplay.errors import invalid, not_found, shown
from interplay.store.database import Cursor
from interplay.store.webhooks import ENABLED, SigningSecret, StoredWebhook, WebhookStore
from interplay.webhooks.posting import Posting
from interplay.webhooks.reach import Reach
from interplay.webhooks.sending import NotTaken
from interplay.webhooks.signing import new_secret, valid
from interplay.wire.webhooks import IMMEDIATELY

_MOST: Final = 1000
"""Webhooks of one project: each of its background interactions looks at all of them."""
_MOST_SECRETS: Final = 10
"""Secrets of one webhook that sign at once: each is a signature in the header."""
_DAY: Final = 86_400.0
_HINT: Final = 4


class Registered:
    """The webhooks of all projects, each seen by its project only."""

    def __init__(
        self,
        store: WebhookStore,
        reach: Reach,
        posting: Posting,
        clock: Clock,
        new_id: Callable[[], str],
        new_message_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._reach = reach
        self._posting = posting
        self._clock = clock
        self._new_id = new_id
        self._new_message_id = new_message_id

    async def create(self, project: str, asked: wire.WebhookInput) -> wire.Webhook:
        """Register a receiver; the only answer that has its whole secret."""
        self._reach.check(asked.uri, "uri")
        webhook = self._new(project, asked)
        if not await self._store.add(webhook, _MOST):
            raise invalid(f"The project has {_MOST} webhooks: expected at most that many. Delete one first.")
        return msgspec.structs.replace(self._shown(webhook), new_signing_secret=webhook.secrets[0].value)

    async def get(self, project: str, id: str) -> wire.Webhook:
        """One webhook."""
        return self._shown(_there(await self._store.get(project, id), id))

    async def list(
        self, project: str, after: Cursor | None, size: int
    ) -> tuple[tuple[wire.Webhook, ...], Cursor | None]:
        """A page behind a place, the oldest first, and the place that the next one is behind, if there is one."""
        found = await self._store.list(project, after, size + 1)
        page = found[:size]
        more = Cursor(page[-1].created, page[-1].id) if len(found) > size else None
        return tuple(map(self._shown, page)), more

    async def update(self, project: str, id: str, changes: Mapping[str, Any]) -> wire.Webhook:
        """Change some of name, uri, subscribed_events and state."""
        if "uri" in changes:
            self._reach.check(changes["uri"], "uri")
        changes = {_KEPT_AS.get(field, field): value for field, value in changes.items()} | {"updated": self._clock()}
        changed = await self._store.update(project, id, lambda before: msgspec.structs.replace(before, **changes))
        return self._shown(_there(changed, id))

    async def delete(self, project: str, id: str) -> None:
        """Remove a webhook; what was to be sent to it is not sent any more."""
        if not await self._store.delete(project, id):
            raise _not_found(id)

    async def rotate(self, project: str, id: str, behavior: str) -> str:
        """Give it another secret, which is handed back; the previous ones sign for another day, or no more."""
        secret, now = SigningSecret(new_secret()), self._clock()

        def rotated(before: StoredWebhook) -> StoredWebhook:
            previous = () if behavior == IMMEDIATELY else _expiring(valid(before.secrets, now), now + _DAY)
            return msgspec.structs.replace(before, secrets=(secret, *previous), updated=now)

        _there(await self._store.update(project, id, rotated), id)
        return secret.value

    async def ping(self, project: str, id: str) -> None:
        """Send it a message now. Raises Failure `invalid_request` with the reason when it is not taken."""
        webhook = _there(await self._store.get(project, id), id)
        body = {"type": "webhook.ping", "version": "v1", "timestamp": timestamp(self._clock()), "data": {"id": id}}
        outcome = await self._posting.to_registered(
            webhook.uri, webhook.secrets, self._new_message_id(), msgspec.json.encode(body)
        )
        if isinstance(outcome, NotTaken):
            raise invalid(f"The receiver of webhook {shown(id)} did not take the ping: {outcome.reason}.")

    def _new(self, project: str, asked: wire.WebhookInput) -> StoredWebhook:
        now = self._clock()
        return StoredWebhook(
            project=project,
            id=self._new_id(),
            name=asked.name,
            uri=asked.uri,
            events=asked.subscribed_events,
            state=ENABLED,
            created=now,
            updated=now,
            secrets=(SigningSecret(new_secret()),),
        )

    def _shown(self, webhook: StoredWebhook) -> wire.Webhook:
        return wire.Webhook(
            id=webhook.id,
            name=webhook.name,
            uri=webhook.uri,
            subscribed_events=webhook.events,
            state=webhook.state,
            create_time=timestamp(webhook.created),
            update_time=timestamp(webhook.updated),
            signing_secrets=tuple(map(_hint, valid(webhook.secrets, self._clock()))),
        )


_KEPT_AS: Final = {"subscribed_events": "events"}


def _expiring(secrets: tuple[SigningSecret, ...], then: float) -> tuple[SigningSecret, ...]:
    if len(secrets) >= _MOST_SECRETS:
        raise invalid(
            f"The webhook has {len(secrets)} secrets that are still valid, expected fewer than {_MOST_SECRETS}: rotate "
            f"with 'revocation_behavior' {shown(IMMEDIATELY)}, or wait until one has expired."
        )
    return tuple(
        secret if secret.expires is not None else msgspec.structs.replace(secret, expires=then) for secret in secrets
    )


def _hint(secret: SigningSecret) -> wire.SigningSecret:
    expires = None if secret.expires is None else timestamp(secret.expires)
    return wire.SigningSecret(truncated_secret=f"...{secret.value[-_HINT:]}", expire_time=expires)


def _there(found: StoredWebhook | None, id: str) -> StoredWebhook:
    if found is None:
        raise _not_found(id)
    return found


def _not_found(id: str) -> Exception:
    return not_found(f"Webhook {shown(id)} was not found.")
