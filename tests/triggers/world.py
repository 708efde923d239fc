"""A server's triggers without the server: the real parts over a real store, at a time of the test's choosing."""

import time
from datetime import datetime
from typing import Any, Self

import msgspec

from interplay import ids, wire
from interplay.caller import Caller
from interplay.engine.continuation import Continuations
from interplay.engine.seal import CONTINUATION, THOUGHT, Seal
from interplay.jobs.triggers import TriggerClock
from interplay.models.catalogue import Catalogue, Pattern
from interplay.models.scripted.backend import ScriptedBackend
from interplay.observe import Fault, Observation
from interplay.runs.accepting import Acceptance
from interplay.runs.conversations import Conversations
from interplay.runs.counting import Counting
from interplay.runs.limits import Limits
from interplay.runs.metering import Meter
from interplay.runs.past import Past
from interplay.runs.runs import Runs
from interplay.settings.limits import LimitsSettings
from interplay.store.base import Store
from interplay.store.triggers import StoredExecution
from interplay.triggers.executing import Executing
from interplay.triggers.settling import Settling
from interplay.triggers.triggers import Triggers
from interplay.wire.decode_trigger import create_trigger

PROJECT = "default"
_LONGEST_SECONDS = 20.0


def moment(text: str) -> float:
    """Seconds since 1970 of an ISO time."""
    return datetime.fromisoformat(text).timestamp()


class World:
    """One server. `kind` makes its runs."""

    def __init__(self, store: Store, *, kind: type[Runs]) -> None:
        self.store = store
        self.now = moment("2026-11-27T12:00:30Z")
        self.faults: list[Fault] = []
        self.woken = 0
        self._backend = ScriptedBackend()
        owner, conversations = ids.owner(), Conversations()
        acceptance = Acceptance(
            past=Past(store, conversations),
            catalogue=Catalogue([Pattern("scripted", self._backend)]),
            thoughts=Seal(b"k" * 32, THOUGHT),
            continuations=Continuations(Seal(b"k" * 32, CONTINUATION)),
            clock=self.clock,
            new_call_id=ids.call_id,
            new_id=ids.interaction_id,
            check_webhooks=lambda _: None,
        )
        self.runs = kind(
            store=store,
            acceptance=acceptance,
            conversations=conversations,
            meter=Meter(store, owner, self._observe),
            limits=Limits(LimitsSettings(), store, Counting(store, owner, silent_seconds=0), self._observe),
            clock=self.clock,
            owner=owner,
            retention_seconds=None,
            most_background=50,
            background_tries=0,
            observe=self._observe,
        )
        executing = Executing(store, self.runs, self.clock, self._observe, server=owner, silent_seconds=0)
        settling = Settling(store, self.runs, self.clock)
        self._ticking = TriggerClock(store, executing, settling, self.clock, idle_seconds=60)
        self.triggers = Triggers(store, self.runs, executing, self.clock, self._wake)

    @classmethod
    async def open(cls, store: Store, *, kind: type[Runs] = Runs) -> Self:
        """One that is ready."""
        world = cls(store, kind=kind)
        await world._backend.open()
        return world

    def clock(self) -> float:
        """The test's time."""
        return self.now

    async def tick(self, now: str | None = None) -> float:
        """Let the clock of the triggers look, at another time if one is given; how long it sleeps then."""
        self.now = self.now if now is None else moment(now)
        return await self._ticking.tick()

    async def create(
        self, schedule: str, zone: str = "UTC", input: str = "say: x", key: str = "", **body: Any
    ) -> wire.Trigger:
        """A new trigger."""
        asked: dict[str, Any] = {"schedule": schedule, "time_zone": zone} | body
        asked["interaction"] = {"model": "scripted", "input": input} | body.get("interaction", {})
        trigger, _ = await self.triggers.create(Caller(PROJECT, key), create_trigger(msgspec.json.encode(asked)))
        return trigger

    async def history(self, trigger: wire.Trigger) -> list[StoredExecution]:
        """The executions of a trigger, the oldest first."""
        return (await self.store.triggers.executions(PROJECT, trigger.id, None, 1000))[::-1]

    async def find_strays(self) -> None:
        """Let the server look for work that nobody has, which takes two looks, and do it."""
        for _ in range(2):
            await self.runs.strays.tick()
        await self.runs.background.tick()
        await self.runs.oversight.tick()

    async def ended(self) -> None:
        """Wait for the end of all interactions that were started; asking is the pause."""
        deadline = time.monotonic() + _LONGEST_SECONDS
        while any(each.status is not None and each.resource is None for each in await self.store.triggers.running()):
            assert time.monotonic() < deadline, "an interaction never ended"

    async def close(self) -> None:
        """End what runs."""
        await self.runs.close(0)
        await self._backend.close()

    def _observe(self, observation: Observation) -> None:
        if isinstance(observation, Fault):
            self.faults.append(observation)

    def _wake(self) -> None:
        self.woken += 1
