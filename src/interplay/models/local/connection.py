"""The way to ask one life of the local engine: the chat protocol, and the questions that only llama.cpp answers."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from interplay.models.chat.client import ChatClient
from interplay.models.chat.messages import Message
from interplay.models.local.process import EngineProcess

SILENCE_SECONDS: Final = 1800.0
"""Longest wait for an answer's first token: a long prompt on a slow machine. A dead engine is noticed otherwise."""

SAY_PROGRESS: Final = {"return_progress": True}
"""The engine notices a reader who has left only by writing, so it shall write while it still reads the prompt."""


class Generation(msgspec.Struct, frozen=True):
    """The part of the engine's properties that says how much fits."""

    n_ctx: int


class Properties(msgspec.Struct, frozen=True):
    """What the engine says about itself, as far as we ask."""

    default_generation_settings: Generation


class PromptLength(msgspec.Struct, frozen=True):
    """The engine's answer to how long a prompt is."""

    input_tokens: int


class Prompt(msgspec.Struct, frozen=True):
    """A chat as the engine's template writes it."""

    prompt: str


class Tokens(msgspec.Struct, frozen=True):
    """A text as the model reads it."""

    tokens: list[int]


class EngineConnection(msgspec.Struct, frozen=True):
    """One life of the engine, made ready to be asked by `connect`."""

    engine: EngineProcess
    chat: ChatClient
    context_tokens: int
    """Longest conversation that fits, as the engine says."""

    async def prompt_tokens(self, chat: Sequence[Message]) -> int:
        """The prompt's length by the engine's own template and tokenizer. Raises Failure."""
        url = f"{self.engine.url}/v1/chat/completions/input_tokens"
        body = await self.chat.upstream.fetch("POST", url, {"messages": chat})
        return msgspec.json.decode(body, type=PromptLength).input_tokens

    async def tokens(self, chat: Sequence[Message]) -> list[int]:
        """The prompt itself, as the engine reads it. Raises Failure."""
        prompt = msgspec.json.decode(await self._asked("apply-template", {"messages": chat}), type=Prompt).prompt
        question = {"content": prompt, "add_special": True, "parse_special": True}
        return msgspec.json.decode(await self._asked("tokenize", question), type=Tokens).tokens

    async def read(self, tokens: Sequence[int]) -> None:
        """Have the engine read this and keep it, answering nothing. Raises Failure."""
        await self._asked("completion", {"prompt": tokens, "n_predict": 0, "cache_prompt": True})

    async def _asked(self, what: str, question: object) -> bytes:
        return await self.chat.upstream.fetch("POST", f"{self.engine.url}/{what}", question, SILENCE_SECONDS)

    async def close(self) -> None:
        """Close every connection to the engine."""
        await self.chat.close()


async def connect(engine: EngineProcess, sampling: Mapping[str, object]) -> EngineConnection:
    """The way to ask a new engine. `sampling` are fields of every request that leaves them open. Raises Failure."""
    # The engine closes connections after some answers without saying so; on loopback a new one costs nothing.
    headers = {"Authorization": f"Bearer {engine.key}", "Connection": "close"}
    chat = ChatClient(
        f"{engine.url}/v1",
        headers,
        extra={**sampling, **SAY_PROGRESS},
        first_byte_seconds=SILENCE_SECONDS,
        silence_seconds=SILENCE_SECONDS,
    )
    await chat.open()
    try:
        properties = msgspec.json.decode(await chat.upstream.fetch("GET", f"{engine.url}/props"), type=Properties)
    except BaseException:
        await chat.close()
        raise
    return EngineConnection(engine, chat, properties.default_generation_settings.n_ctx)
