"""Background runs whose store fails, whose answer is lost, or whose server was taken for dead: none gets stuck."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from interplay import wire
from interplay.caller import Caller
from interplay.errors import Failure
from interplay.runs.following import Following
from interplay.runs.resuming import MOST_DEATHS
from interplay.store.interactions import NewInteraction
from interplay.wire.decode import create_interaction

from .test_failing_store import FULL, World, events_of, world

CALLER = Caller("p", "key_1")
AWAY = Failure("unavailable", "The server's database does not answer.")


async def begun(there: World, input: str, **body: Any) -> str:
    """Enqueue a background interaction; its id."""
    request = {"model": "scripted", "input": input, "background": True, **body}
    return (await there.runs.enqueue(CALLER, create_interaction(msgspec.json.encode(request)))).interaction.id


async def said(following: Following, word: str) -> None:
    """Read until a word was said."""
    text = b""
    while word.encode() not in text:
        text += b"".join(entry.payload for entry in await following.reader.next() or ())


async def ended(there: World, id: str) -> wire.Interaction:
    """The interaction once it has ended; time passes for everything that looks now and then."""
    async with asyncio.timeout(20):
        while (now := await there.get(id)).status in ("queued", "in_progress"):
            await there.runs.background.tick()
            await there.runs.strays.tick()
            await asyncio.sleep(0.01)
    return now


def text_of(interaction: wire.Interaction) -> str:
    """What its model said."""
    return "".join(
        block.text
        for step in interaction.steps or ()
        if isinstance(step, wire.ModelOutputStep)
        for block in step.content or ()
        if isinstance(block, wire.TextContent)
    )


async def test_a_server_that_was_taken_for_dead_may_claim_its_own_run(tmp_path: Path) -> None:
    """It stops the run that it has, and goes on with it from the log; whoever else writes then is not harmed."""
    async with world(tmp_path) as there:
        id = await begun(there, "say: one\nwait: 0.3\nsay: two\nwait: 0.3\nsay: three")
        bystander = await begun(there, "say: by\nwait: 0.5\nsay: stander")
        await said(await there.runs.follow("p", id, None), "one")
        assert await there.store.work.requeue(0) == 2
        assert text_of(await ended(there, id)).split() == ["one", "two", "three"]
        assert text_of(await ended(there, bystander)).split() == ["by", "stander"]


async def test_a_run_that_is_anothers_shows_no_end(tmp_path: Path) -> None:
    """Its readers are cut off: what they have seen goes on elsewhere."""
    async with world(tmp_path) as there:
        id = await begun(there, "say: one\nwait: 0.2\nsay: two")
        following = await there.runs.follow("p", id, None)
        await said(following, "one")
        await there.store.work.requeue(0)
        await there.store.work.claim("another", "in_progress", 1)
        rest = await events_of(following)
        assert following.reader.cut
        assert not any(isinstance(event, wire.InteractionCompletedEvent | wire.ErrorEvent) for event in rest)
        kept = await there.store.events(id)
        assert "two" not in str(kept)


@pytest.mark.parametrize("failure", [FULL, AWAY])
async def test_a_store_that_fails_for_a_moment_costs_nothing(tmp_path: Path, failure: Failure) -> None:
    """The run stops, and goes on from what was written once the store can be written to again."""
    async with world(tmp_path) as there:
        id = await begun(there, "say: one\nwait: 0.1\nsay: two\nwait: 0.1\nsay: three")
        following = await there.runs.follow("p", id, None)
        await said(following, "one")
        there.store.append_fails = failure
        await events_of(following)
        there.store.append_fails = None
        assert text_of(await ended(there, id)).split() == ["one", "two", "three"]


async def test_an_end_that_could_not_be_kept_is_kept_later(tmp_path: Path) -> None:
    """Nothing is asked of the model again: the log has the answer."""
    async with world(tmp_path) as there:
        there.store.finish_fails = AWAY
        id = await begun(there, "say: one two")
        await events_of(await there.runs.follow("p", id, None))
        there.store.finish_fails = None
        end = await ended(there, id)
        assert (end.status, text_of(end)) == ("completed", "one two")


async def test_an_answer_that_met_its_limit_is_incomplete_also_after_a_crash(tmp_path: Path) -> None:
    """Between its last step and its end nothing says so but the tokens, which are counted."""
    async with world(tmp_path) as there:
        there.store.finish_fails = AWAY
        id = await begun(there, "say: one two three", generation_config={"max_output_tokens": 2})
        await events_of(await there.runs.follow("p", id, None))
        there.store.finish_fails = None
        assert (await ended(there, id)).status == "incomplete"


async def test_a_cancel_that_could_not_be_kept_is_kept_later(tmp_path: Path) -> None:
    """What was taken to be cancelled is nobody's until it is, and is not run."""
    async with world(tmp_path) as there:
        held = [await begun(there, "say: go\nwait: 60") for _ in range(2)]
        id = await begun(there, "say: hello")
        there.store.finish_fails = FULL
        with pytest.raises(Failure, match="disk is full"):
            await there.runs.cancel("p", id)
        there.store.finish_fails = None
        for each in held:
            await there.runs.cancel("p", each)
        end = await ended(there, id)
        assert (end.status, text_of(end)) == ("cancelled", "")


async def test_a_row_whose_writer_was_told_that_it_failed_does_not_stay_in_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An insert whose answer was lost: work is done, and what a client waited for is failed."""
    async with world(tmp_path) as there:
        insert = there.store.insert

        async def lost(new: NewInteraction) -> None:
            await insert(new)
            ids.append(new.id)
            raise AWAY

        ids: list[str] = []
        monkeypatch.setattr(there.store, "insert", lost)
        with pytest.raises(Failure):
            await begun(there, "say: hello")
        with pytest.raises(Failure):
            await there.start("say: hello")
        assert (await ended(there, ids[0])).status == "completed"
        assert (await ended(there, ids[1])).status == "failed"


async def test_what_is_begun_while_the_server_stops_is_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stop waits for a row that is being written, and leaves the work to the next start."""
    async with world(tmp_path) as there:
        insert, may_insert = there.store.insert, asyncio.Event()

        async def slow(new: NewInteraction) -> None:
            await may_insert.wait()
            await insert(new)

        monkeypatch.setattr(there.store, "insert", slow)
        asking = asyncio.create_task(begun(there, "say: one\nwait: 30\nsay: two"))
        await asyncio.sleep(0)
        closing = asyncio.create_task(there.runs.close(0.1))
        await asyncio.sleep(0.05)
        may_insert.set()
        await closing
        assert (await there.get(await asking)).status == "in_progress"
        assert [each.interaction.id for each in await there.store.work.claim("next", "in_progress", 5)] == [
            await asking
        ]


async def test_what_cannot_be_begun_just_now_keeps_nothing_else_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work whose conversation cannot be read for a moment is tried again; others are done meanwhile, and it is."""
    async with world(tmp_path) as there:
        earlier = await ended(there, await begun(there, "say: earlier"))
        held = [await begun(there, "say: go\nwait: 60") for _ in range(2)]
        stuck = [await begun(there, "say: later", previous_interaction_id=earlier.id) for _ in range(2)]
        healthy = await begun(there, "say: hello")
        history, away = there.store.history, True

        async def sometimes(project: str, id: str) -> Any:
            if away:
                raise AWAY
            return await history(project, id)

        monkeypatch.setattr(there.store, "history", sometimes)
        there.runs.forget()
        for each in held:
            await there.runs.cancel("p", each)
        assert text_of(await ended(there, healthy)) == "hello"
        assert [(await there.get(each)).status for each in stuck] == ["queued"] * 2
        assert (await there.runs.cancel("p", stuck[0])) is not None
        away = False
        assert text_of(await ended(there, stuck[1])) == "later"


async def test_what_is_not_written_is_not_shown(tmp_path: Path) -> None:
    """A reader of a background run sees its events once a crash could not take them back."""
    async with world(tmp_path) as there:
        there.store.may_append.clear()
        id = await begun(there, "say: one")
        following = await there.runs.follow("p", id, None)
        reading = asyncio.create_task(following.reader.next())
        for _ in range(100):
            await asyncio.sleep(0)
        early = reading.done()
        there.store.may_append.set()
        assert not early
        assert [entry.sequence for entry in await reading or ()][:1] == [1]


async def test_a_run_that_kills_its_servers_is_given_up(tmp_path: Path) -> None:
    """After ten of them it may be the reason: it is failed, and says so."""
    async with world(tmp_path) as there:
        held = [await begun(there, "say: go\nwait: 60") for _ in range(2)]
        id = await begun(there, "say: never")
        for number in range(MOST_DEATHS):
            assert await there.store.work.take("p", id, f"server {number}") is not None
            await there.store.seen("this start")
            assert await there.store.work.requeue(60) == 1
        for each in held:
            await there.runs.cancel("p", each)
        end = await ended(there, id)
        assert (end.status, text_of(end)) == ("failed", "")
        assert "died 10 times" in str(end.errors)
