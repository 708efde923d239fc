"""What the local engine reads before anybody asks."""

import asyncio
from pathlib import Path
from typing import Self

import msgspec
import pytest

from interplay.models.base import Counts
from interplay.models.local.backend import LocalBackend
from interplay.models.local.supervisor import EngineEvent
from tests.models.asking import answer, request
from tests.models.functions import WEATHER
from tests.models.local_engine import LOADING_SECONDS, NAME, small

pytestmark = pytest.mark.model

LESSON_TOKENS = 1000
"""What every turn with functions begins with has more of them."""


class Studying:
    """A backend that prepares itself, and what is heard of it."""

    def __init__(self, path: Path, context_tokens: int = 4096) -> None:
        settings = msgspec.structs.replace(small(path, context_tokens), prepares=True)
        self.backend = LocalBackend(settings, NAME, patience=LOADING_SECONDS, on_event=self._note)
        self.kinds: list[str] = []
        self._news = asyncio.Event()

    async def until(self, kind: str) -> None:
        """Return once this has happened."""
        async with asyncio.timeout(LOADING_SECONDS):
            while kind not in self.kinds:
                self._news.clear()
                await self._news.wait()

    def _note(self, event: EngineEvent) -> None:
        self.kinds.append(event.kind)
        self._news.set()

    async def __aenter__(self) -> Self:
        await self.backend.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.backend.close()


async def cached(backend: LocalBackend) -> int:
    """How many tokens of a first turn with functions had been read before it came."""
    pieces = await answer(backend, request(NAME, "What's the weather in Oslo?", functions=(WEATHER,), must_call=True))
    (counts,) = [piece for piece in pieces if isinstance(piece, Counts)]
    return counts.cached or 0


async def test_the_first_turn_with_functions_need_not_read_the_lesson(smollm2_path: Path) -> None:
    """The engine has read it by then, unasked."""
    async with Studying(smollm2_path) as studying:
        await studying.until("prepared")
        assert await cached(studying.backend) > LESSON_TOKENS


async def test_a_turn_that_comes_meanwhile_is_served_and_the_reading_goes_on(smollm2_path: Path) -> None:
    """The turn does not wait for the whole lesson, and the engine reads on when it is over."""
    async with Studying(smollm2_path) as studying:
        await studying.until("ready")
        assert await answer(studying.backend, request(NAME, "Hello!"))
        assert "prepared" not in studying.kinds
        await studying.until("prepared")
        assert await cached(studying.backend) > LESSON_TOKENS


async def test_a_turn_with_functions_meanwhile_uses_what_was_read_and_reads_the_rest(smollm2_path: Path) -> None:
    """No second reading follows it: there is nothing left to read."""
    async with Studying(smollm2_path) as studying:
        await studying.until("ready")
        await answer(studying.backend, request(NAME, "Hello!"))
        assert await cached(studying.backend) < LESSON_TOKENS
        assert await cached(studying.backend) > LESSON_TOKENS
        reading = studying.backend._studying
        assert reading is not None
        await asyncio.wait_for(reading, LOADING_SECONDS)
        assert "prepared" not in studying.kinds
        assert await cached(studying.backend) > LESSON_TOKENS


async def test_a_lesson_that_does_not_fit_is_not_read(smollm2_path: Path) -> None:
    """A small conversation memory is left to the conversations."""
    async with Studying(smollm2_path, context_tokens=256) as studying:
        await studying.until("ready")
        await answer(studying.backend, request(NAME, "Hello!"))
        reading = studying.backend._studying
        assert reading is not None
        await asyncio.wait_for(reading, LOADING_SECONDS)
        assert "prepared" not in studying.kinds
