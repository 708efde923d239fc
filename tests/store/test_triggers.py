"""Triggers and executions on every adapter: what is kept, who moves a trigger on, and how executions are counted."""

import asyncio
from typing import Any

import msgspec
import pytest

from interplay.store.base import Store
from interplay.store.database import Cursor
from interplay.store.triggers import (
    Condition,
    Settlement,
    StoredExecution,
    StoredTrigger,
    Tick,
    TriggerChange,
)

from .samples import ending, new

TICK = Tick(100.0, 200.0)


def trigger(id: str = "t", **changes: Any) -> StoredTrigger:
    """An active trigger that is due at 100."""
    plain = StoredTrigger(
        id=id,
        project="home",
        schedule="* * * * *",
        time_zone="UTC",
        display_name="",
        interaction=b'{"model":"m"}',
        timeout=600,
        most_failures=2,
        status="active",
        created=1.0,
        updated=1.0,
        next=100.0,
    )
    return msgspec.structs.replace(plain, **changes)


def execution(id: str = "e", **changes: Any) -> StoredExecution:
    """An execution of it, just recorded."""
    plain = StoredExecution(
        id=id,
        project="home",
        trigger="t",
        status="in_progress",
        interaction=f"i of {id}",
        owner="me",
        timeout=600,
        created=100.0,
        scheduled=100.0,
    )
    return msgspec.structs.replace(plain, **changes)


def skipped(id: str = "e") -> StoredExecution:
    """What is recorded instead."""
    return execution(id, status="skipped", ended=100.0, error="busy")


async def record(store: Store, id: str = "e", tick: Tick | None = None) -> StoredExecution | None:
    """Record an execution, or that it was skipped."""
    return await store.triggers.record(execution(id), skipped(id), tick)


async def ran(store: Store, id: str, *, failed: bool) -> None:
    """An execution from its record to its end."""
    recorded = await record(store, id)
    assert recorded == execution(id)
    assert await store.triggers.begun(recorded, 101.0)
    end = Settlement(execution=recorded, status="failed" if failed else "completed", failed=failed, at=150.0)
    assert await store.triggers.settle(end)


async def stored(store: Store) -> StoredTrigger:
    """The trigger as it is."""
    found = await store.triggers.get("home", "t")
    assert found is not None
    return found


async def test_a_trigger_is_kept_as_it_was_made(store: Store) -> None:
    """Every field, and for its own project only."""
    made = trigger(
        display_name="né", last_run=1.5, last_pause=2.5, last_resume=3.5, last_interaction="i", key="k", failures=1
    )
    await store.triggers.add(made, 1000)
    assert await store.triggers.get("home", "t") == made
    assert await store.triggers.get("other", "t") is None
    assert await store.triggers.get("home", "t\0") is None


async def test_a_page_has_the_newest_first(store: Store) -> None:
    """Pages join to the whole list, of one project, whatever was made in the same instant."""
    made = [trigger(f"t{n}", created=float(n // 2)) for n in range(7)]
    for each in made:
        await store.triggers.add(each, 1000)
    await store.triggers.add(trigger("other", project="other"), 1000)
    pages, after = [], None
    while page := await store.triggers.page("home", (), after, 3, 1000):
        pages.append(page)
        after = Cursor(page[-1].created, page[-1].id)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [each for page in pages for each in page] == sorted(made, key=lambda each: (each.created, each.id))[::-1]


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ([Condition("status", True, "paused")], {"b"}),
        ([Condition("status", False, "paused")], {"a", "c"}),
        ([Condition("display_name", True, "it's")], {"a"}),
        ([Condition("time_zone", True, "UTC"), Condition("display_name", False, "it's")], {"b"}),
        ([Condition("display_name", True, "x\0")], set()),
    ],
)
async def test_a_page_has_what_meets_all_conditions(store: Store, conditions: list[Condition], found: set[str]) -> None:
    """Equal or not, of any of the fields."""
    await store.triggers.add(trigger("a", display_name="it's"), 1000)
    await store.triggers.add(trigger("b", status="paused"), 1000)
    await store.triggers.add(trigger("c", time_zone="Europe/Warsaw"), 1000)
    assert {each.id for each in await store.triggers.page("home", conditions, None, 10, 1000)} == found


async def test_a_change_leaves_what_it_does_not_name(store: Store) -> None:
    """And is answered with the whole trigger; another project has nothing to change."""
    await store.triggers.add(trigger(), 1000)
    changed = await store.triggers.update("home", "t", TriggerChange(at=5.0, display_name="new"))
    assert changed == trigger(display_name="new", updated=5.0) == await stored(store)
    assert await store.triggers.update("other", "t", TriggerChange(at=6.0)) is None


async def test_a_pause_stops_the_clock_and_a_resumption_starts_it_anew(store: Store) -> None:
    """Each notes its time once; who is active already keeps the time that it is due."""
    await store.triggers.add(trigger(failures=1), 1000)
    for _ in range(2):
        paused = await store.triggers.update("home", "t", TriggerChange(at=5.0, status="paused", next=7.0))
        assert paused == trigger(status="paused", updated=5.0, next=None, failures=1, last_pause=5.0)
    resumed = trigger(updated=6.0, next=300.0, last_pause=5.0, last_resume=6.0)
    assert await store.triggers.update("home", "t", TriggerChange(at=6.0, status="active", next=300.0)) == resumed
    again = await store.triggers.update("home", "t", TriggerChange(at=7.0, status="active", next=900.0))
    assert again == msgspec.structs.replace(resumed, updated=7.0)


async def test_what_is_due_is_found(store: Store) -> None:
    """Of all projects, the longest due first; and when the next one will be."""
    assert await store.triggers.next_due() is None
    await store.triggers.add(trigger("later", next=100.5), 1000)
    await store.triggers.add(trigger("now", next=100.0, project="other"), 1000)
    await store.triggers.add(trigger("early", next=50.0), 1000)
    await store.triggers.add(trigger("never", next=None, status="paused"), 1000)
    assert [each.id for each in await store.triggers.due(100.0)] == ["early", "now"]
    assert await store.triggers.next_due() == 50.0


async def test_a_tick_is_recorded_once(store: Store) -> None:
    """However many servers come at once; the trigger is due at its next time then."""
    await store.triggers.add(trigger(), 1000)
    got = await asyncio.gather(*(record(store, f"e{n}", TICK) for n in range(8)))
    assert len([each for each in got if each is not None]) == 1
    assert (await stored(store)).next == 200.0
    assert len(await store.triggers.executions("home", "t", None, 10)) == 1


async def test_a_trigger_that_is_not_due_any_more_records_nothing(store: Store) -> None:
    """It was moved on, paused or deleted meanwhile."""
    await store.triggers.add(trigger(next=None, status="paused"), 1000)
    assert await record(store, "e", TICK) is None
    assert await store.triggers.remove("home", "t")
    assert await record(store, "e", None) is None
    assert await store.triggers.executions("home", "t", None, 10) == []


async def test_of_a_trigger_one_execution_is_in_progress(store: Store) -> None:
    """Others are recorded as what they are instead; when it has ended, the next one is."""
    await store.triggers.add(trigger(), 1000)
    got = await asyncio.gather(*(record(store, f"e{n}") for n in range(6)))
    assert sorted(each.status for each in got if each) == ["in_progress", *["skipped"] * 5]
    [busy] = [each for each in got if each and each.status == "in_progress"]
    assert await store.triggers.settle(Settlement(execution=busy, status="completed", failed=False, at=101.0))
    assert await record(store, "next") == execution("next")


async def test_what_was_recorded_waits_for_its_interaction(store: Store) -> None:
    """It is found by the server that recorded it, and by others once that is gone; and not when it has begun."""
    await store.triggers.add(trigger(), 1000)
    await store.seen("me")
    assert await record(store) == execution()
    assert await store.triggers.unbegun("me", 100) == [execution()]
    assert await store.triggers.unbegun("other", 100) == []
    await store.left("me")
    assert await store.triggers.unbegun("other", 100) == [execution()]
    assert await store.triggers.running() == []
    assert await store.triggers.begun(execution(), 101.0)
    assert not await store.triggers.begun(execution(), 102.0)
    assert await store.triggers.unbegun("me", 100) == []
    kept = await stored(store)
    assert (kept.last_run, kept.last_interaction) == (101.0, "i of e")


async def test_what_has_become_of_an_interaction_is_told(store: Store) -> None:
    """In progress, ended with its resource, or deleted."""
    await store.triggers.add(trigger(), 1000)
    await record(store)
    await store.triggers.begun(execution(), 101.0)
    begun = execution(started=101.0)
    await store.insert(new("i of e"))
    [running] = await store.triggers.running()
    assert (running.execution, running.status, running.resource) == (begun, "in_progress", None)
    await store.finish(ending("i of e"))
    [running] = await store.triggers.running()
    assert (running.status, running.resource) == ("completed", b'{"id":"i of e"}')
    await store.delete("home", "i of e")
    [running] = await store.triggers.running()
    assert (running.status, running.resource) == (None, None)


async def test_an_execution_ends_once(store: Store) -> None:
    """Whoever says so first; it counts once for its trigger."""
    await store.triggers.add(trigger(most_failures=9), 1000)
    await record(store)
    end = Settlement(execution=execution(), status="failed", failed=True, at=150.0, error="it broke")
    assert sorted(await asyncio.gather(*(store.triggers.settle(end) for _ in range(5)))) == [False] * 4 + [True]
    assert await store.triggers.executions("home", "t", None, 10) == [
        execution(status="failed", ended=150.0, error="it broke")
    ]
    assert (await stored(store)).failures == 1


async def test_failures_in_a_row_stop_a_trigger(store: Store) -> None:
    """A success between them starts the count anew; the one too many makes it an error, which is not due."""
    await store.triggers.add(trigger(), 1000)
    for number, failed in enumerate([True, False, True]):
        await ran(store, f"e{number}", failed=failed)
    assert ((await stored(store)).status, (await stored(store)).failures) == ("active", 1)
    await ran(store, "last", failed=True)
    stopped = await stored(store)
    assert (stopped.status, stopped.failures, stopped.next, stopped.last_pause) == ("error", 2, None, 150.0)


async def test_failures_of_a_paused_trigger_leave_it_paused(store: Store) -> None:
    """They are counted, though."""
    await store.triggers.add(trigger(status="paused", next=None), 1000)
    for number in range(3):
        await ran(store, f"e{number}", failed=True)
    assert ((await stored(store)).status, (await stored(store)).failures) == ("paused", 3)


async def test_executions_outlive_their_trigger(store: Store) -> None:
    """For its project only, in pages, the newest first; one in progress can still end."""
    await store.triggers.add(trigger(), 1000)
    for number in range(3):
        await ran(store, f"e{number}", failed=False)
    await record(store, "last")
    assert not await store.triggers.remove("other", "t")
    assert await store.triggers.remove("home", "t")
    assert not await store.triggers.remove("home", "t")
    assert await store.triggers.settle(Settlement(execution=execution("last"), status="failed", failed=True, at=9.0))
    first = await store.triggers.executions("home", "t", None, 3)
    rest = await store.triggers.executions("home", "t", Cursor(first[-1].created, first[-1].id), 3)
    assert [each.id for each in (*first, *rest)] == ["last", "e2", "e1", "e0"]
    assert await store.triggers.executions("other", "t", None, 3) == []


async def test_old_executions_are_removed(store: Store) -> None:
    """In batches; not the younger ones, and none in progress."""
    await store.triggers.add(trigger(), 1000)
    for number in range(3):
        await ran(store, f"e{number}", failed=False)
    await record(store, "last")
    assert await store.triggers.forget(150.0) == 0
    assert [await store.triggers.forget(151.0, 2) for _ in range(3)] == [2, 1, 0]
    assert [each.id for each in await store.triggers.executions("home", "t", None, 9)] == ["last"]


async def test_a_project_has_only_so_many_triggers(store: Store) -> None:
    """One more is not kept; another project has its own number."""
    assert [await store.triggers.add(trigger(f"t{n}"), 2) for n in range(3)] == [True, True, False]
    assert await store.triggers.get("home", "t2") is None
    assert await store.triggers.add(trigger("other", project="other"), 2)


async def test_a_page_has_an_end_in_bytes(store: Store) -> None:
    """With the first that is too much, so that who asks knows that there is more; and always with one."""
    for n in range(5):
        await store.triggers.add(trigger(f"t{n}", created=float(n), interaction=b"x" * 10), 1000)
    for most, found in [(20, ["t4", "t3", "t2"]), (19, ["t4", "t3"]), (0, ["t4"])]:
        assert [each.id for each in await store.triggers.page("home", (), None, 9, most)] == found


async def test_what_cannot_be_started_holds_up_nothing_else(store: Store) -> None:
    """All projects have a turn before one has two, and what was put off comes last, however old it is."""
    for project, count in (("home", 4), ("other", 1)):
        for n in range(count):
            id = f"{project}{n}"
            await store.triggers.add(trigger(id, project=project), 1000)
            made = execution(id, project=project, trigger=id, created=100.0 + n)
            await store.triggers.record(made, made, None)

    async def found(limit: int) -> list[str]:
        return [each.id for each in await store.triggers.unbegun("me", 100, limit, most_each=2)]

    assert await found(10) == ["home0", "other0", "home1"]
    for n in range(2):
        await store.triggers.put_off(execution(f"home{n}"), 200.0)
    assert await found(10) == ["other0", "home2", "home3"]
    await store.triggers.put_off(execution("other0"), 201.0)
    assert await found(2) == ["home2", "other0"]
