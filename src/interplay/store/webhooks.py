"""The port of the webhooks: receivers that a project has registered. What is sent to them is the outbox's."""

from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from interplay.store.database import Cursor

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


class WebhookStore(Protocol):
    """Webhooks, each seen by its project only."""

    async def add(self, webhook: StoredWebhook, most: int) -> bool:
        """Keep a new webhook; False when its project has `most` of them."""

    async def get(self, project: str, id: str) -> StoredWebhook | None:
        """One webhook, or None."""

    async def list(self, project: str, after: Cursor | None, limit: int) -> list[StoredWebhook]:
        """The next webhooks behind a place, oldest first."""

    async def update(
        self, project: str, id: str, change: Callable[[StoredWebhook], StoredWebhook]
    ) -> StoredWebhook | None:
        """Replace a webhook by what `change` makes of it, with nobody else between; None when it is not there.

        `change` may be called more than once, and what it raises is raised. One that becomes enabled is trusted again.
        """

    async def delete(self, project: str, id: str) -> bool:
        """Remove a webhook and all that was to be sent to it; False when it was not there."""
