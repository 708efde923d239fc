"""Interactions: the runs of this process, their endpoints, and the loops that look after them."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Final

from interplay import clock, ids, wire
from interplay.api.interactions import Interactions
from interplay.api.operation import Known
from interplay.engine.continuation import Continuations
from interplay.engine.seal import CONTINUATION, THOUGHT, Seal
from interplay.jobs.loop import Loop
from interplay.jobs.retention import SECONDS, Retention
from interplay.models.catalogue import Catalogue
from interplay.parts.part import Part, Process
from interplay.runs.accepting import Acceptance
from interplay.runs.conversations import Conversations
from interplay.runs.limits import Limits
from interplay.runs.metering import Meter
from interplay.runs.past import Past
from interplay.runs.runs import Runs
from interplay.store.signals import LOOK_SECONDS, waking

_SETTLE_SECONDS: Final = 5.0
"""Between two tries to keep an end that could not be kept."""
_WORK_SECONDS: Final = 1.0
"""Between two looks for background work that waits, where nothing has said that there is some."""
_STRAYS_SECONDS: Final = 5.0
"""Between two looks for what is in progress here and nobody here knows of."""


class InteractionsPart(Part):
    """The interactions of one server. `check_webhooks` judges what a request asks for."""

    runs: Runs
    """There once the part is open."""

    def __init__(
        self,
        process: Process,
        catalogue: Catalogue,
        meter: Meter,
        limits: Limits,
        check_webhooks: Callable[[wire.WebhookConfig], None],
    ) -> None:
        self._process = process
        self._server = process.settings.server
        self._catalogue = catalogue
        self._meter = meter
        self._limits = limits
        self._check_webhooks = check_webhooks

    async def open(self, stack: AsyncExitStack) -> None:
        """At the stop, let what runs finish."""
        self.runs = await self._make_runs()
        stack.push_async_callback(self.drain)

    async def drain(self) -> None:
        """Take no new runs; let those in progress finish within the grace period, and end the others."""
        await self.runs.close(self._server.grace_seconds)

    def loops(self) -> Sequence[Loop]:
        """They begin what waits, stop what is to be stopped, keep what could not be kept, and forget."""
        runs, signals, observe = self.runs, self._process.store.signals, self._process.observe
        work = Loop("work", runs.background.tick, _WORK_SECONDS, observe)
        oversight = Loop("oversight", runs.oversight.tick, LOOK_SECONDS, observe)
        runs.background.on_wake(work.wake)
        signals.hear(waking(work.wake, runs.background.concerned))
        signals.hear(waking(oversight.wake, runs.oversight.concerned))
        retention = Retention(self._process.store, clock.system, observe, runs.forget)
        return (
            Loop("retention", retention.tick, SECONDS, observe),
            work,
            oversight,
            Loop("strays", runs.strays.tick, _STRAYS_SECONDS, observe),
            Loop("settling", runs.settle, _SETTLE_SECONDS, observe),
        )

    def routes(self) -> Sequence[Known]:
        """The resource."""
        heartbeat = self._server.heartbeat_seconds
        return Interactions(self.runs, heartbeat_seconds=heartbeat).routes()

    async def _make_runs(self) -> Runs:
        process = self._process
        # What another server deletes must not be shown to a model here, so nothing is held that others may delete.
        conversations = Conversations() if process.alone else Conversations(most_bytes=0)
        return Runs(
            store=process.store,
            acceptance=await self._make_acceptance(conversations),
            conversations=conversations,
            meter=self._meter,
            limits=self._limits,
            clock=clock.system,
            owner=process.owner,
            retention_seconds=self._server.retention_seconds,
            most_background=self._server.background_runs,
            background_tries=self._server.background_tries,
            observe=process.observe,
        )

    async def _make_acceptance(self, conversations: Conversations) -> Acceptance:
        store = self._process.store
        key = await store.secret("thought-signatures", secrets.token_bytes(32))
        return Acceptance(
            past=Past(store, conversations),
            catalogue=self._catalogue,
            thoughts=Seal(key, THOUGHT),
            continuations=Continuations(Seal(key, CONTINUATION), self._server.decode_limit_tokens),
            clock=clock.system,
            new_id=ids.interaction_id,
            new_call_id=ids.call_id,
            check_webhooks=self._check_webhooks,
        )
