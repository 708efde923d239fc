"""A local engine with a real model, and ways to see from outside what it is doing."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from interplay.models.local.backend import LocalBackend
from interplay.models.local.connection import EngineConnection
from interplay.models.local.settings import EngineSettings
from interplay.models.local.supervisor import RestartPolicy
from interplay.weights.places import models_folder

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
CODER = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
NAME = "smollm2-135m-instruct-q4_1"
LOADING_SECONDS = 60.0


def smollm2() -> Path:
    """The smallest model there is a pin for."""
    return model_file(FILE)


def coder() -> Path:
    """The default model."""
    return model_file(CODER)


def model_file(name: str) -> Path:
    """A model's file. Tests fail without it; they are not skipped, lest nobody notice."""
    path = models_folder() / name
    assert path.exists(), f"There is no {path}; get it with `interplay models pull`, or leave out `-m 'not model'`."
    return path


def small(path: Path, context_tokens: int = 2048, memory_tokens: int = 4096) -> EngineSettings:
    """Settings for an engine that starts fast, and does nothing that it was not asked for."""
    return EngineSettings(
        model_path=str(path),
        context_tokens=context_tokens,
        memory_tokens=memory_tokens,
        answer_tokens=1024,
        prepares=False,
    )


@asynccontextmanager
async def running(settings: EngineSettings, policy: RestartPolicy | None = None) -> AsyncIterator[LocalBackend]:
    """An open backend whose model is loaded."""
    backend = LocalBackend(settings, NAME, patience=LOADING_SECONDS, policy=policy)
    await backend.open()
    try:
        await connection(backend)
        yield backend
    finally:
        await backend.close()


async def connection(backend: LocalBackend) -> EngineConnection:
    """The engine's present life."""
    return await backend._connected()


async def turns_at_work(backend: LocalBackend) -> int:
    """How many turns the engine is working on, by its own word."""
    engine = await connection(backend)
    metrics = await engine.chat.upstream.fetch("GET", f"{engine.engine.url}/metrics")
    found = re.search(rb"^llamacpp:requests_processing (\d+)", metrics, re.MULTILINE)
    assert found is not None
    return int(found[1])


async def until_at_work(backend: LocalBackend, turns: int = 1) -> None:
    """Return once the engine works on so many turns, or more."""
    while await turns_at_work(backend) < turns:  # noqa: ASYNC110 - the engine can only be asked
        await asyncio.sleep(0.01)


async def until_idle(backend: LocalBackend) -> None:
    """Return once the engine works on nothing."""
    while await turns_at_work(backend):  # noqa: ASYNC110 - the engine can only be asked
        await asyncio.sleep(0.01)
