"""The composition root: settings become parts, parts become a server.

This module, `backends.py`, `hooks.py` and `stores.py` are the only ones that name concrete classes.
"""

import secrets
import shlex
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from types import TracebackType
from typing import Final, Self

from interplay import clock, ids
from interplay.access.first_key import UNKNOWN_KEY, FirstKey
from interplay.access.trusted import Trusted
from interplay.api.auth import Door
from interplay.api.body import MIB
from interplay.api.classic import Classic
from interplay.api.cors import Cors
from interplay.api.decisions import Decisions
from interplay.api.health import Health
from interplay.api.interactions import Interactions
from interplay.api.models import Models
from interplay.api.openapi import Document
from interplay.api.server import Server
from interplay.api.triggers import TriggerRoutes
from interplay.api.unserved import Unserved
from interplay.api.webhooks import Webhooks
from interplay.backends import Backends
from interplay.clock import Clock
from interplay.engine.continuation import Continuations
from interplay.engine.seal import CONTINUATION, THOUGHT, Seal
from interplay.errors import Failure, listed
from interplay.hooks import Hooks
from interplay.jobs.blobs import SECONDS as BLOBS_SECONDS
from interplay.jobs.blobs import BlobSweep
from interplay.jobs.liveness import BEAT_SECONDS, SILENT_SECONDS, SWEEP_SECONDS, Heartbeat, Sweep
from interplay.jobs.loop import Loop
from interplay.jobs.memory import SECONDS as MEMORY_SECONDS
from interplay.jobs.memory import Memory
from interplay.jobs.retention import SECONDS, Retention
from interplay.jobs.triggers import ALONE_SECONDS, FAULT_SECONDS, SHARING_SECONDS, TriggerClock, TriggerHistory
from interplay.models.catalogue import Catalogue
from interplay.models.openai import OpenAIBackend
from interplay.observe import Observer, tee
from interplay.observe.logs import logging
from interplay.observe.metrics import Metrics
from interplay.runs.accepting import Acceptance
from interplay.runs.conversations import Conversations
from interplay.runs.counting import Counting
from interplay.runs.deciding import Deciding
from interplay.runs.limits import Limits
from interplay.runs.metering import SECONDS as METER_SECONDS
from interplay.runs.metering import Meter
from interplay.runs.past import Past
from interplay.runs.recovery import recover
from interplay.runs.runs import Runs
from interplay.settings import LimitsSettings, Settings, SettingsError
from interplay.store.signals import LOOK_SECONDS, waking
from interplay.store.sqlite.only_server import only_server
from interplay.stores import blobs_of, store_of
from interplay.triggers.executing import Executing
from interplay.triggers.settling import Settling
from interplay.triggers.triggers import Triggers

_DAY: Final = 86_400.0
_SETTLE_SECONDS: Final = 5.0
"""Between two tries to keep an end that could not be kept."""
_WORK_SECONDS: Final = 1.0
"""Between two looks for background work that waits, where nothing has said that there is some."""
_COUNT_SECONDS: Final = 2.0
"""Between two tries to write what could not be counted."""
_STRAYS_SECONDS: Final = 5.0
"""Between two looks for what is in progress here and nobody here knows of."""
_GUIDE_MODEL: Final = "gemini-3.5-flash"


class App:
    """All parts of one server process, opened and closed together."""

    def __init__(
        self, settings: Settings, upstream: str | None = None, *, serves: bool = True, now: Clock | None = None
    ) -> None:
        self._settings = settings
        self._now = now
        """What time it is for limits; the store's own time if it is not said."""
        self._serves = serves
        """Whether it has the API, and not only health and metrics."""
        self._metrics = Metrics()
        self._store = store_of(settings)
        self._hooks = Hooks(settings.webhooks, self._store)
        self._observe: Observer = tee(self._metrics, logging(), self._hooks.observe)
        self._shared = settings.server.database is not None
        """Whether other servers may have the same store."""
        self._parts: dict[str, Callable[[], bool]] = {}
        """What must be ready beside the backends."""
        self._backends = Backends(settings, upstream, self._observe)
        self.catalogue = Catalogue(self._backends.entries)
        self._stack = AsyncExitStack()
        self._meter: Meter
        self._limits: Limits
        self._runs: Runs
        self._triggers: Triggers
        self.asgi: Server
        """The application; there once the app is entered."""

    async def __aenter__(self) -> Self:
        """Open the store, end what a crash left, start the engines, then be ready for requests."""
        async with AsyncExitStack() as stack:
            if not self._shared:
                stack.enter_context(only_server(self._settings.data_folder()))
            await self._store.open()
            stack.push_async_callback(self._store.close)
            owner = ids.owner()
            await self._watch(owner, stack)
            await self._open_blobs(stack)
            await self._backends.open(stack)
            self._meter = Meter(self._store, owner, self._observe)
            stack.push_async_callback(self._meter.tick)
            self._limits = await self._make_limits(owner, stack)
            self._runs = await self._make_runs(owner)
            stack.push_async_callback(self.drain)
            self._start(stack, *self._loops())
            self._open_triggers(owner, stack)
            await self._hooks.open(owner, stack, self._observe, alone=not self._shared)
            self.asgi = self._server()
            self._stack = stack.pop_all()
        return self

    def leave(self) -> None:
        """Say that it is not ready, for good: whoever sends requests shall send them elsewhere."""
        self._parts["serving"] = lambda: False

    async def drain(self) -> None:
        """Take no new runs; let those in progress finish within the grace period, and end the others."""
        await self._runs.close(self._settings.server.grace_seconds)

    async def shown_key(self, *, on_a_terminal: bool) -> str:
        """The key for the greeting, as a word for the shell.

        The secret itself is shown when it was made just now, or to a terminal; a log gets the name of its file.
        """
        if not self._settings.server.auth:
            return "none-needed"
        first = FirstKey(self._settings.data_folder(), self._store, clock.system)
        secret = await first.secret()
        if secret is None:
            return UNKNOWN_KEY  # the owner has made keys, or revoked this one: interplay keys create makes another
        return secret if first.made or on_a_terminal else f"$(cat {shlex.quote(str(first.file))})"

    async def example_model(self) -> str:
        """A name to show in examples: the guide's, if it is served."""
        names = await self.catalogue.names()
        return _GUIDE_MODEL if _GUIDE_MODEL in names else next(iter(names), _GUIDE_MODEL)

    async def lacking(self, upstream: str) -> str | None:
        """What is wrong with the upstream that was given, for the operator."""
        names = await self.catalogue.names()
        if not names:
            away = "does not answer, refuses to list its models, or lists none"
            return f"The upstream {upstream} {away}: nothing is served until it does."
        if _GUIDE_MODEL not in names:
            return f"The upstream {upstream} lists no model that can chat: Google's model names are not served."
        return None

    async def answering(self, name: str) -> str | None:
        """Which model answers for a name, and where it is if it is not here."""
        try:
            served = await self.catalogue.resolve(name)
        except Failure:  # an upstream that is away
            return None
        at = f" at {served.backend.base_url}" if isinstance(served.backend, OpenAIBackend) else ""
        return served.model + at

    async def __aexit__(
        self, type: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Finish what runs, then close everything in the reverse order."""
        await self._stack.aclose()

    async def _make_runs(self, owner: str) -> Runs:
        key = await self._store.secret("thought-signatures", secrets.token_bytes(32))
        days = self._settings.server.retention_days
        # What another server deletes must not be shown to a model here, so nothing is held that others may delete.
        conversations = Conversations(most_bytes=0) if self._shared else Conversations()
        acceptance = Acceptance(
            past=Past(self._store, conversations),
            catalogue=self.catalogue,
            thoughts=Seal(key, THOUGHT),
            continuations=Continuations(Seal(key, CONTINUATION), self._settings.server.decode_limit_tokens),
            clock=clock.system,
            new_id=ids.interaction_id,
            new_call_id=ids.call_id,
            check_webhooks=self._hooks.check,
        )
        return Runs(
            store=self._store,
            acceptance=acceptance,
            conversations=conversations,
            meter=self._meter,
            limits=self._limits,
            clock=clock.system,
            owner=owner,
            retention_seconds=days * _DAY if days else None,
            most_background=self._settings.server.background_runs,
            background_tries=self._settings.server.background_tries,
            observe=self._observe,
        )

    async def _make_limits(self, owner: str, stack: AsyncExitStack) -> Limits:
        limits = self._settings.limits
        if unknown := sorted(set(limits.keys) - {key.id for key in await self._store.keys()}):
            raise SettingsError(
                f"There are limits for keys that this server does not know: {listed(unknown)}. Expected ids of "
                "'interplay keys list'."
            )
        counting = Counting(self._store, owner, silent_seconds=SILENT_SECONDS, clock=self._now)
        stack.push_async_callback(counting.settled)
        if limits != LimitsSettings():
            self._start(stack, Loop("limits", counting.tick, _COUNT_SECONDS, self._observe))
        return Limits(limits, self._store, counting, self._observe)

    async def _watch(self, owner: str, stack: AsyncExitStack) -> None:
        """End what dead servers left: now where this is the only one, else in loops, as soon as they are known dead."""
        if not self._shared:
            await self._recover(silent_seconds=0)
            return
        await self._store.seen(owner)
        stack.push_async_callback(self._leave, owner)
        heartbeat = Heartbeat(self._store, owner, time.monotonic, self._observe)
        sweep = Sweep(heartbeat, partial(self._recover, SILENT_SECONDS))
        self._parts["database"] = heartbeat.lately
        self._start(
            stack,
            Loop("heartbeat", heartbeat.tick, BEAT_SECONDS, self._observe),
            Loop("sweep", sweep.tick, SWEEP_SECONDS, self._observe),
        )

    async def _open_blobs(self, stack: AsyncExitStack) -> None:
        blobs = blobs_of(self._settings, self._store)
        if blobs is not None:
            await blobs.open()
            sweep = BlobSweep(blobs, self._observe)
            self._parts["blobs"] = sweep.usable
            self._start(stack, Loop("blobs", sweep.tick, BLOBS_SECONDS, self._observe))

    async def _recover(self, silent_seconds: float) -> None:
        await recover(self._store, ids.owner(), silent_seconds, clock.system, self._observe)

    async def _leave(self, owner: str) -> None:
        with suppress(Failure):  # then the others find out by themselves
            await self._store.left(owner)

    def _loops(self) -> list[Loop]:
        work = Loop("work", self._runs.background.tick, _WORK_SECONDS, self._observe)
        self._runs.background.on_wake(work.wake)
        oversight = Loop("oversight", self._runs.oversight.tick, LOOK_SECONDS, self._observe)
        self._store.signals.hear(waking(work.wake, self._runs.background.concerned))
        self._store.signals.hear(waking(oversight.wake, self._runs.oversight.concerned))
        retention = Retention(self._store, clock.system, self._observe, self._runs.forget)
        return [
            Loop("retention", retention.tick, SECONDS, self._observe),
            work,
            oversight,
            Loop("strays", self._runs.strays.tick, _STRAYS_SECONDS, self._observe),
            Loop("settling", self._runs.settle, _SETTLE_SECONDS, self._observe),
            Loop("usage", self._meter.tick, METER_SECONDS, self._observe),
            Loop("memory", Memory().tick, MEMORY_SECONDS, self._observe),
        ]

    def _open_triggers(self, owner: str, stack: AsyncExitStack) -> None:
        silent, idle = (SILENT_SECONDS, SHARING_SECONDS) if self._shared else (0.0, ALONE_SECONDS)
        executing = Executing(self._store, self._runs, clock.system, self._observe, server=owner, silent_seconds=silent)
        settling = Settling(self._store, self._runs, clock.system)
        ticking = TriggerClock(self._store, executing, settling, clock.system, idle)
        loop = Loop("triggers", ticking.tick, FAULT_SECONDS, self._observe)
        self._triggers = Triggers(self._store, self._runs, executing, clock.system, loop.wake)
        self._start(stack, loop)
        if days := self._settings.server.retention_days:
            history = TriggerHistory(self._store, clock.system, days * _DAY)
            self._start(stack, Loop("trigger history", history.tick, SECONDS, self._observe))

    @staticmethod
    def _start(stack: AsyncExitStack, *loops: Loop) -> None:
        for loop in loops:
            loop.open()
            stack.push_async_callback(loop.close)

    def _ready(self) -> dict[str, bool]:
        return {**self._backends.ready(), **{name: ready() for name, ready in self._parts.items()}}

    def _server(self) -> Server:
        health = Health(self._ready, self._metrics.exposition)
        cors = Cors(self._settings.server.cors_origins)
        if not self._serves:
            return Server(Document(health.routes()).operations, cors, self._observe)
        server = self._settings.server
        keys = Trusted(self._store, time.monotonic) if server.auth else None
        door, max_body = Door(keys, server.cors_origins), server.max_body_mib * MIB
        parts = (*self._api(door, max_body), health)
        document = Document([route for part in parts for route in part.routes()])
        unserved = Unserved(door, max_body=max_body)
        routes = (*unserved.live(), *document.operations, *unserved.routes(), *Classic(door).routes())
        return Server(routes, cors, self._observe)

    def _api(self, door: Door, max_body: int) -> tuple[Interactions, Decisions, TriggerRoutes, Webhooks, Models]:
        server = self._settings.server
        interactions = Interactions(self._runs, door, max_body=max_body, heartbeat_seconds=server.heartbeat_seconds)
        deciding = Deciding(
            self.catalogue,
            self._meter,
            self._limits,
            clock.system,
            self._observe,
            temperature=self._settings.decisions.temperature,
        )
        decisions = Decisions(deciding, door, max_body=max_body)
        triggers = TriggerRoutes(self._triggers, door, max_body=max_body)
        webhooks = self._hooks.resource(door, max_body)
        return interactions, decisions, triggers, webhooks, Models(self.catalogue, door, max_body=max_body)
