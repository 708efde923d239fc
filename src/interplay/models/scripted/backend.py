"""The model that says what it is told; for tests, docs and demos. Its language is in `script`.

It is no imitation of a language model: it computes what the script asks for from the request that reached
it, so an answer proves what was in the request.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final

from interplay.errors import Failure, not_found, shown
from interplay.models.base import Call, Capabilities, Counts, Failed, ModelRequest, Piece, Stop, Text, Thought, Weighed
from interplay.models.checks import check
from interplay.models.scripted.directives import Act, Say, Think, Wait
from interplay.models.scripted.script import counted, plan, prompt_words
from interplay.models.scripted.weighing import acts as weighing_acts
from interplay.models.scripted.weighing import weights
from interplay.notes import Note
from interplay.wire import GenerationConfig

_CAPABILITIES: Final = Capabilities(thinking_levels=("minimal", "low", "medium", "high"))

_WORDS_AT_ONCE: Final = 16
"""Words said before others get a turn, so that a long answer does not hold the event loop."""


class ScriptedBackend:
    """Knows the models called `names`, all alike. `wait` is how it waits, for tests that choose the time."""

    weighs_at_once = 4
    continues = True

    def __init__(
        self, names: Sequence[str] = ("scripted",), wait: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._names = tuple(names)
        self._wait = wait
        self._open = False

    async def open(self) -> None:
        """Be ready from now on."""
        self._open = True

    async def close(self) -> None:
        """Be ready no longer; turns still running end with `Failed`."""
        self._open = False

    def ready(self) -> bool:
        """Whether it is open."""
        return self._open

    def check(self, request: ModelRequest) -> tuple[Note, ...]:
        """Refuse an unknown model, what no text model takes, and a script with a mistake in it."""
        self._check_name(request.model)
        notes = check(request, _CAPABILITIES)
        plan(request)
        return notes

    def untaken(self, model: str, config: GenerationConfig) -> tuple[Note, ...]:  # noqa: ARG002 - the port's
        """It takes all of them."""
        return ()

    async def generate(self, request: ModelRequest) -> AsyncGenerator[Sequence[Piece], None]:
        """Do what the script says."""
        try:
            self._check_name(request.model)
            acts = plan(request)
        except Failure as failure:
            yield [Failed(failure)]
            return
        async with aclosing(self._pieces(acts, counted(request, acts))) as pieces:
            if request.incremental:
                async for piece in pieces:
                    yield [piece]
            else:
                yield merged([piece async for piece in pieces])

    async def weigh(self, request: ModelRequest, options: Sequence[str]) -> Weighed:
        """Weigh as the script says; the answer has one word."""
        self._check_name(request.model)
        acts = weighing_acts(request)
        for act in acts:
            self._check_open()
            match act:
                case Wait(seconds):
                    await self._wait(seconds)
                case Failed(failure):
                    raise failure
                case _:
                    pass
        self._check_open()
        return Weighed(weights(request, options), counted(request, [Say("one"), *acts]))

    async def count_tokens(self, request: ModelRequest) -> int:
        """The words that would reach the model."""
        return prompt_words(request)

    async def capabilities(self, model: str) -> Capabilities:
        """It takes every level of thinking, and thinks what it is told."""
        self._check_name(model)
        return _CAPABILITIES

    async def models(self) -> list[str]:
        """The names it was given."""
        return list(self._names)

    def _check_name(self, model: str) -> None:
        if model not in self._names:
            raise not_found(f"there is no model {shown(model)} here; expected one of: {', '.join(self._names)}")

    def _check_open(self) -> None:
        if not self._open:
            raise _closed()

    async def _pieces(self, acts: Sequence[Act], counts: Counts) -> AsyncGenerator[Piece, None]:
        for number, act in enumerate(acts, 1):
            if not self._open:
                yield Failed(_closed())
                return
            match act:
                case Say(text):
                    yield Text(text)
                case Think(text):
                    yield Thought(text)
                case Wait(seconds):
                    await self._wait(seconds)
                case Call() | Failed():
                    yield act
                case Stop():
                    yield counts
                    yield act
                case Counts():
                    pass  # in `counts` already
            if number % _WORDS_AT_ONCE == 0:
                await asyncio.sleep(0)


def _closed() -> Failure:
    return Failure("unavailable", "the model is closed; this server is stopping")


def merged(pieces: Sequence[Piece]) -> list[Piece]:
    """The same answer in one piece: all thoughts, all text, the rest. Of a failed answer, the failure only."""
    if isinstance(pieces[-1], Failed):
        return [pieces[-1]]
    thought = "".join(piece.text for piece in pieces if isinstance(piece, Thought))
    text = "".join(piece.text for piece in pieces if isinstance(piece, Text))
    rest = [piece for piece in pieces if not isinstance(piece, Text | Thought)]
    return [*([Thought(thought)] if thought else []), *([Text(text)] if text else []), *rest]
