import asyncio

import pytest

from interplay.models.local.turn_space import TurnSpace


class Turn:
    """A turn that has asked for room."""

    def __init__(self, space: TurnSpace, tokens: int, *, patient: bool = False) -> None:
        self.inside = False
        self._done = asyncio.Event()
        self.task = asyncio.create_task(self._run(space, tokens, patient=patient))

    async def _run(self, space: TurnSpace, tokens: int, *, patient: bool) -> None:
        async with space.taken(tokens, patient=patient):
            self.inside = True
            await self._done.wait()

    async def leave(self) -> None:
        """Be done."""
        self._done.set()
        await self.task


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_turns_than_places() -> None:
    """The third turn in a space for two is let in when one leaves."""
    space = TurnSpace(2, 1000)
    turns = [Turn(space, 1) for _ in range(3)]
    await settle()
    assert [turn.inside for turn in turns] == [True, True, False]
    await turns[0].leave()
    await settle()
    assert turns[2].inside
    await asyncio.gather(turns[1].leave(), turns[2].leave())


async def test_no_more_tokens_than_memory_and_nobody_overtakes() -> None:
    """A large turn waits for memory, and a small one behind it does not take its turn."""
    space = TurnSpace(9, 100)
    first, large, small = Turn(space, 60), Turn(space, 80), Turn(space, 10)
    await settle()
    assert [first.inside, large.inside, small.inside] == [True, False, False]
    await first.leave()
    await settle()
    assert [large.inside, small.inside] == [True, True]
    await asyncio.gather(large.leave(), small.leave())


@pytest.mark.parametrize("let_in_meanwhile", [False, True])
async def test_a_cancelled_turn_leaves_no_gap(let_in_meanwhile: bool) -> None:
    """A turn cancelled while it waits, even just as it is let in, keeps no room for itself."""
    space = TurnSpace(1, 100)
    first, second, third = Turn(space, 10), Turn(space, 10), Turn(space, 10)
    await settle()
    if let_in_meanwhile:
        space._give_back(10)
    second.task.cancel()
    await settle()
    assert not second.inside
    if let_in_meanwhile:
        space._turns, space._tokens = space._turns - 1, space._tokens - 10
        assert third.inside
    await first.leave()
    await settle()
    assert third.inside
    await third.leave()
    assert (space._turns, space._tokens) == (1, 100) or let_in_meanwhile


async def test_alone_is_who_comes_when_nobody_wants_room() -> None:
    """He waits for the last turn to leave, and the next waits for him, and finds the space whole."""
    space = TurnSpace(1, 100)
    inside, leave = asyncio.Event(), asyncio.Event()

    async def alone() -> None:
        async with space.alone():
            inside.set()
            await leave.wait()

    first = Turn(space, 10)
    await settle()
    being_alone = asyncio.create_task(alone())
    await settle()
    assert not inside.is_set()
    await first.leave()
    await settle()
    assert inside.is_set()
    second = Turn(space, 100)
    await settle()
    assert not second.inside
    leave.set()
    await settle()
    assert second.inside
    await asyncio.gather(second.leave(), being_alone)


async def test_patient_turns_come_behind_all_others() -> None:
    """Whoever came first; among themselves they keep their order."""
    space = TurnSpace(1, 1000)
    first = Turn(space, 1)
    await settle()
    patient = [Turn(space, 1, patient=True) for _ in range(2)]
    await settle()
    late = Turn(space, 1)
    for leaving, entering in zip([first, late, patient[0]], [late, *patient], strict=True):
        await settle()
        assert [turn.inside for turn in (late, *patient)].count(True) == [late, *patient].index(entering)
        await leaving.leave()
        await settle()
        assert entering.inside
    await patient[1].leave()
