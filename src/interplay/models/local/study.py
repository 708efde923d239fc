"""Reads a family's lesson while nobody asks, so that the first client with functions need not wait for it.

Piece by piece, each to its end. The engine goes on for a while with a reading that is broken off, and a turn that came
meanwhile would find the place of what was read taken, and read all of it again in another. What was read is kept in a
file (`saved`), which a later start has back at once.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from interplay.errors import Failure
from interplay.models.local.connection import EngineConnection
from interplay.models.local.functions.decision import taught
from interplay.models.local.functions.lesson import Lesson
from interplay.models.local.saved import SavedPrompts
from interplay.models.local.supervisor import EngineEvent
from interplay.models.local.turn_space import TurnSpace

AT_ONCE: Final = 48
"""Tokens of a piece: a second for the 1.5B on two cores, which a turn that comes meanwhile has to wait."""


async def study(
    connection: EngineConnection,
    lesson: Lesson,
    space: TurnSpace,
    looked_up: Callable[[], None],
    read_by_turn: Callable[[], bool],
    saved: "SavedPrompt | None" = None,
) -> EngineEvent | None:
    """Have the lesson read to its end, and say so. None where it does not fit. Raises Failure.

    `looked_up` is told once it is known whether an earlier start has kept it. `read_by_turn` says whether a turn has
    read it meanwhile, so that the rest is there at once.
    """
    tokens = await connection.tokens(list(taught(lesson)))
    if len(tokens) >= connection.context_tokens:
        return None
    began = time.monotonic()
    restored = saved is not None and await saved.restored(tokens)
    looked_up()
    if not restored:
        await read(connection, tokens, space, read_by_turn, saved)
    how = "restored" if restored else "read"
    said = f"its lesson on functions, {len(tokens)} tokens, was {how} after {time.monotonic() - began:.1f} s"
    return EngineEvent("prepared", said)


async def read(
    connection: EngineConnection,
    tokens: Sequence[int],
    space: TurnSpace,
    read_by_turn: Callable[[], bool],
    saved: "SavedPrompt | None",
) -> None:
    """Read on while nobody asks, and have it saved. Raises Failure."""
    end = 0
    while end < len(tokens):
        async with space.alone():
            end = len(tokens) if read_by_turn() else end + AT_ONCE
            place = await connection.read(tokens[:end])
            if end >= len(tokens) and saved is not None:
                await saved.save(place, tokens)


class SavedPrompt(msgspec.Struct, frozen=True):
    """A way to have what an engine read in one life kept for the next."""

    files: SavedPrompts
    connection: EngineConnection
    space: TurnSpace
    place: int
    """Where the engine has it back: the last place, since turns take the first."""
    about_engine: object
    """What its state depends on, beside the weights and the prompt."""
    on_trouble: Callable[[str], None]
    """Told why nothing can be kept."""

    async def restored(self, tokens: Sequence[int]) -> bool:
        """Whether the engine has the state of this prompt back. A file that it does not take is removed."""
        async with self.space.alone():
            file = await self._file(tokens)
            if file is None:
                return False
            try:
                if await self.connection.restore(self.place, file) == len(tokens):
                    return True
            except Failure as failure:
                self.on_trouble(f"a saved prompt was not taken: {failure.message}")
            self.files.remove(file)
            return False

    async def _file(self, tokens: Sequence[int]) -> str | None:
        """The file that has it, if it can be read."""
        try:
            return await asyncio.to_thread(lambda: self.files.find(self._key(tokens)))
        except OSError as error:
            self.on_trouble(f"saved prompts cannot be read: {error}")
            return None

    async def save(self, place: int, tokens: Sequence[int]) -> None:
        """Keep the state of this prompt, which is in a place of the engine's; a failure to is told and no more."""
        half = self.files.half()
        try:
            if await self.connection.save(place, half) == len(tokens):
                await asyncio.to_thread(lambda: self.files.publish(self._key(tokens), half))
                return
            reason = "the engine wrote another length than it read"
        except (Failure, OSError) as error:
            reason = str(error)
        self.files.remove(half)
        self.on_trouble(f"its lesson cannot be kept for the next start: {reason}")

    def _key(self, tokens: Sequence[int]) -> str:
        return self.files.key([self.connection.build, self.about_engine], tokens)
