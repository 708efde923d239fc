"""What runs do when the store fails or is slow: the real store, disturbed on command."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from interplay import ids, wire
from interplay.caller import Caller
from interplay.clock import system
from interplay.engine.continuation import Continuations
from interplay.engine.seal import CONTINUATION, THOUGHT, Seal
from interplay.errors import Failure
from interplay.models.catalogue import Catalogue, Pattern
from interplay.models.scripted.backend import ScriptedBackend
from interplay.observe import Fault, Observation, tee
from interplay.runs.accepting import Acceptance
from interplay.runs.conversations import Conversations
from interplay.runs.counting import Counting
from interplay.runs.following import Following, from_the_start
from interplay.runs.limits import Limits
from interplay.runs.metering import Meter
from interplay.runs.past import Past
from interplay.runs.recovery import recover
from interplay.runs.runs import Runs
from interplay.settings.limits import LimitsSettings
from interplay.store.interactions import Ending, LoggedEvent
from interplay.store.sqlite import SqliteStore
from interplay.wire.decode import create_interaction

STRAY = b'{"event_type":"step.delta","index":7,"delta":{"type":"text","text":"x"}}'
FULL = Failure("storage_full", "The disk is full.")


class Disturbed(SqliteStore):
    """The real store; `finish` and `append` fail while told to, and `finish` waits while it is held."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.finish_fails: Exception | None = None
        self.append_fails: Exception | None = None
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self.may_append = asyncio.Event()
        self.may_append.set()

    async def finish(self, ending: Ending) -> bool:
        """Fail or wait if told to."""
        await self.may_finish.wait()
        if self.finish_fails is not None:
            raise self.finish_fails
        return await super().finish(ending)

    async def append(self, events: Sequence[LoggedEvent], *, owner: str) -> set[str]:
        """Fail or wait if told to."""
        failure = self.append_fails
        await self.may_append.wait()
        if failure is not None:
            raise failure
        return await super().append(events, owner=owner)


class World:
    """One server's runs over a store that can be disturbed."""

    def __init__(self, store: Disturbed, observe: Callable[[Observation], None]) -> None:
        self.store = store
        backend = ScriptedBackend()
        self.backend = backend
        conversations = Conversations()
        acceptance = Acceptance(
            past=Past(store, conversations),
            catalogue=Catalogue([Pattern("scripted", backend)]),
            thoughts=Seal(b"k" * 32, THOUGHT),
            continuations=Continuations(Seal(b"k" * 32, CONTINUATION)),
            clock=system,
            new_call_id=ids.call_id,
            new_id=ids.interaction_id,
            check_webhooks=lambda _: None,
        )
        self.meter = Meter(store, "this start", observe)
        self.runs = Runs(
            store=store,
            acceptance=acceptance,
            conversations=conversations,
            meter=self.meter,
            limits=Limits(LimitsSettings(), store, Counting(store, "this start", silent_seconds=10), observe),
            clock=system,
            owner="this start",
            retention_seconds=None,
            background_tries=0,
            most_background=2,
            observe=observe,
        )

    async def start(self, input: str, previous: str | None = None) -> Following:
        """Begin a run; a follower of its log from the start."""
        body = {"model": "scripted", "input": input, "previous_interaction_id": previous}
        asked = create_interaction(msgspec.json.encode(body))
        return from_the_start((await self.runs.start(Caller("p", "key_1"), asked, incremental=True)).run)

    async def get(self, id: str) -> wire.Interaction:
        """What GET shows."""
        return msgspec.json.decode(await self.runs.resource("p", id), type=wire.Interaction)


async def events_of(following: Following) -> list[wire.Event]:
    """All events until the log ends."""
    events: list[wire.Event] = []
    while (entries := await following.reader.next()) is not None:
        events += [msgspec.json.decode(entry.payload, type=wire.Event) for entry in entries]
    return events


def id_of(events: list[wire.Event]) -> str:
    """The id in the first event of a log."""
    first = events[0]
    assert isinstance(first, wire.InteractionCreatedEvent)
    return first.interaction.id


def status_of(events: list[wire.Event]) -> str:
    """The status in the last event of a log."""
    last = events[-1]
    assert isinstance(last, wire.InteractionCompletedEvent)
    return last.interaction.status


async def first_id(following: Following) -> str:
    """The id of a run whose log is just beginning."""
    entries = await following.reader.next()
    assert entries
    return id_of([msgspec.json.decode(entries[0].payload, type=wire.Event)])


@asynccontextmanager
async def world(folder: Path, observe: Callable[[Observation], None] = lambda _: None) -> AsyncIterator[World]:
    """A world that is closed in order."""
    store = Disturbed(folder)
    await store.open()
    made = World(store, observe)
    await made.backend.open()
    try:
        yield made
    finally:
        await made.runs.close(1)
        await made.backend.close()
        await store.close()


async def test_the_end_is_not_shown_before_it_is_kept(tmp_path: Path) -> None:
    """While the last write is under way, GET and the stream still say in progress; then both say completed."""
    async with world(tmp_path) as there:
        there.store.may_finish.clear()
        following = await there.start("say: yes")
        id = await first_id(following)
        for _ in range(50):
            await asyncio.sleep(0)
        assert (await there.get(id)).status == "in_progress"
        there.store.may_finish.set()
        assert status_of(await events_of(following)) == "completed"
        assert (await there.get(id)).status == "completed"
        assert status_of(await events_of(await there.start("say: more", id))) == "completed"


async def test_an_end_that_could_not_be_kept_is_a_failure_until_it_is_kept(tmp_path: Path) -> None:
    """Readers and GET are told of the failure; once the disk takes it, the store says the same, a restart too."""
    async with world(tmp_path) as there:
        there.store.finish_fails = FULL
        events = await events_of(await there.start("say: yes"))
        assert status_of(events) == "failed"
        assert isinstance(events[-2], wire.ErrorEvent)
        id = id_of(events)
        assert (await there.get(id)).status == "failed"
        with pytest.raises(Failure, match="disk is full"):
            await there.runs.settle()
        there.store.finish_fails = None
        await there.runs.settle()
        stored = await there.store.get("p", id)
        assert stored is not None
        assert stored.status == "failed"
        assert status_of(await events_of(await there.runs.follow("p", id, None))) == "failed"
    async with world(tmp_path) as there:
        assert (await there.get(id)).status == "failed"


@pytest.mark.parametrize("error", [FULL, RuntimeError("broken")])
async def test_events_that_could_not_be_kept_fail_the_run(tmp_path: Path, error: Exception) -> None:
    """Whatever breaks the writing of events, the run does not pass for completed, and its log has no gap."""
    seen: list[Observation] = []
    async with world(tmp_path, seen.append) as there:
        following = await there.start("say: one\nwait: 0.05\nsay: two\nwait: 0.3\nsay: three")
        id = await first_id(following)
        there.store.append_fails = error
        events = await events_of(following)
        assert status_of(events) == "failed"
        there.store.append_fails = None
        await there.runs.settle()
        kept = await there.store.events(id)
        assert [event.sequence for event in kept] == list(range(1, len(kept) + 1))
        assert status_of(await events_of(await there.runs.follow("p", id, None))) == "failed"
    assert any(isinstance(observation, Fault) for observation in seen) == isinstance(error, RuntimeError)


async def test_a_short_run_whose_events_could_not_be_kept_fails_too(tmp_path: Path) -> None:
    """A run that is over before its first batch is written does not pass for completed when that write fails."""
    async with world(tmp_path) as there:
        there.store.append_fails = FULL
        assert status_of(await events_of(await there.start("say: yes"))) == "failed"
        there.store.append_fails = None


async def test_events_behind_a_batch_that_failed_are_not_written(tmp_path: Path) -> None:
    """A batch fails while the next one waits: the next is not written either, or the log would have a gap."""
    async with world(tmp_path) as there:
        following = await there.start("say: one\nwait: 0.1\nsay: two\nwait: 0.1\nsay: three\nwait: 60")
        id = await first_id(following)
        there.store.append_fails = FULL
        there.store.may_append.clear()
        said = b""
        while b"three" not in said:
            said = b"".join(entry.payload for entry in await following.reader.next() or ())
        there.store.append_fails = None
        there.store.may_append.set()
        assert status_of(await events_of(following)) == "failed"
        kept = await there.store.events(id)
        assert [event.sequence for event in kept] == list(range(1, len(kept) + 1))


async def test_an_observer_that_breaks_harms_nobody(tmp_path: Path) -> None:
    """A log that cannot be written does not keep a stream from its end."""

    def broken(_: Observation) -> None:
        raise BrokenPipeError

    async with world(tmp_path, tee(broken)) as there:
        assert status_of(await events_of(await there.start("say: yes"))) == "completed"


async def test_a_run_stopped_before_its_first_step_ends(tmp_path: Path) -> None:
    """Cancelling at once still ends the log and the row."""
    async with world(tmp_path) as there:
        body = msgspec.json.encode({"model": "scripted", "input": "say: yes"})
        run = (await there.runs.start(Caller("p", "key_1"), create_interaction(body), incremental=True)).run
        following = from_the_start(run)
        run.stop("cancelled")
        events = await events_of(following)
        assert status_of(events) == "cancelled"
        assert (await there.get(run.id)).status == "cancelled"


async def test_what_was_deleted_does_not_come_back_with_a_child(tmp_path: Path) -> None:
    """A parent deleted while its child runs is not shown to the model in the turn after."""
    async with world(tmp_path) as there:
        parent = id_of(await events_of(await there.start("the secret is 1234")))
        child = await there.start("say: hello\nwait: 0.2", parent)
        id = await first_id(child)
        await there.runs.delete("p", parent)
        assert status_of(await events_of(child)) == "completed"
        said = await events_of(await there.start("history:", id))
        assert "1234" not in str(said)


async def test_recovery_ends_a_log_that_is_damaged(tmp_path: Path) -> None:
    """One broken log does not keep the server from starting: its run is failed, and the operator hears of it."""
    seen: list[Observation] = []
    async with world(tmp_path) as there:
        following = await there.start("wait: 60")
        id = await first_id(following)
        await there.store.append([LoggedEvent(id, 9, STRAY)], owner="this start")
        await recover(there.store, "another start", 0.0, system, seen.append)
        stored = await there.store.get("p", id)
        assert stored is not None
        assert stored.status == "failed"
    assert any(isinstance(observation, Fault) for observation in seen)
