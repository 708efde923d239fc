"""Reads a family's lesson while nobody asks, so that the first client with functions need not wait for it.

Piece by piece, each to its end. The engine goes on for a while with a reading that is broken off, and a turn that came
meanwhile would find the place of what was read taken, and read all of it again in another.
"""

import time
from collections.abc import Callable
from typing import Final

from interplay.models.local.connection import EngineConnection
from interplay.models.local.functions.decision import taught
from interplay.models.local.functions.lesson import Lesson
from interplay.models.local.supervisor import EngineEvent
from interplay.models.local.turn_space import TurnSpace

AT_ONCE: Final = 48
"""Tokens of a piece: a second for the 1.5B on two cores, which a turn that comes meanwhile has to wait."""


async def study(
    connection: EngineConnection, lesson: Lesson, space: TurnSpace, still_wanted: Callable[[], bool]
) -> EngineEvent | None:
    """Read the lesson to its end, and say so. None where it does not fit, or is wanted no more. Raises Failure."""
    tokens = await connection.tokens(list(taught(lesson)))
    if len(tokens) >= connection.context_tokens:
        return None
    began = time.monotonic()
    for end in range(AT_ONCE, len(tokens) + AT_ONCE, AT_ONCE):
        async with space.alone():
            if not still_wanted():
                return None
            await connection.read(tokens[:end])
    said = f"its lesson on functions, {len(tokens)} tokens, was read after {time.monotonic() - began:.1f} s"
    return EngineEvent("prepared", said)
