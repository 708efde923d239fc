"""A turn in which functions may be called: the decision, and then its calls or the text of an answer.

The engine is asked by whoever runs the turn; here is what it is asked, in which order, and what is made of it.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Call, Counts, Failed, ModelRequest, Piece, Stop, Text, summed
from interplay.models.chat.messages import Message, messages
from interplay.models.local.answering import as_chat, enforced, of_words
from interplay.models.local.functions import decision
from interplay.models.local.functions.ids import given
from interplay.models.local.functions.lesson import Lesson
from interplay.models.local.functions.transcript import made, present
from interplay.wire import FunctionResultStep, GenerationConfig

Ask = Callable[[ModelRequest, Sequence[Message], Mapping[str, object]], AsyncGenerator[Sequence[Piece], None]]
"""Asks the engine: how a request wants its answer, the chat that it is an answer to, and fields beside them. The last
piece is a Stop or a Failed."""

MOST_RESULTS: Final = 16
"""Results for one message of the user. A model that still wants to call then is going in circles."""


class Decided(msgspec.Struct, frozen=True):
    """What the model decided, and what that took."""

    pieces: tuple[Piece, ...] = ()
    """All pieces of the turn, its end included; none where it goes on with text."""
    counts: Counts = Counts()


def prompts(request: ModelRequest, lesson: Lesson) -> list[list[Message]]:
    """What the engine may have to read in this turn, one after the other."""
    text = messages(as_chat(request))
    return [decision.messages(request, lesson), text] if may_call(request) else [text]


async def turn(request: ModelRequest, lesson: Lesson, ask: Ask) -> AsyncGenerator[Sequence[Piece], None]:
    """Calls, or else text; then the counts of all steps and the end."""
    decided = await decide(request, lesson, ask) if may_call(request) else Decided()
    if decided.pieces:
        yield decided.pieces
        return
    fields = await asyncio.to_thread(enforced, request)  # a large grammar takes long to make
    spoken = as_chat(request)
    async with aclosing(ask(spoken, messages(spoken), fields)) as batches:
        async for batch in batches:
            yield [summed((decided.counts, piece)) if isinstance(piece, Counts) else piece for piece in batch]


def may_call(request: ModelRequest) -> bool:
    """Whether there is a decision to be made; not in the middle of an answer."""
    _, now = present(request.steps)
    results = sum(isinstance(step, FunctionResultStep) for step in now)
    return bool(request.functions) and not request.continues and (request.must_call or results < MOST_RESULTS)


async def decide(request: ModelRequest, lesson: Lesson, ask: Ask) -> Decided:
    """Ask for the decision. Of one that the limit cut nothing is used: who wrote half of the calls wanted them all."""
    chat, fields = await asyncio.to_thread(asking, request, lesson)
    written, counts, end = await heard(ask(plain(request), chat, fields))
    if isinstance(end, Failed):
        return Decided((end,))
    if end.reason == "length" and written != lesson.none:
        return Decided((counts, end))
    calls = chosen(written, request, lesson)
    return Decided((*calls, counts, end) if calls else (), counts)


def chosen(written: str, request: ModelRequest, lesson: Lesson) -> list[Call]:
    """The calls that were written and are worth making."""
    if written == lesson.none:
        return []
    calls = decision.read(written, request.functions)
    kept = [call for call in decision.new(calls, made(present(request.steps)[1])) if given(call, request)]
    return kept or (calls[:1] if request.must_call else [])


def plain(request: ModelRequest) -> ModelRequest:
    """The request whose answer is the decision: the client's limit holds, its other wishes are about the text."""
    config = GenerationConfig(max_output_tokens=request.generation_config.max_output_tokens)
    return of_words(msgspec.structs.replace(request, generation_config=config))


def asking(request: ModelRequest, lesson: Lesson) -> tuple[list[Message], dict[str, object]]:
    """The question's chat, and its fields over those that its request has."""
    return decision.messages(request, lesson), {
        "grammar": decision.grammar(request.functions, lesson.none, must_call=request.must_call),
        "temperature": 0,
        "repeat_penalty": 1.0,
        "logit_bias": lesson.biases,
    }


async def heard(answer: AsyncGenerator[Sequence[Piece], None]) -> tuple[str, Counts, Stop | Failed]:
    """A whole answer."""
    words: list[str] = []
    counts = Counts()
    async with aclosing(answer) as batches:
        async for batch in batches:
            for piece in batch:
                match piece:
                    case Text(text):
                        words.append(text)
                    case Counts():
                        counts = piece
                    case Stop() | Failed():
                        return "".join(words), counts, piece
                    case _:
                        pass
    return "", counts, Failed(Failure("bad_gateway", "the local engine ended its answer without a word about it"))
