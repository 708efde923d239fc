"""Short ways to ask a backend and to look at its answer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from interplay.models.base import Backend, Failed, Function, ModelRequest, Piece, Stop, Text, Thought
from interplay.schemas import Schema
from interplay.wire import GenerationConfig, ModelOutputStep, Step, TextContent, UserInputStep


def user(text: str) -> UserInputStep:
    """A user input of one text."""
    return UserInputStep(content=(TextContent(text=text),))


def model(text: str) -> ModelOutputStep:
    """A model output of one text."""
    return ModelOutputStep(content=(TextContent(text=text),))


def request(
    name: str,
    *steps: Step | str,
    config: GenerationConfig | None = None,
    system: str | None = None,
    incremental: bool = True,
    functions: tuple[Function, ...] = (),
    must_call: bool = False,
    form: Schema | None = None,
) -> ModelRequest:
    """A request; a string is a user input. `form` is what its answer must be."""
    return ModelRequest(
        model=name,
        steps=tuple(user(step) if isinstance(step, str) else step for step in steps),
        system_instruction=system,
        generation_config=config or GenerationConfig(),
        incremental=incremental,
        functions=functions,
        must_call=must_call,
        answer=form,
    )


async def answer(backend: Backend, asked: ModelRequest) -> list[Piece]:
    """All pieces of the answer."""
    return await pieces_of(backend.generate(asked))


async def pieces_of(answer: AsyncIterator[Sequence[Piece]]) -> list[Piece]:
    """All pieces, however many came together."""
    batches = [batch async for batch in answer]
    assert all(batches), "an answer comes in batches of at least one piece"
    return [piece for batch in batches for piece in batch]


def text(pieces: Sequence[Piece]) -> str:
    """What was said."""
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


def thought(pieces: Sequence[Piece]) -> str:
    """What was thought."""
    return "".join(piece.text for piece in pieces if isinstance(piece, Thought))


def failure(pieces: Sequence[object]) -> tuple[str, str]:
    """Code and message of an answer that failed, and nothing else ended it."""
    assert [type(piece) for piece in pieces if isinstance(piece, Stop | Failed)] == [Failed]
    last = pieces[-1]
    assert isinstance(last, Failed)
    return last.failure.code, last.failure.message


async def within_a_second(condition: Callable[[], bool]) -> None:
    """Return when it holds; fail when it does not within a second."""
    async with asyncio.timeout(1):
        while not condition():  # noqa: ASYNC110 - tasks that end tell nobody
            await asyncio.sleep(0.001)


async def first_piece(answer: AsyncIterator[Sequence[Piece]]) -> Piece:
    """The first piece, within ten seconds."""
    async with asyncio.timeout(10):
        return (await anext(answer))[0]
