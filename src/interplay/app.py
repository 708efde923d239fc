"""A server process: its parts in their order. They open from the first to the last, and close the other way round."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from interplay import ids
from interplay.access.trusted import Trusted
from interplay.api import classic, unserved
from interplay.api.auth import Callers
from interplay.api.body import MIB
from interplay.api.cors import Cors
from interplay.api.door import Door
from interplay.api.health import Health
from interplay.api.openapi import Document
from interplay.api.server import Server
from interplay.clock import Clock
from interplay.introduction import Introduction
from interplay.observe import tee
from interplay.observe.logs import logging
from interplay.observe.metrics import Metrics
from interplay.parts.backends import Backends
from interplay.parts.blobs import BlobsPart
from interplay.parts.decisions import DecisionsPart
from interplay.parts.interactions import InteractionsPart
from interplay.parts.memory import MemoryPart
from interplay.parts.part import Part, Process
from interplay.parts.presence import PresencePart
from interplay.parts.storage import StoragePart
from interplay.parts.triggers import TriggersPart
from interplay.parts.usage import LimitsPart, UsagePart
from interplay.parts.webhooks import WebhooksPart
from interplay.settings import Settings
from interplay.stores import store_of


class App:
    """All parts of one server process, opened and closed together.

    With `serves` off it has no API, only health and metrics. `now` is the time for limits, the store's own unless it is
    given.
    """

    asgi: Server
    """The application; there once the app is entered."""

    def __init__(
        self, settings: Settings, upstream: str | None = None, *, serves: bool = True, now: Clock | None = None
    ) -> None:
        self._serves = serves
        metrics = Metrics()
        observe = tee(metrics, logging())
        self._process = process = Process(
            settings=settings, store=store_of(settings), owner=ids.owner(), observe=observe
        )
        backends = Backends(settings, upstream, observe)
        usage, limits, webhooks = UsagePart(process), LimitsPart(process, now), WebhooksPart(process)
        shared = backends.catalogue, usage.meter, limits.limits
        self.interactions = InteractionsPart(process, *shared, webhooks.check)
        self._parts: Sequence[Part] = (
            StoragePart(process),
            PresencePart(process),
            BlobsPart(process),
            backends,
            usage,
            limits,
            self.interactions,
            DecisionsPart(process, *shared),
            MemoryPart(observe),
            TriggersPart(process, self.interactions),
            webhooks,
        )
        """A part may use those before it."""
        self.introduction = Introduction(settings, process.store, backends.catalogue)
        self._health = Health(self._ready, metrics.exposition)
        self._serving = True
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open every part and begin its loops, then be ready for requests. What fails is closed again."""
        async with AsyncExitStack() as stack:
            for part in self._parts:
                await part.open(stack)
                for loop in part.loops():
                    loop.open()
                    stack.push_async_callback(loop.close)
            self.asgi = self._server()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, type: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Finish what runs, then close everything in the reverse order."""
        await self._stack.aclose()

    def leave(self) -> None:
        """Say that it is not ready, for good: whoever sends requests shall send them elsewhere."""
        self._serving = False

    async def drain(self) -> None:
        """Take no new runs; let those in progress finish within the grace period, and end the others."""
        await self.interactions.drain()

    def _ready(self) -> dict[str, bool]:
        parts = {name: ready for part in self._parts for name, ready in part.ready().items()}
        return parts if self._serving else parts | {"serving": False}

    def _server(self) -> Server:
        server, store = self._process.settings.server, self._process.store
        callers = Callers(Trusted(store, time.monotonic) if server.auth else None, server.cors_origins)
        door = Door(callers, max_body=server.max_body_mib * MIB)
        served = [route for part in self._parts for route in part.routes()] if self._serves else []
        document = Document([*served, *self._health.routes()])
        refused = (*unserved.refusals(), *classic.refusals()) if self._serves else ()
        return Server((*document.routes, *refused), door, Cors(server.cors_origins), self._process.observe)
