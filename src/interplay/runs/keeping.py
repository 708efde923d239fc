"""Keeping an interaction from its acceptance on."""

import msgspec

from interplay import wire
from interplay.caller import Caller
from interplay.clock import Clock
from interplay.store.base import Store
from interplay.store.interactions import NewInteraction, Work

_encode = msgspec.json.Encoder().encode


class Keeping:
    """Writes accepted interactions down; `retention_seconds` later they are removed, or never."""

    def __init__(self, store: Store, clock: Clock, retention_seconds: float | None) -> None:
        self._store = store
        self._clock = clock
        self._retention = retention_seconds

    async def keep(
        self,
        caller: Caller,
        request: wire.CreateInteraction,
        accepted: wire.Interaction,
        owner: str,
        work: Work | None = None,
    ) -> None:
        """Durable when this returns."""
        created = self._clock()
        await self._store.insert(
            NewInteraction(
                project=caller.project,
                id=accepted.id,
                previous_id=request.previous_interaction_id,
                status=accepted.status,
                model=accepted.model or "",
                created=created,
                expires=created + self._retention if self._retention is not None else None,
                owner=owner,
                input=bytes(request.input),
                resource=_encode(accepted),
                key=caller.key,
                work=work,
            )
        )
