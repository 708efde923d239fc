"""The port of the durable state: interactions and their events, projects and keys.

Every row belongs to a project, and every method that takes a project sees that project's rows only. Payloads
are bytes as they were sent or will be answered; the store does not look inside them. All methods raise Failure
`storage_full` when the disk takes no more, and leave nothing half-done. `tests/store/test_conformance.py` runs
over all adapters.

A conversation is a tree of turns. Turns live on branches, unique by (branch, depth); the first child of a turn
goes on with its branch, every other child starts a branch that remembers where it forked. So a conversation of
any length loads by one range scan per branch.
"""

from collections.abc import Sequence
from typing import Protocol

from interplay.store.blobs import BlobIndex
from interplay.store.in_progress import InProgress
from interplay.store.interactions import Ending, LoggedEvent, NewInteraction, StoredInteraction, Turn
from interplay.store.keys import Key
from interplay.store.limits import LimitStore
from interplay.store.outbox import Outbox
from interplay.store.signals import Signals
from interplay.store.trigger_store import TriggerStore
from interplay.store.usage import UsageStore
from interplay.store.webhooks import WebhookStore
from interplay.store.work import WorkStore


class Store(Protocol):
    """Everything that must survive a crash."""

    @property
    def work(self) -> WorkStore:
        """Background interactions that have not ended; there once the store is open."""

    @property
    def blobs(self) -> BlobIndex:
        """Which blobs there are; there once the store is open."""

    @property
    def triggers(self) -> TriggerStore:
        """Triggers and their executions; there once the store is open."""

    @property
    def limits(self) -> LimitStore:
        """What limits are held by; there once the store is open."""

    @property
    def usage(self) -> UsageStore:
        """What was used; there once the store is open."""

    @property
    def webhooks(self) -> WebhookStore:
        """The webhooks of all projects; there once the store is open."""

    @property
    def outbox(self) -> Outbox:
        """Notices to be sent to them; there once the store is open."""

    async def open(self) -> None:
        """Connect, bring the tables to this release's schema, refuse a newer one."""

    async def close(self) -> None:
        """Write out what is pending and let go of every file, thread and connection."""

    # Families with a port of their own, there while the store is open

    @property
    def signals(self) -> Signals:
        """What the servers of this store tell each other. What the store itself changes, it tells."""

    @property
    def in_progress(self) -> InProgress:
        """What is in progress, and what of it is to be cancelled."""

    # Interactions

    async def insert(self, interaction: NewInteraction) -> None:
        """Keep an accepted interaction; durable when this returns.

        Raises `not_found` when `previous_id` or one of its blobs is no longer there, `invalid_request` when the former
        is still in progress.
        """

    async def finish(self, ending: Ending) -> bool:
        """Set the terminal status and the whole Interaction; durable when this returns, with all that goes along.

        What its key has used is added up, and the notice is in the outbox for everybody who is to get it.

        False, and nothing is done, when the interaction is no longer there (deleted while it ran), had ended before,
        or is another owner's by now.
        """

    async def get(self, project: str, id: str) -> StoredInteraction | None:
        """One interaction, or None."""

    async def history(self, project: str, id: str) -> list[Turn]:
        """The conversation up to and including this turn, oldest first. Deleted turns are left out.

        Raises `not_found` when the turn itself is not there.
        """

    async def delete(self, project: str, id: str) -> bool:
        """Remove an interaction with its input and its events; False when it was not there."""

    async def expire(self, now: float, limit: int = 500) -> int:
        """Delete at most `limit` ended interactions whose time has come, of all projects; how many."""

    # Events

    async def append(self, events: Sequence[LoggedEvent], *, owner: str) -> set[str]:
        """Add to the logs, all or nothing. Survives the death of this process once it returns.

        A sequence that is there already, of whatever attempt, is refused with `internal`. Events of an interaction
        that is not this owner's, or not there, are dropped: its run may not know yet that it was deleted or taken
        over. The ids of these interactions are returned.
        """

    async def events(self, interaction: str, after: int = 0, limit: int = 1000) -> list[LoggedEvent]:
        """The events with a higher sequence than `after`, in order."""

    # Servers

    async def seen(self, server: str) -> None:
        """Note that this owner of interactions lives now, by the database's own clock: machines need not agree."""

    async def left(self, server: str) -> None:
        """Forget an owner: it has stopped, and what it may have left in progress can be taken over at once."""

    async def take_over(self, server: str, silent_seconds: float, limit: int = 100) -> list[StoredInteraction]:
        """Make this the owner of at most `limit` interactions in progress, of all projects, whose owner is gone.

        Work is left to `work.requeue`. Gone is who was never seen, or not for `silent_seconds`; `server` itself is
        seen if it gets any. Each interaction goes to one taker only, and what its earlier owner still tries to write
        is refused from then on.
        """

    # Keys

    async def add_key(self, key: Key, digest: bytes) -> None:
        """Keep a key by the SHA-256 of its secret. The project comes into being with its first key."""

    async def find_key(self, digest: bytes) -> Key | None:
        """The key with this SHA-256, revoked or not."""

    async def keys(self) -> list[Key]:
        """All keys, oldest first."""

    async def revoke_key(self, id: str, now: float) -> bool:
        """Make a key useless from now on; False when there is no such key in use."""

    # Server secrets

    async def secret(self, name: str, fresh: bytes) -> bytes:
        """The server's secret of this name; `fresh` becomes it when there was none."""

    async def secrets(self, prefix: str) -> dict[str, bytes]:
        """The server's secrets whose names begin with this."""

    async def forget_secret(self, name: str) -> None:
        """Remove a secret, if it is there."""
