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
    still_wanted: Callable[[], bool],
    saved: "SavedPrompt | None" = None,
) -> EngineEvent | None:
    """Have the lesson read to its end, and say so. None where it does not fit, or is wanted no more. Raises Failure."""
    tokens = await connection.tokens(list(taught(lesson)))
    if len(tokens) >= connection.context_tokens:
        return None
    began = time.monotonic()
    how = "read"
    if saved is not None and await saved.restored(tokens, still_wanted):
        how = "restored"
    elif not await read(connection, tokens, space, still_wanted, saved):
        return None
    said = f"its lesson on functions, {len(tokens)} tokens, was {how} after {time.monotonic() - began:.1f} s"
    return EngineEvent("prepared", said)


async def read(
    connection: EngineConnection,
    tokens: Sequence[int],
    space: TurnSpace,
    still_wanted: Callable[[], bool],
    saved: "SavedPrompt | None",
) -> bool:
    """Read on while nobody asks, and have it saved. False once it is wanted no more. Raises Failure."""
    for end in range(AT_ONCE, len(tokens) + AT_ONCE, AT_ONCE):
        async with space.alone():
            if not still_wanted():
                return False
            place = await connection.read(tokens[:end])
            if end >= len(tokens) and saved is not None:
                await saved.save(place, tokens)
    return True


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

    async def restored(self, tokens: Sequence[int], still_wanted: Callable[[], bool]) -> bool:
        """Whether the engine has the state of this prompt back. A file that it does not take is removed."""
        async with self.space.alone():
            file = await self._file(tokens) if still_wanted() else None
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
