"""The clock of the triggers, by ticks at times of the test's choosing, over both stores."""

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

import msgspec
import pytest

from interplay import wire
from interplay.caller import Caller
from interplay.errors import Failure
from interplay.runs.background import Enqueued
from interplay.runs.runs import Runs
from interplay.store.base import Store
from interplay.store.interactions import NewInteraction
from interplay.store.postgres import PostgresStore
from interplay.store.triggers import StoredExecution
from tests.store.conftest import Make
from tests.triggers.world import PROJECT, World, moment


@pytest.fixture
async def world(store: Store) -> AsyncIterator[World]:
    """One server over one store."""
    made = await World.open(store)
    yield made
    await made.close()
    assert made.faults == []


def statuses(history: list[StoredExecution]) -> list[str]:
    """In order."""
    return [each.status for each in history]


def scheduled(history: list[StoredExecution]) -> list[float]:
    """In order."""
    return [each.scheduled for each in history if each.scheduled is not None]


async def test_what_is_due_is_executed_once(world: World) -> None:
    """Not before its time, and not again; the next look knows how it ended."""
    trigger = await world.create("1 * * * *")
    assert await world.tick() == 30  # nobody looks before it is due
    assert await world.history(trigger) == []
    await world.tick("2026-11-27T12:01:00Z")
    await world.ended()
    assert await world.tick("2026-11-27T12:01:01Z") == 60
    [execution] = await world.history(trigger)
    assert (execution.status, execution.scheduled) == ("completed", moment("2026-11-27T12:01Z"))
    shown = await world.triggers.get(PROJECT, trigger.id)
    assert (shown.last_run_time, shown.next_run_time) == ("2026-11-27T12:01:00Z", "2026-11-27T13:01:00Z")


async def test_a_server_without_triggers_sleeps(world: World) -> None:
    """As long as it may; a trigger that is made wakes it."""
    assert await world.tick() == 60
    await world.create("* * * * *")
    assert world.woken == 1


@pytest.mark.parametrize(
    ("zone", "line", "times", "expected"),
    [
        (
            "Europe/Warsaw",
            "30 2 * * *",
            ["2026-03-28T00:00Z", "2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z", "2026-03-30T00:30Z"],
            ["2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z"],
        ),
        (
            "America/New_York",
            "30 1 * * *",
            ["2026-11-01T00:00Z", "2026-11-01T05:30Z", "2026-11-01T06:30Z", "2026-11-02T06:30Z"],
            ["2026-11-01T05:30Z", "2026-11-02T06:30Z"],
        ),
        (
            "Australia/Lord_Howe",
            "45 1 * * *",
            ["2026-04-04T00:00Z", "2026-04-04T14:45Z", "2026-04-04T15:15Z", "2026-04-05T15:15Z"],
            ["2026-04-04T14:45Z", "2026-04-05T15:15Z"],
        ),
        ("Asia/Kolkata", "0 9 * * *", ["2026-03-29T00:00Z", "2026-03-29T03:30Z"], ["2026-03-29T03:30Z"]),
    ],
)
async def test_ticks_over_a_change_of_the_clock(
    world: World, zone: str, line: str, times: list[str], expected: list[str]
) -> None:
    """Once at the next valid moment, or once of two: whatever moments the server looks at."""
    world.now = moment(times[0])
    trigger = await world.create(line, zone)
    first = moment(expected[0])
    for now in [times[0], *([expected[0]] if first < moment(times[1]) else []), *times[1:]]:
        await world.tick(now)
        await world.ended()
        await world.tick()
    assert scheduled(await world.history(trigger)) == [moment(each) for each in expected]


async def test_of_what_was_missed_the_latest_runs(world: World) -> None:
    """The others leave nothing; from then on it goes by the clock."""
    trigger = await world.create("*/10 * * * *")
    await world.tick("2026-11-27T14:55:00Z")
    await world.ended()
    await world.tick("2026-11-27T15:00:00Z")
    assert scheduled(await world.history(trigger)) == [moment("2026-11-27T14:50Z"), moment("2026-11-27T15:00Z")]


@pytest.mark.parametrize(
    ("now", "status"), [("2026-11-28T10:00:00Z", "in_progress"), ("2026-11-28T10:00:01Z", "skipped")]
)
async def test_what_was_missed_long_ago_is_skipped(world: World, now: str, status: str) -> None:
    """More than an hour late, it is recorded as that and not run."""
    trigger = await world.create("0 9 * * *", input="wait: 600")
    await world.tick(now)
    [execution] = await world.history(trigger)
    assert (execution.status, execution.scheduled) == (status, moment("2026-11-28T09:00Z"))
    assert ("No server was running" in execution.error) == (status == "skipped")
    assert (await world.triggers.get(PROJECT, trigger.id)).next_run_time == "2026-11-29T09:00:00Z"


async def test_a_paused_trigger_makes_up_for_nothing(world: World) -> None:
    """What would have been due meanwhile is not, when it is resumed."""
    trigger = await world.create("* * * * *")
    await world.triggers.update(PROJECT, trigger.id, wire.TriggerUpdate(status="paused"))
    await world.tick("2026-11-27T12:10:30Z")
    await world.triggers.update(PROJECT, trigger.id, wire.TriggerUpdate(status="active"))
    await world.tick()
    assert await world.history(trigger) == []
    await world.tick("2026-11-27T12:11:00Z")
    assert scheduled(await world.history(trigger)) == [moment("2026-11-27T12:11Z")]


async def test_a_tick_during_an_execution_is_skipped(world: World) -> None:
    """And recorded as that; it counts neither as a failure nor as a success."""
    trigger = await world.create("* * * * *", input="wait: 600")
    for now in ("2026-11-27T12:01:00Z", "2026-11-27T12:02:00Z"):
        assert await world.tick(now) == 1  # something is in progress
    assert statuses(await world.history(trigger)) == ["in_progress", "skipped"]
    assert (await world.triggers.get(PROJECT, trigger.id)).consecutive_failure_count == 0


async def test_an_execution_is_stopped_when_its_time_is_up(world: World) -> None:
    """Not earlier; its interaction is cancelled, and the next tick runs again."""
    trigger = await world.create("* * * * *", input="wait: 600", execution_timeout_seconds=60)
    await world.tick("2026-11-27T12:01:00Z")
    await world.tick("2026-11-27T12:01:59Z")
    assert statuses(await world.history(trigger)) == ["in_progress"]
    await world.tick("2026-11-27T12:02:00Z")
    await world.ended()
    await world.tick()
    await world.tick("2026-11-27T12:03:00Z")
    history = await world.history(trigger)
    assert statuses(history) == ["timed_out", "skipped", "in_progress"]
    stored = await world.store.get(PROJECT, history[0].interaction)
    assert stored is not None
    assert stored.status == "cancelled"


async def test_an_execution_that_was_cancelled_in_time_has_failed(world: World) -> None:
    """Even when that is noticed late: it is the interaction that says when it ended."""
    trigger = await world.create("* * * * *", input="wait: 600", execution_timeout_seconds=60)
    await world.tick("2026-11-27T12:01:00Z")
    [execution] = await world.history(trigger)
    await world.runs.cancel(PROJECT, execution.interaction)
    await world.tick("2026-11-27T13:30:00Z")
    assert statuses(await world.history(trigger))[0] == "failed"


async def test_failures_in_a_row_stop_the_clock(world: World) -> None:
    """The last one too many is the last one."""
    trigger = await world.create("* * * * *", input="fail: internal no", max_consecutive_failures=3)
    for minute in range(1, 8):
        await world.tick(f"2026-11-27T12:{minute:02}:00Z")
        await world.ended()
        await world.tick()
    assert statuses(await world.history(trigger)) == ["failed"] * 3
    assert (await world.triggers.get(PROJECT, trigger.id)).status == "error"
    assert await world.tick() == 60


async def test_a_trigger_that_cannot_go_on_fails(world: World) -> None:
    """When the conversation that it goes on from is deleted, each execution says so, and has no interaction."""
    asked = wire.CreateInteraction(model="scripted", input=msgspec.Raw(b'"x"'))
    first = (await world.runs.start(Caller(PROJECT), asked, incremental=False)).run
    await first.ended()
    trigger = await world.create("* * * * *", interaction={"previous_interaction_id": first.id})
    await world.runs.delete(PROJECT, first.id)
    await world.tick("2026-11-27T12:01:00Z")
    [execution] = await world.history(trigger)
    assert (execution.status, execution.started) == ("failed", None)
    assert first.id in execution.error


class Busy(Runs):
    """The real runs, which take nothing while they are full."""

    full = False
    refused: ClassVar[list[str | None]] = []
    """Interactions that it did not take."""

    async def enqueue(self, caller: Caller, request: wire.CreateInteraction, id: str | None = None) -> Enqueued:
        """Refuse if full."""
        if self.full:
            self.refused.append(id)
            raise Failure("rate_limited", "Too much at once.")
        return await super().enqueue(caller, request, id)


class Stubborn(Runs):
    """The real runs, which refuse to cancel so many times."""

    refusals = 0

    async def cancel(self, project: str, id: str) -> bytes:
        """Refuse while there are refusals left."""
        if Stubborn.refusals:
            Stubborn.refusals -= 1
            raise Failure("unavailable", "Ask again in a moment.")
        return await super().cancel(project, id)


async def test_a_start_that_must_wait_is_tried_again(store: Store) -> None:
    """At every look, until its time is up: then it has failed."""
    world = await World.open(store, kind=Busy)
    trigger = await world.create("* * * * *", execution_timeout_seconds=60)
    Busy.full = True
    try:
        assert await world.tick("2026-11-27T12:01:00Z") == 1
        assert statuses(await world.history(trigger)) == ["in_progress"]
        Busy.full = False
        await world.tick("2026-11-27T12:01:01Z")
        await world.ended()
        await world.tick()
        assert statuses(await world.history(trigger)) == ["completed"]
        Busy.full = True
        await world.tick("2026-11-27T12:02:00Z")
        await world.tick("2026-11-27T12:02:59Z")
        assert statuses(await world.history(trigger)) == ["completed", "in_progress"]
        await world.tick("2026-11-27T12:03:00.5Z")
    finally:
        Busy.full = False
        await world.close()
    late = (await world.history(trigger))[1]
    assert (late.status, late.error) == ("failed", "Too much at once.")


async def test_what_is_refused_again_and_again_holds_up_nothing_else(store: Store) -> None:
    """What waits behind more of them than one look tries is tried at the next one."""
    world = await World.open(store, kind=Busy)
    triggers = [await world.create("* * * * *") for _ in range(11)]
    Busy.full = True
    try:
        await world.tick("2026-11-27T12:01:00Z")
        Busy.refused.clear()
        await world.tick("2026-11-27T12:01:01Z")
        assert len(Busy.refused) == 10
        await world.tick("2026-11-27T12:01:02Z")
        assert set(Busy.refused) == {(await world.history(each))[0].interaction for each in triggers}
    finally:
        Busy.full = False
        await world.close()


async def test_what_a_trigger_starts_counts_for_its_key(store: Store) -> None:
    """As if who made it had asked for it."""
    world = await World.open(store)
    trigger = await world.create("* * * * *", key="key_1")
    await world.tick("2026-11-27T12:01:00Z")
    await world.ended()
    await world.triggers.run(PROJECT, trigger.id)
    await world.ended()
    await world.close()
    assert [(each.project, each.key) for each in await store.usage.rows()] == [(PROJECT, "key_1")]


def lose_one_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next row is kept, but its writer is told that it was not."""
    insert = store.insert

    async def lost(new: NewInteraction) -> None:
        monkeypatch.setattr(store, "insert", insert)
        await insert(new)
        raise Failure("unavailable", "The server's database does not answer.")

    monkeypatch.setattr(store, "insert", lost)


async def test_a_start_whose_answer_was_lost_is_followed_to_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row is there and is found, so it is not started again; it runs when the row is found to be nobody's."""
    trigger = await world.create("* * * * *")
    lose_one_answer(world.store, monkeypatch)
    await world.tick("2026-11-27T12:01:00Z")
    assert await world.tick("2026-11-27T12:01:01Z") == 1
    await world.find_strays()
    await world.ended()
    await world.tick()
    [execution] = await world.history(trigger)
    assert (execution.status, execution.error) == ("completed", "")


async def test_a_cancel_that_is_not_done_at_once_is_done_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a start whose answer was lost: the wish is kept, and holds for whoever runs it."""
    trigger = await world.create("* * * * *", input="wait: 600", execution_timeout_seconds=30)
    lose_one_answer(world.store, monkeypatch)
    await world.tick("2026-11-27T12:01:00Z")
    assert await world.tick("2026-11-27T12:01:30Z") == 1
    assert statuses(await world.history(trigger)) == ["in_progress"]
    await world.find_strays()
    await world.ended()
    await world.tick("2026-11-27T12:01:31Z")
    assert statuses(await world.history(trigger)) == ["timed_out"]


async def test_a_cancel_that_is_refused_is_tried_at_the_next_look(store: Store) -> None:
    """A refusal of one moment is not the end of it."""
    world = await World.open(store, kind=Stubborn)
    trigger = await world.create("* * * * *", input="wait: 600", execution_timeout_seconds=30)
    await world.tick("2026-11-27T12:01:00Z")
    Stubborn.refusals = 1
    assert await world.tick("2026-11-27T12:01:30Z") == 1
    assert statuses(await world.history(trigger)) == ["in_progress"]
    await world.tick("2026-11-27T12:01:31Z")
    await world.ended()
    await world.tick()
    assert statuses(await world.history(trigger)) == ["timed_out"]
    await world.close()


async def test_what_a_dead_server_has_recorded_is_started_once(store: Store) -> None:
    """With the interaction that was chosen then, by whoever looks first."""
    dying, others = await World.open(store, kind=Busy), [await World.open(store) for _ in range(3)]
    trigger = await dying.create("* * * * *")
    Busy.full = True
    await dying.tick("2026-11-27T12:01:00Z")
    Busy.full = False
    [recorded] = await dying.history(trigger)
    for other in others:
        other.now = moment("2026-11-27T12:01:20Z")
    await asyncio.gather(*(other.tick() for other in others))
    await others[0].ended()
    await others[1].tick()
    [execution] = await others[0].history(trigger)
    assert (execution.status, execution.interaction) == ("completed", recorded.interaction)
    for each in (dying, *others):
        await each.close()
        assert each.faults == []


async def test_what_was_recorded_for_a_deleted_trigger_is_skipped(store: Store) -> None:
    """There is nothing to start any more."""
    world = await World.open(store, kind=Busy)
    trigger = await world.create("* * * * *")
    Busy.full = True
    await world.tick("2026-11-27T12:01:00Z")
    Busy.full = False
    await world.triggers.delete(PROJECT, trigger.id)
    await world.tick()
    [execution] = await world.history(trigger)
    assert (execution.status, "deleted" in execution.error) == ("skipped", True)
    await world.close()


async def test_two_servers_tick_at_once(make: Make) -> None:
    """Every tick is executed once, by one of them, and every end is counted once."""
    stores = [make()]
    await stores[0].open()
    if isinstance(stores[0], PostgresStore):  # the files of SQLite are for one
        stores.append(make())
        await stores[1].open()
    worlds = [await World.open(stores[n % len(stores)]) for n in range(4)]
    triggers = [await worlds[0].create("* * * * *", max_consecutive_failures=99) for _ in range(5)]
    triggers += [await worlds[0].create("* * * * *", input="fail: internal x", max_consecutive_failures=99)]
    for minute in range(1, 6):
        for world in worlds:
            world.now = moment(f"2026-11-27T12:{minute:02}:00Z")
        await asyncio.gather(*(world.tick() for world in worlds))
        await worlds[0].ended()
        await asyncio.gather(*(world.tick() for world in worlds))
    for trigger in triggers:
        history = await worlds[0].history(trigger)
        assert scheduled(history) == [moment(f"2026-11-27T12:{minute:02}Z") for minute in range(1, 6)]
        assert len({each.interaction for each in history}) == 5
    assert (await worlds[0].triggers.get(PROJECT, triggers[-1].id)).consecutive_failure_count == 5
    for world in worlds:
        await world.close()
        assert world.faults == []
    for each in stores:
        await each.close()
