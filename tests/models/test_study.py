"""What the local engine reads before anybody asks."""

import asyncio
from pathlib import Path
from typing import Self

import msgspec
import pytest

from interplay.models.base import Counts
from interplay.models.local.backend import LocalBackend
from interplay.models.local.saved import digest
from interplay.models.local.supervisor import EngineEvent
from tests.models.asking import answer, request
from tests.models.functions import WEATHER
from tests.models.local_engine import LOADING_SECONDS, NAME, small

pytestmark = pytest.mark.model

LESSON_TOKENS = 1000
"""What every turn with functions begins with has more of them."""


class Studying:
    """A backend that prepares itself, and what is heard of it."""

    def __init__(self, path: Path, context_tokens: int = 4096, prompts: Path | None = None) -> None:
        folder = None if prompts is None else str(prompts)
        settings = msgspec.structs.replace(small(path, context_tokens), prepares=True, prompts_folder=folder)
        self.backend = LocalBackend(settings, NAME, patience=LOADING_SECONDS, on_event=self._note)
        self.kinds: list[str] = []
        self.details: list[str] = []
        self._news = asyncio.Event()

    async def until(self, kind: str) -> None:
        """Return once this has happened."""
        async with asyncio.timeout(LOADING_SECONDS):
            while kind not in self.kinds:
                self._news.clear()
                await self._news.wait()

    def _note(self, event: EngineEvent) -> None:
        self.kinds.append(event.kind)
        self.details.append(event.detail)
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


async def test_a_turn_with_functions_meanwhile_reads_the_rest_which_is_kept_too(
    smollm2_path: Path, tmp_path: Path
) -> None:
    """It uses what was read; what it reads itself is not read again, and is there for the next start."""
    async with Studying(smollm2_path, prompts=tmp_path) as studying:
        await studying.until("ready")
        await answer(studying.backend, request(NAME, "Hello!"))
        assert await cached(studying.backend) < LESSON_TOKENS
        await studying.until("prepared")
        assert await cached(studying.backend) > LESSON_TOKENS
        only(tmp_path)


async def test_a_turn_that_comes_before_the_lesson_is_back_waits_for_it(smollm2_path: Path, tmp_path: Path) -> None:
    """Having it back takes a moment, reading it anew half a minute."""
    await started(smollm2_path, tmp_path)
    async with Studying(smollm2_path, prompts=tmp_path) as studying:
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


async def started(path: Path, prompts: Path) -> str:
    """Start an engine, wait until it is prepared, and say how it was; it has the lesson then."""
    async with Studying(path, prompts=prompts) as studying:
        await studying.until("prepared")
        assert await cached(studying.backend) > LESSON_TOKENS
        return studying.details[-1]


def only(folder: Path) -> Path:
    """The one file in a folder."""
    (file,) = folder.iterdir()
    return file


async def test_a_later_start_has_the_lesson_back(smollm2_path: Path, tmp_path: Path) -> None:
    """Its state is kept in a file of the user's own; the next start finds it, unless it was changed."""
    folder = tmp_path / "prompts"
    assert "was read" in await started(smollm2_path, folder)
    first = only(folder)
    assert first.stat().st_mode & 0o777 == 0o600
    assert "was restored" in await started(smollm2_path, folder)
    assert only(folder) == first

    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 1
    first.write_bytes(data)
    assert "was read" in await started(smollm2_path, folder)
    assert "was restored" in await started(smollm2_path, folder)


async def test_a_file_that_the_engine_does_not_take_is_replaced(smollm2_path: Path, tmp_path: Path) -> None:
    """Whatever is found under the right name, the lesson is there in the end."""
    await started(smollm2_path, tmp_path)
    file = only(tmp_path)
    file.write_bytes(b"nonsense")
    model, key, *_ = file.name.split(".")
    file = file.rename(tmp_path / f"{model}.{key}.{digest(file)}.prompt")
    async with Studying(smollm2_path, prompts=tmp_path) as studying:
        await studying.until("prepared")
        assert studying.kinds.count("unsaved") == 1
        assert "was read" in studying.details[-1]
    assert only(tmp_path) != file


async def test_without_a_place_for_it_nothing_is_kept_and_all_is_served(smollm2_path: Path, tmp_path: Path) -> None:
    """That is said once; the lesson is read as ever."""
    taken = tmp_path / "file"
    taken.touch()
    async with Studying(smollm2_path, prompts=taken) as studying:
        await studying.until("prepared")
        assert await cached(studying.backend) > LESSON_TOKENS
        assert studying.kinds.count("unsaved") == 1
