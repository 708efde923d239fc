"""Interactions without a run here: they have ended, or another server answers them, or nobody any more."""

import asyncio
from contextlib import closing, suppress
from typing import Final

import msgspec

from interplay.engine.status import NOT_ENDED
from interplay.runs.replay import replay
from interplay.store.base import Store
from interplay.store.interactions import StoredInteraction
from interplay.store.signals import LOOK_SECONDS, Attention

_encode = msgspec.json.Encoder().encode

PATIENCE_SECONDS: Final = 15.0
"""How long the end of what was asked to be cancelled is waited for: as long as it takes to take over a dead server's
runs."""
DELETION_SECONDS: Final = 2.0
"""The same of what is to be deleted, which needs no end: its readers should see one."""


class Elsewhere:
    """What can be done with them from here."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def resource(self, stored: StoredInteraction) -> bytes:
        """The Interaction as JSON; of one in progress, as of the last event that its server has written."""
        if stored.status not in NOT_ENDED:
            return stored.resource
        return _encode((await replay(self._store, stored)).folding.interaction())

    async def cancel(self, stored: StoredInteraction, seconds: float) -> None:
        """Ask for the end of one in progress, and wait for it.

        It may still be in progress when this returns: whoever owns it next will end it then.
        """
        with closing(self._store.signals.follow(stored.id)) as attention:
            await self._store.in_progress.ask_to_cancel(stored.project, stored.id)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._end(stored, attention)

    async def _end(self, stored: StoredInteraction, attention: Attention) -> None:
        while (now := await self._store.get(stored.project, stored.id)) and now.status in NOT_ENDED:
            await attention.news(LOOK_SECONDS)
        await self._store.in_progress.settled(stored.id)
