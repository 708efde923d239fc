"""The port of the durable state: interactions and their events, projects and keys.

Every row belongs to a project, and every method that takes a project sees that project's rows only. Payloads
are bytes as they were sent or will be answered; the store does not look inside them. All methods raise Failure
`storage_full` when the disk takes no more, and leave nothing half-done. `tests/store/test_conformance.py` runs
over all adapters.

A conversation is a tree of turns. Turns live on branches, unique by (branch, depth); the first child of a turn
goes on with its branch, every other child starts a branch that remembers where it forked. So a conversation of
any length loads by one range scan per branch.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from interplay.store.blobs import BlobIndex
from interplay.store.database import Database
from interplay.store.in_progress import InProgress
from interplay.store.interactions import Ending, LoggedEvent, NewInteraction, StoredInteraction, Turn
from interplay.store.keys import Keys
from interplay.store.limits import LimitStore
from interplay.store.outbox import Outbox
from interplay.store.servers import Servers
from interplay.store.signals import Signals
from interplay.store.trigger_store import TriggerStore
from interplay.store.usage import UsageStore
from interplay.store.webhooks import WebhookStore
from interplay.store.work import WorkStore


class Store(Keys, Servers, ABC):
    """Everything that must survive a crash. The families are there while it is open."""

    signals: Signals
    """What the servers of this store tell each other. What the store itself changes, it tells."""
    limits: LimitStore
    """What limits are held by."""
    work: WorkStore
    """Background interactions that have not ended."""
    in_progress: InProgress
    """What is in progress, and what of it is to be cancelled."""
    blobs: BlobIndex
    """Which blobs there are."""
    triggers: TriggerStore
    """Triggers and their executions."""
    usage: UsageStore
    """What was used."""
    webhooks: WebhookStore
    """The webhooks of all projects."""
    outbox: Outbox
    """Notices to be sent to them."""

    def _open_families(self, database: Database) -> None:
        """Open the families whose SQL is alike in every database. `signals` must be there."""
        self._database = database
        self.in_progress = InProgress(database, self.signals.tell)
        self.blobs = BlobIndex(database)
        self.triggers = TriggerStore(database)
        self.usage = UsageStore(database)
        self.webhooks = WebhookStore(database)
        self.outbox = Outbox(database)

    @abstractmethod
    async def open(self) -> None:
        """Connect, bring the tables to this release's schema, refuse a newer one."""

    @abstractmethod
    async def close(self) -> None:
        """Write out what is pending and let go of every file, thread and connection."""

    # Interactions

    @abstractmethod
    async def insert(self, interaction: NewInteraction) -> None:
        """Keep an accepted interaction; durable when this returns.

        Raises `not_found` when `previous_id` or one of its blobs is no longer there, `invalid_request` when the former
        is still in progress.
        """

    @abstractmethod
    async def finish(self, ending: Ending) -> bool:
        """Set the terminal status and the whole Interaction; durable when this returns, with all that goes along.

        What its key has used is added up, and the notice is in the outbox for everybody who is to get it.

        False, and nothing is done, when the interaction is no longer there (deleted while it ran), had ended before,
        or is another owner's by now.
        """

    @abstractmethod
    async def get(self, project: str, id: str) -> StoredInteraction | None:
        """One interaction, or None."""

    @abstractmethod
    async def history(self, project: str, id: str) -> list[Turn]:
        """The conversation up to and including this turn, oldest first. Deleted turns are left out.

        Raises `not_found` when the turn itself is not there.
        """

    @abstractmethod
    async def delete(self, project: str, id: str) -> bool:
        """Remove an interaction with its input and its events; False when it was not there."""

    @abstractmethod
    async def expire(self, now: float, limit: int = 500) -> int:
        """Delete at most `limit` ended interactions whose time has come, of all projects; how many."""

    # Events

    @abstractmethod
    async def append(self, events: Sequence[LoggedEvent], *, owner: str) -> set[str]:
        """Add to the logs, all or nothing. Survives the death of this process once it returns.

        A sequence that is there already, of whatever attempt, is refused with `internal`. Events of an interaction
        that is not this owner's, or not there, are dropped: its run may not know yet that it was deleted or taken
        over. The ids of these interactions are returned.
        """

    @abstractmethod
    async def events(self, interaction: str, after: int = 0, limit: int = 1000) -> list[LoggedEvent]:
        """The events with a higher sequence than `after`, in order."""
