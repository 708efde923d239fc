"""A real engine with a real model, asked for JSON with a grammar, with a schema, or with neither."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import msgspec

from interplay.models.local.process import EngineProcess
from interplay.models.local.settings import EngineSettings

TOKENS: Final = 400
BASELINE_TOKENS: Final = 64
"""Enough for a time per token."""
LONGEST_WAIT: Final = aiohttp.ClientTimeout(total=7200)
"""All are asked at once, and the engine works on four."""


class Answer(msgspec.Struct, frozen=True):
    """What came of one request."""

    text: str = ""
    whole: bool = False
    """Whether it ended by itself, before the limit on tokens."""
    tokens: int = 0
    milliseconds: float = 0.0
    """For each token."""
    refused: str | None = None
    """What the engine said instead of answering."""


class Engine:
    """An engine that runs."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def ask(self, prompt: str, tokens: int = TOKENS, **steering: Any) -> Answer:
        """One greedy answer. `steering` is `grammar`, or `response_format`, or nothing."""
        body = {
            "messages": [{"role": "user", "content": f"{prompt} Answer in JSON."}],
            "max_tokens": tokens,
            "temperature": 0,
            "cache_prompt": False,
            **steering,
        }
        async with self._session.post(f"{self._url}/v1/chat/completions", json=body) as response:
            said = await response.json()
        if "choices" not in said:
            return Answer(refused=said["error"]["message"])
        choice, timings = said["choices"][0], said["timings"]
        return Answer(
            text=choice["message"]["content"] or "",
            whole=choice["finish_reason"] == "stop",
            tokens=timings["predicted_n"],
            milliseconds=timings["predicted_per_token_ms"],
        )


@asynccontextmanager
async def running(model: str, threads: int | None = None) -> AsyncIterator[Engine]:
    """An engine of our own for as long as it takes."""
    settings = EngineSettings(model_path=model, context_tokens=4096, parallel_turns=4, threads=threads)
    process = await EngineProcess.start(settings)
    try:
        if not await process.listening():
            raise SystemExit(f"The engine did not start: {process.why()}.")
        headers = {"Authorization": f"Bearer {process.key}"}
        async with aiohttp.ClientSession(headers=headers, timeout=LONGEST_WAIT) as session:
            yield Engine(session, process.url)
    finally:
        await process.close()
