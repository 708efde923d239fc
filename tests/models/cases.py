"""The adapters that the conformance suite runs over: each an open backend with prompts that it understands.

To add one, write a context manager that yields a `Case` and put it into `CASES`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest

from interplay.models.base import Backend
from interplay.models.openai import OpenAIBackend
from interplay.models.scripted.backend import ScriptedBackend
from tests.models.chat_server import MODEL, chat_server
from tests.models.local_engine import NAME, running, small, smollm2, until_at_work, until_idle


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """What to ask so that a known thing must happen, in the words that the model understands."""

    greet: str = "Say hello."
    """Anything that has a short answer."""
    long: str = "Count from 1 to 200 in digits, separated by commas. Do not stop early."
    """An answer of more than 50 tokens, with `5` among the first 20."""
    endless: str = "Count from 1 to 1000000 in digits, separated by commas. Do not stop early."
    """An answer that is still going on when it is stopped."""
    recall: str = "What is my name?"
    """After a turn that says `My name is Ada.`: an answer with `Ada`."""
    weigh: str = "Repeat after me, exactly this letter and nothing else: B"
    """`B` is the likeliest answer among letters."""
    obey: str = "Good morning! How are you?"
    """With the system instruction to say only the word `banana`: an answer with `banana`."""
    weather: str = "What is the weather in Paris?"
    """With the function `get_weather` on offer: a call of it for `Paris`."""
    person: str = "Ada is 36 years old. Who is she?"
    """With a schema for a name and an age: Ada's."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """An adapter at work."""

    backend: Backend
    model: str
    unknown_model: str | None = "no-such-model"
    """None where the engine answers to every name."""
    working: Callable[[], Awaitable[object]]
    """Returns once the engine makes an answer."""
    idle: Callable[[], Awaitable[object]]
    """Returns once it makes none."""
    prompts: Prompts = Prompts()


@asynccontextmanager
async def openai() -> AsyncIterator[Case]:
    """The OpenAI backend with a real server behind it."""
    async with chat_server() as server:
        backend = OpenAIBackend(server.url, "sk-1234567890")
        await backend.open()
        yield Case(backend=backend, model=MODEL, working=server.working.wait, idle=server.idle.wait)
        await backend.close()


@asynccontextmanager
async def scripted() -> AsyncIterator[Case]:
    """The scripted backend; it works while it waits."""
    working, idle = asyncio.Event(), asyncio.Event()

    idle.set()

    async def wait(seconds: float) -> None:
        working.set()
        idle.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            idle.set()

    prompts = Prompts(
        long="repeat: 4 1 2 3 4\nsay: 5\nrepeat: 100 6",
        endless="say: 1\nwait: 1000\nsay: 2",
        recall="recall: 1",
        obey="system:",
        weigh="weigh: banana=3 apple=1\nA) apple\nB) banana",
    )
    backend = ScriptedBackend(wait=wait)
    await backend.open()
    yield Case(backend=backend, model="scripted", working=working.wait, idle=idle.wait, prompts=prompts)
    await backend.close()


@asynccontextmanager
async def local() -> AsyncIterator[Case]:
    """The local backend with a real model, one so small that it must be asked in its own way."""
    prompts = Prompts(
        long="Write the numbers from 1 to 100, one by one: 1, 2, 3, 4, 5, 6",
        endless="Write a very long story about a dog and a cat.",
        recall="Who am I? Repeat what I said.",
        obey="Which word?",
    )
    async with running(small(smollm2())) as backend:
        yield Case(
            backend=backend,
            model=NAME,
            unknown_model=None,
            working=partial(until_at_work, backend),
            idle=partial(until_idle, backend),
            prompts=prompts,
        )


CASES: dict[str, Callable[[], AbstractAsyncContextManager[Case]]] = {
    "openai": openai,
    "scripted": scripted,
    "local": local,
}

PARAMETERS = [pytest.param(name, marks=pytest.mark.model) if name == "local" else name for name in CASES]
"""The names of the adapters, those marked that take a real model."""

CALLERS = ["openai"]
"""The names of those that call functions and answer with JSON: `test_conformance_calls`."""
