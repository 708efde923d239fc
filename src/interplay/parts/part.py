"""What a part of the server is, and what all parts of one process have in common."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

import msgspec

from interplay.api.operation import Known
from interplay.jobs.loop import Loop
from interplay.observe import Observer
from interplay.settings import Settings
from interplay.store.base import Store


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """One server process."""

    settings: Settings
    store: Store
    owner: str
    """Its name to the store, unique per start."""
    observe: Observer

    @property
    def alone(self) -> bool:
        """Whether no other server can have the same store."""
        return self.settings.server.database is None


class Part:
    """A feature of the server. What it does not need it leaves as it is here."""

    async def open(self, stack: AsyncExitStack) -> None:
        """Become usable, while all parts before it are; what is on the stack is undone at the stop, last first."""

    def loops(self) -> Sequence[Loop]:
        """What it does in the background, asked once when it is open. They stop before anything of it is undone."""
        return ()

    def routes(self) -> Sequence[Known]:
        """Its endpoints, once it is open."""
        return ()

    def ready(self) -> dict[str, bool]:
        """Whether requests may come, by the names of what it knows of; `/readyz` shows them."""
        return {}
