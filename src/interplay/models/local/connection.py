"""The way to ask one life of the local engine: the chat protocol, and the questions that only llama.cpp answers."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Failed, ModelRequest, Piece
from interplay.models.chat.client import ChatClient
from interplay.models.chat.messages import Message
from interplay.models.chat.upstream import Upstream
from interplay.models.local.plain import PlainText
from interplay.models.local.process import EngineProcess
from interplay.models.local.tokenizer import Ask, Tokenizer

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
    build_info: str = ""


class Place(msgspec.Struct, frozen=True):
    """Where the engine keeps what it has read."""

    id_slot: int


class Saved(msgspec.Struct, frozen=True):
    """How many tokens the engine has written to a file, or read from one."""

    n_saved: int = 0
    n_restored: int = 0


class PromptLength(msgspec.Struct, frozen=True):
    """The engine's answer to how long a prompt is."""

    input_tokens: int


class EngineConnection(msgspec.Struct, frozen=True):
    """One life of the engine, made ready to be asked by `connect`."""

    engine: EngineProcess
    chat: ChatClient
    context_tokens: int
    """Longest conversation that fits, as the engine says."""
    build: str
    """Which engine it is, as it says."""
    ask: Ask
    tokenizer: Tokenizer
    plain: PlainText

    async def prompt_tokens(self, chat: Sequence[Message]) -> int:
        """The prompt's length by the engine's own template and tokenizer. Raises Failure."""
        if (tokens := await self.plain.prompt(chat)) is not None:
            return len(tokens)
        counted = await self.ask("v1/chat/completions/input_tokens", {"messages": chat})
        return msgspec.json.decode(counted, type=PromptLength).input_tokens

    async def tokens(self, chat: Sequence[Message]) -> list[int]:
        """The prompt itself, as the engine reads it. Raises Failure."""
        tokens = await self.plain.prompt(chat)
        return await self.tokenizer.prompt(await self.tokenizer.template(chat)) if tokens is None else tokens

    async def read(self, tokens: Sequence[int]) -> int:
        """Have the engine read this and keep it, answering nothing. Returns the place. Raises Failure."""
        told = await self.ask("completion", {"prompt": tokens, "n_predict": 0, "cache_prompt": True})
        return msgspec.json.decode(told, type=Place).id_slot

    async def save(self, place: int, file: str) -> int:
        """Have the engine write what it keeps in a place to a file. Returns how many tokens. Raises Failure."""
        told = await self.ask(f"slots/{place}?action=save", {"filename": file})
        return msgspec.json.decode(told, type=Saved).n_saved

    async def restore(self, place: int, file: str) -> int:
        """Have the engine keep what is in a file, in place of what was there. Returns the tokens. Raises Failure."""
        told = await self.ask(f"slots/{place}?action=restore", {"filename": file})
        return msgspec.json.decode(told, type=Saved).n_restored

    async def about(self, chat: Sequence[Message]) -> dict[str, object]:
        """The field of a question that holds its chat: whatever is said there is text. Raises Failure."""
        tokens = await self.plain.prompt(chat)
        return {"messages": chat} if tokens is None else {"prompt": tokens}

    async def generate(
        self, request: ModelRequest, chat: Sequence[Message], fields: Mapping[str, object]
    ) -> AsyncGenerator[Sequence[Piece], None]:
        """The pieces of an answer to a chat. `fields` are further ones, above those of the request."""
        try:
            about = await self.about(chat)
        except Failure as failure:
            yield [Failed(failure)]
            return
        async with aclosing(self.chat.generate(request, {**fields, **about})) as batches:
            async for batch in batches:
                yield batch

    async def close(self) -> None:
        """Close every connection to the engine."""
        await self.chat.close()


async def connect(engine: EngineProcess, sampling: Mapping[str, object], most: int) -> EngineConnection:
    """The way to ask a new engine, of conversations of `most` tokens. Raises Failure.

    `sampling` are fields of every request that leaves them open.
    """
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
    ask = asking(chat.upstream, engine.url)
    tokenizer = Tokenizer(ask)
    context = min(properties.default_generation_settings.n_ctx, most)
    return EngineConnection(engine, chat, context, properties.build_info, ask, tokenizer, PlainText(tokenizer))


def asking(upstream: Upstream, url: str) -> Ask:
    """The way to ask the engine's own endpoints."""

    async def ask(endpoint: str, question: object) -> bytes:
        return await upstream.fetch("POST", f"{url}/{endpoint}", question, SILENCE_SECONDS)

    return ask
