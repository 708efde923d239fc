"""Reads a family's lesson while nobody asks, so that the first client with functions need not wait for it.

The engine keeps what it has read. Reading that a turn interrupts goes on later from where it was.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from interplay.models.base import Failed, ModelRequest, Piece
from interplay.models.local.connection import EngineConnection
from interplay.models.local.functions.decision import taught
from interplay.models.local.functions.lesson import Lesson
from interplay.models.local.supervisor import EngineEvent
from interplay.models.local.turn_space import TurnSpace
from interplay.wire import GenerationConfig

SHORTEST: Final = ModelRequest(model="", steps=(), generation_config=GenerationConfig(max_output_tokens=1))
"""Asks for as little as the engine can be asked for, and grows, so that it notices when nobody listens any more."""


async def study(connection: EngineConnection, lesson: Lesson, space: TurnSpace) -> EngineEvent | None:
    """Read the lesson to its end, and say so. None where it does not fit, or the engine cannot read it."""
    chat = list(taught(lesson))
    tokens = await connection.prompt_tokens(chat)
    if tokens >= connection.context_tokens:
        return None
    began = time.monotonic()
    while True:
        try:
            async with space.spare(tokens + 1):
                last = await ended(connection.chat.generate(SHORTEST, {"messages": chat}))
        except TimeoutError:  # a turn wants the engine
            continue
        said = f"its lesson on functions, {tokens} tokens, was read after {time.monotonic() - began:.1f} s"
        return None if isinstance(last, Failed) else EngineEvent("prepared", said)


async def ended(answer: AsyncGenerator[Piece, None]) -> Piece | None:
    """The last piece of an answer."""
    last = None
    async with aclosing(answer) as pieces:
        async for piece in pieces:
            last = piece
    return last
