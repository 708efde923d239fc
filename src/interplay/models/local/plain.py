"""Text is text: what a message spells never becomes a control token of the model, so it cannot forge a turn.

The engine's chat interface looks for control tokens in a whole prompt, the messages included. Nearly no message has
any, and then that is what is asked. For the others the prompt is put together here, as tokens: the template writes the
chat with marks in the place of what spells control tokens, and the runs of text between the template's own control
tokens that have a mark are cut once more, without looking for any. All other tokens are the engine's own, those at the
borders of messages included, so what was read before is found again. Nothing is escaped: the model reads the same text.

Some files call the tokens that part their turns ordinary, so that they are found in every text. Those that the template
writes are treated alike, and broken in two where they are meant as text.
"""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from interplay.errors import Failure
from interplay.models.chat.messages import Message
from interplay.models.local.tokenizer import Tokenizer

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

KEPT_TEXTS: Final = 8192
"""Texts that are known to spell nothing: each turn has those of all turns before."""
KEPT_PROMPTS: Final = 8
"""A turn asks for its prompts twice, for their length and for the answer."""
LONGEST_KEPT: Final = 2**17
"""Tokens of a prompt that is kept: what is far too long for the model is refused, and needs no second look."""
MOST_ROUNDS: Final = 8
SPACE: Final = " \t\n\v\f\r"
"""What some control tokens swallow beside them."""


class PlainText:
    """Prompts of chats in which nothing that is said is a control token."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._harmless: dict[bytes, None] = {}
        self._prompts: dict[bytes, list[int]] = {}

    async def prompt(self, chat: Sequence[Message]) -> list[int] | None:
        """The prompt's tokens; None where the chat spells no control token, so that it can be asked as it is."""
        texts = {digest(message.content): message.content for message in chat}
        new = {key: text for key, text in texts.items() if key not in self._harmless}
        if not await self._spelt(list(new.values())):
            for key in new:
                keep(self._harmless, key, None, KEPT_TEXTS)
            return None
        key = digest(msgspec.json.encode(chat).decode())
        if (known := self._prompts.get(key)) is not None:
            return known
        tokens = await self._put_together(chat)
        if len(tokens) <= LONGEST_KEPT:
            keep(self._prompts, key, tokens, KEPT_PROMPTS)
        return tokens

    async def _spelt(self, texts: Sequence[str]) -> Collection[str]:
        """The control tokens, and others that part turns, that some texts spell. Raises Failure."""
        if not any(texts):
            return []
        turns = await self._tokenizer.turns()
        found = {turn for turn in turns.values() if any(turn in text for text in texts)}
        cut = self._tokenizer.cut
        spelt, plain = await asyncio.gather(cut(texts, special=True), cut(texts, special=False))
        if spelt == plain:
            return found
        controls = await self._tokenizer.controls(token for text in spelt for token in text)
        if not controls:
            raise Failure("invalid_request", "'input' has text that this model can only read as control tokens")
        return found | set(controls.values())

    async def _marks(self, texts: Sequence[str]) -> dict[str, str]:
        """A mark for each control token that the texts spell, also for those that appear once others are gone."""
        marks: dict[str, str] = {}
        for _ in range(MOST_ROUNDS):
            spelt = await self._spelt([replaced(text, marks) for text in texts])
            if not spelt:
                return {mark: text for text, mark in marks.items()}
            marks |= {text: f"mark{secrets.token_hex(8)}" for text in spelt}
        raise Failure("invalid_request", "'input' spells the model's control tokens in each other without end")

    async def _put_together(self, chat: Sequence[Message]) -> list[int]:
        marks = await self._marks([message.content for message in chat])
        marked = {text: mark for mark, text in marks.items()}
        prompt = await self._tokenizer.template([with_text(message, marked) for message in chat])
        whole, (tokens,) = await self._tokenizer.prompt(prompt), await self._tokenizer.cut([prompt], special=True)
        controls = {**await self._tokenizer.turns(), **await self._tokenizer.controls(tokens)}
        written = [token for token in tokens if token in controls]
        texts, runs = between(prompt, [controls[token] for token in written]), list(parts(tokens, controls))
        places = [place for place, text in enumerate(texts) if any(mark in text for mark in marks)]
        for place, run in zip(places, await self._unmarked(places, texts, runs, marks), strict=True):
            runs[place] = run
        return framed(list(rejoined(runs, written)), whole, tokens)

    async def _unmarked(
        self, places: Sequence[int], texts: Sequence[str], runs: Sequence[list[int]], marks: Mapping[str, str]
    ) -> list[list[int]]:
        """The tokens of the texts at some places, the marks being what they stand for."""
        turns = (await self._tokenizer.turns()).values()
        whole = [replaced(await self._as_cut(texts[place], runs[place]), marks) for place in places]
        pieces = [broken(text, turns) for text in whole]
        cut = iter(await self._tokenizer.cut([piece for text in pieces for piece in text], special=False))
        return [[token for _ in text for token in next(cut)] for text in pieces]

    async def _as_cut(self, text: str, run: list[int]) -> str:
        """What of a text between two control tokens was cut into this run: some of them swallow the space beside."""
        ways = [text, text.lstrip(SPACE), text.rstrip(SPACE), text.strip(SPACE)]
        cut = await self._tokenizer.cut(ways, special=False)
        return next((way for way, tokens in zip(ways, cut, strict=True) if tokens == run), text)


def digest(text: str) -> bytes:
    """What a text is known by."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def keep(known: dict[K, T], key: K, value: T, most: int) -> None:
    """Remember something, and forget what was learnt first where that is too much."""
    known[key] = value
    if len(known) > most:
        del known[next(iter(known))]


def replaced(text: str, other: Mapping[str, str]) -> str:
    """A text with other words for some, longest first."""
    for old in sorted(other, key=len, reverse=True):
        text = text.replace(old, other[old])
    return text


def broken(text: str, turns: Iterable[str]) -> list[str]:
    """A text in pieces of which none has all of what parts turns. Where there is nothing to break it is one piece."""
    places = "|".join(f"(?<={re.escape(turn[0])})(?={re.escape(turn[1:])})" for turn in turns)
    return re.split(places, text) if places else [text]


def with_text(message: Message, other: Mapping[str, str]) -> Message:
    """The message, with other words for some."""
    return msgspec.structs.replace(message, content=replaced(message.content, other))


def between(prompt: str, controls: Sequence[str]) -> list[str]:
    """The texts before, between and behind the control tokens that are written in a prompt."""
    texts = []
    for control in controls:
        text, _, prompt = prompt.partition(control)
        texts.append(text)
    return [*texts, prompt]


def parts(tokens: Sequence[int], controls: Mapping[int, str]) -> Iterator[list[int]]:
    """The runs of tokens before, between and behind control tokens."""
    run: list[int] = []
    for token in tokens:
        if token in controls:
            yield run
            run = []
        else:
            run.append(token)
    yield run


def rejoined(runs: Sequence[list[int]], controls: Sequence[int]) -> Iterator[int]:
    """Runs of tokens with the control tokens between them."""
    for run, control in zip(runs, controls, strict=False):
        yield from run
        yield control
    yield from runs[-1]


def framed(tokens: Sequence[int], whole: Sequence[int], inner: Sequence[int]) -> list[int]:
    """The tokens with what a whole prompt has around its inner part. Raises Failure where that is not in it."""
    begins = range(len(whole) - len(inner) + 1)
    before = next((begin for begin in begins if whole[begin : begin + len(inner)] == inner), None)
    if before is None:
        raise Failure("invalid_request", "'input' spells control tokens, which this model cannot be given as text")
    return [*whole[:before], *tokens, *whole[before + len(inner) :]]
