"""The engine's own tokenizer and chat template, as far as prompts are looked into here.

Not here: what is done about a text that spells a control token (`plain`).
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from interplay.errors import Failure
from interplay.models.chat.messages import Message

EXAMPLES: Final = (
    (Message("system", "a"), Message("user", "a"), Message("assistant", "a"), Message("user", "a")),
    (Message("user", "a"), Message("assistant", "a"), Message("user", "a")),
)
"""Chats whose prompts have what a template writes around what is said. Some templates refuse a system message."""

BRACKETED: Final = re.compile(r"[^\w\s](?!.*think)\S*\w\S*[^\w\s]")
"""How tokens look that begin or end turns. Those around thinking are none, and some templates look for them."""

Ask = Callable[[str, object], Awaitable[bytes]]
"""Asks one of the engine's endpoints. Raises Failure."""

APART: Final = -1
"""No token: it parts the texts of one question."""


class Prompt(msgspec.Struct, frozen=True):
    """A chat as the engine's template writes it."""

    prompt: str


class Tokens(msgspec.Struct, frozen=True):
    """A text as the model reads it."""

    tokens: list[int]


class Piece(msgspec.Struct, frozen=True):
    """A token, and how it is written: in bytes, where those alone are no text."""

    id: int
    piece: str | list[int]


class Pieces(msgspec.Struct, frozen=True):
    """Tokens and how they are written."""

    tokens: list[Piece]


class Tokenizer:
    """What the engine says about texts and their tokens. It is the same for as long as the engine lives."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._control: dict[int, str | None] = {}
        """How each token that was met is written, if it is a control token."""
        self._turns: dict[int, str] | None = None

    async def template(self, chat: Sequence[Message]) -> str:
        """A chat as the model's own template writes it. Raises Failure."""
        return msgspec.json.decode(await self._ask("apply-template", {"messages": chat}), type=Prompt).prompt

    async def cut(self, texts: Sequence[str], *, special: bool) -> list[list[int]]:
        """The tokens of each text by itself. `special`: what spells a control token is one. Raises Failure."""
        content = [part for text in texts for part in (text, APART)]
        return parted(await self._tokens(content, special=special, framed=False), APART)

    async def prompt(self, text: str) -> list[int]:
        """The tokens of a whole prompt, with those that the model wants around each. Raises Failure."""
        return await self._tokens(text, special=True, framed=True)

    async def controls(self, tokens: Iterable[int]) -> Mapping[int, str]:
        """The control tokens among these, and how they are written. Raises Failure."""
        wanted = set(tokens)
        if unknown := [token for token in wanted if token not in self._control]:
            self._control |= await self._met(unknown)
        return {token: text for token in wanted if (text := self._control[token])}

    async def turns(self) -> Mapping[int, str]:
        """Tokens that part turns though they are no control tokens of the file: found in every text. Raises Failure."""
        if self._turns is None:
            self._turns = await self._added(await self._template_of_turns())
        return self._turns

    async def _template_of_turns(self) -> str:
        for chat in EXAMPLES:
            with suppress(Failure):
                return await self.template(chat)
        return ""

    async def _added(self, prompt: str) -> dict[int, str]:
        """The tokens of a prompt that are one token wherever their text stands."""
        (tokens,) = await self.cut([prompt], special=False)
        texts = {token: text for token, text in (await self._written(set(tokens))).items() if BRACKETED.fullmatch(text)}
        within = await self.cut([f"{text[0]}{text}{text[-1]}" for text in texts.values()], special=False)
        return {token: texts[token] for token, around in zip(texts, within, strict=True) if token in around}

    async def _written(self, tokens: Collection[int]) -> dict[int, str]:
        """How tokens are written; as nothing where that is no text."""
        question = {"content": list(tokens), "with_pieces": True}
        pieces = msgspec.json.decode(await self._ask("tokenize", question), type=Pieces).tokens
        return {piece.id: piece.piece if isinstance(piece.piece, str) else "" for piece in pieces}

    async def _met(self, tokens: Sequence[int]) -> dict[int, str | None]:
        """A control token is one whose text becomes it only where such texts are looked for."""
        texts = list((await self._written(tokens)).values())
        spelt, plain = await self.cut(texts, special=True), await self.cut(texts, special=False)
        return {
            token: text if with_it == [token] != without else None
            for token, text, with_it, without in zip(tokens, texts, spelt, plain, strict=True)
        }

    async def _tokens(self, content: object, *, special: bool, framed: bool) -> list[int]:
        question = {"content": content, "add_special": framed, "parse_special": special}
        return msgspec.json.decode(await self._ask("tokenize", question), type=Tokens).tokens


def parted(tokens: Iterable[int], end: int) -> list[list[int]]:
    """Tokens in runs; each run ends with this one, which is no part of it."""
    runs: list[list[int]] = [[]]
    for token in tokens:
        if token == end:
            runs.append([])
        else:
            runs[-1].append(token)
    return runs[:-1]
