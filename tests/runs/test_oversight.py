"""What a server does about its runs when the store says that they are unwanted, or no longer its own."""

import asyncio
from contextlib import closing
from pathlib import Path

from interplay import wire
from interplay.store.in_progress import InProgress, Owned
from interplay.store.signals import CancelAsked, Changed, LookEverywhere, TakenAway, WorkWaits
from interplay.store.sqlite import files
from tests.runs.test_failing_store import events_of, first_id, status_of, world


class Held:
    """The real port, whose answer is held back until a test lets it go."""

    def __init__(self, real: InProgress) -> None:
        self._real = real
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def owned(self, owner: str) -> list[Owned]:
        """The answer as of now, later."""
        answer = await self._real.owned(owner)
        self.asked.set()
        await self.may_answer.wait()
        return answer


async def test_only_signals_about_its_runs_concern_a_server(tmp_path: Path) -> None:
    """Those that may end one of them; never the news that it makes itself."""
    async with world(tmp_path) as there:
        concerned = there.runs.oversight.concerned
        following = await there.start("wait: 60")
        id = await first_id(following)
        assert concerned(CancelAsked((id,)))
        assert concerned(TakenAway(("x", id)))
        assert concerned(LookEverywhere())
        assert not concerned(CancelAsked(("x",)))
        assert not concerned(Changed((id,)))
        assert not concerned(WorkWaits())
        await there.runs.cancel("p", id)


async def test_what_is_wanted_and_its_own_goes_on(tmp_path: Path) -> None:
    """A look ends the run that somebody wants cancelled and the one that was taken over, and no other."""
    async with world(tmp_path) as there:
        followings = [await there.start("wait: 60") for _ in range(3)]
        taken, unwanted, kept = [await first_id(each) for each in followings]
        await there.runs._live._recorder.flush()  # what is written later would show that it was taken
        with closing(files.connect(tmp_path)) as another:
            another.execute("UPDATE interactions SET owner = 'another' WHERE id = ?", (taken,))
        await there.store.in_progress.ask_to_cancel("p", unwanted)
        await there.runs.oversight.tick()
        events = await events_of(followings[0])
        error = events[-2]
        assert isinstance(error, wire.ErrorEvent)
        assert error.error is not None
        assert (status_of(events), error.error.code) == ("failed", "unavailable")
        assert status_of(await events_of(followings[1])) == "cancelled"
        assert (await there.get(kept)).status == "in_progress"
        await there.runs.cancel("p", kept)


async def test_a_run_that_begins_while_the_store_is_asked_is_left_alone(tmp_path: Path) -> None:
    """The answer does not know it yet; so is one that ends meanwhile."""
    async with world(tmp_path) as there:
        held = Held(there.store.in_progress)
        there.store.in_progress = held  # type: ignore[assignment]
        first = await there.start("wait: 0.05\nsay: done")
        await first_id(first)
        look = asyncio.create_task(there.runs.oversight.tick())
        await held.asked.wait()
        second = await there.start("wait: 0.2\nsay: done")
        assert status_of(await events_of(first)) == "completed"
        held.may_answer.set()
        await look
        assert status_of(await events_of(second)) == "completed"
