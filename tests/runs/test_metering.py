"""What has no row to be counted with is counted all the same, once."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from interplay import wire
from interplay.caller import Caller
from interplay.errors import Failure
from interplay.observe import Fault, Observation
from interplay.runs.following import from_the_start
from interplay.store.usage import Spent, UsageRow, UsageStore, Used
from interplay.wire.decode import create_interaction

from .test_failing_store import FULL, World, events_of, first_id, id_of, status_of, world

SAID = "say: one two\ncount: input=10 output=20 cached=4 thought=3"
CALLER = Caller("p", "key_1")


async def _rows(there: World) -> list[UsageRow]:
    await there.meter.flush()
    return await there.store.usage.rows()


async def _used(there: World) -> tuple[int, Used]:
    [row] = await _rows(there)
    assert (row.project, row.key, row.model) == ("p", "key_1", "scripted")
    return row.requests, msgspec.structs.replace(row.used, day="")


ONCE = (1, Used(day="", input=10, cached=4, output=20, thought=3))


async def _run(there: World, **body: object) -> list[wire.Event]:
    asked = create_interaction(msgspec.json.encode({"model": "scripted", "input": SAID} | body))
    return await events_of(from_the_start((await there.runs.start(CALLER, asked, incremental=True)).run))


@pytest.mark.parametrize("store", [True, False])
async def test_a_run_is_counted_once_stored_or_not(tmp_path: Path, store: bool) -> None:
    """With its project, key and model, and the tokens that its backend has told."""
    async with world(tmp_path) as there:
        assert status_of(await _run(there, store=store)) == "completed"
        assert await _used(there) == ONCE


async def test_a_run_that_was_deleted_elsewhere_is_counted(tmp_path: Path) -> None:
    """Its row is gone when it ends; what it has used is not."""
    async with world(tmp_path) as there:
        there.store.may_finish.clear()
        following = await there.start(SAID)
        id = await first_id(following)
        await there.store.delete("p", id)
        there.store.may_finish.set()
        assert status_of(await events_of(following)) == "failed"
        assert await _used(there) == ONCE


async def test_a_run_that_was_taken_over_is_counted_by_the_taker(tmp_path: Path) -> None:
    """Not by the server that finds out at the end."""
    async with world(tmp_path) as there:
        there.store.may_finish.clear()
        following = await there.start(SAID)
        await first_id(following)
        assert await there.store.take_over("other", 0)
        there.store.may_finish.set()
        assert status_of(await events_of(following)) == "failed"
        assert await _rows(there) == []


@pytest.mark.parametrize("then", ["settled", "deleted", "discarded"])
async def test_an_end_that_could_not_be_kept_is_counted_once(tmp_path: Path, then: str) -> None:
    """When it is kept later, or when its row is removed before."""
    async with world(tmp_path) as there:
        there.store.finish_fails = FULL
        asked = create_interaction(msgspec.json.encode({"model": "scripted", "input": SAID}))
        run = (await there.runs.start(CALLER, asked, incremental=True)).run
        await run.ended()
        there.store.finish_fails = None
        if then == "deleted":
            await there.runs.delete("p", run.id)
        if then == "discarded":
            await there.runs.discard(run)
        await there.runs.settle()
        assert await _used(there) == ONCE


async def test_deletion_takes_nothing_away(tmp_path: Path) -> None:
    """An interaction that is deleted after its end stays counted, and is not counted again."""
    async with world(tmp_path) as there:
        await there.runs.delete("p", id_of(await _run(there)))
        assert await _used(there) == ONCE


class _Doubtful(UsageStore):
    """Writes, and then fails while told to, as when a connection is lost after the commit."""

    fails = True

    async def add(self, writer: str, number: int, spent: Sequence[Spent]) -> None:
        """Add a batch, and say that it failed."""
        await super().add(writer, number, spent)
        if self.fails:
            raise Failure("unavailable", "Nobody knows what became of it.")


async def test_a_batch_of_which_nobody_knows_is_counted_once(tmp_path: Path) -> None:
    """It is sent again as it was, and what came meanwhile after it; the operator is told once."""
    seen: list[Observation] = []
    async with world(tmp_path, seen.append) as there:
        doubtful = _Doubtful(there.store._database)
        there.store.usage = doubtful
        spent = Spent(project="p", key="key_1", model="scripted", used=Used(day="2026-11-27", output=1))
        for _ in range(3):
            there.meter.add(spent)
            await there.meter.tick()
        doubtful.fails = False
        await there.meter.tick()
        [row] = await there.store.usage.rows()
        assert (row.requests, row.used.output) == (3, 3)
    assert len([each for each in seen if isinstance(each, Fault)]) == 1
