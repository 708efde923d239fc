"""What has ended holds itself in no circle: it is freed at once, with all that it held, and needs no collector."""

from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from interplay.engine import run as engine
from interplay.errors import Failure
from interplay.models.base import Piece
from tests.circles import Watched
from tests.models.raw_server import END, STREAM, Reply, Then, chunk, json_reply, raw_server
from tests.runs.served import INTERACTIONS, NOBODY, Served, id_in, served, until

SAID = STREAM + b"".join(
    chunk(b'data: {"choices": [{"index": 0, "delta": {"content": "word%d "}}]}\n\n' % number) for number in range(9)
)
LAST = b"word8"
FINISH = chunk(b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n')
DONE = chunk(b"data: [DONE]\n\n")
WHOLE = json_reply(b'{"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}')
NOUL = {"type": "noul", "instructions": "Is it?"}
TOOLS = [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}]
JSON = {"type": "text", "mime_type": "application/json", "schema": {"type": "object", "properties": {}}}

Kind = Callable[[Served], Awaitable[object]]


async def streams(there: Served) -> None:
    """A stream, read to its end."""
    await there.create(stream=True)


async def answers(there: Served) -> None:
    """An answer in one piece."""
    await there.create()


async def leaves(there: Served, **body: object) -> None:
    """A reader who leaves in the middle."""
    async with there.asked("POST", INTERACTIONS, {"model": "upstream", "input": "Hi", "stream": True} | body) as reader:
        await until(reader, LAST)


async def leaves_unstored(there: Served) -> None:
    """The same where nothing is kept."""
    await leaves(there, store=False)


async def leaves_tools(there: Served) -> None:
    """The same where functions are offered."""
    await leaves(there, tools=TOOLS)


async def leaves_unary(there: Served) -> None:
    """One who leaves before an answer in one piece."""
    async with there.asked("POST", INTERACTIONS, {"model": "scripted", "input": "wait: 60"}):
        await there.turns_until(lambda: bool(list(there.runs)))


async def leaves_silence(there: Served) -> None:
    """One who leaves before the model has said anything."""
    async with there.asked("POST", INTERACTIONS, {"model": "upstream", "input": "Hi", "stream": True}) as reader:
        await until(reader, b"status_update")


async def is_cancelled(there: Served) -> None:
    """A stream that another request cancels."""
    async with there.asked("POST", INTERACTIONS, {"model": "upstream", "input": "Hi", "stream": True}) as reader:
        await there.whole("POST", f"{INTERACTIONS}/{await until(reader, LAST)}/cancel")
        await reader.read()


async def is_deleted(there: Served) -> None:
    """A stream whose interaction is deleted."""
    async with there.asked("POST", INTERACTIONS, {"model": "upstream", "input": "Hi", "stream": True}) as reader:
        await there.whole("DELETE", f"{INTERACTIONS}/{await until(reader, LAST)}")
        await reader.read()


async def is_cancelled_in_background(there: Served) -> None:
    """A background run that is followed, and cancelled."""
    id = id_in(await there.create(background=True))
    async with there.asked("GET", f"{INTERACTIONS}/{id}?stream=true") as reader:
        await until(reader, LAST)
        await there.whole("POST", f"{INTERACTIONS}/{id}/cancel")
        await reader.read()


async def is_handed_over(there: Served) -> None:
    """A background run that stops here, to go on elsewhere."""
    id = id_in(await there.create(background=True))
    async with there.asked("GET", f"{INTERACTIONS}/{id}?stream=true") as reader:
        await until(reader, LAST)
        for run in there.runs:
            run.hand_over()
        await reader.read()


async def is_cancelled_while_it_waits(there: Served) -> None:
    """A background run whose model is away, cancelled before it is asked again."""
    id = id_in(await there.create(background=True))
    await there.turns_until(lambda: all(run.waits for run in there.runs))
    await there.whole("POST", f"{INTERACTIONS}/{id}/cancel")


async def follows_the_past(there: Served) -> None:
    """One who leaves in the middle of a log that has ended."""
    id = id_in(await there.create(stream=True))
    async with there.asked("GET", f"{INTERACTIONS}/{id}?stream=true") as reader:
        await until(reader, b"word0")


async def decides(there: Served) -> None:
    """Decisions that fail, the second and third together."""
    questions = {"a": NOUL, "b": NOUL, "c": NOUL}
    await there.whole("POST", "/v1/decisions", {"model": "upstream", "input": "x", "questions": questions})


async def leaves_decisions(there: Served) -> None:
    """One who leaves before decisions."""
    body = {"model": "upstream", "input": "x", "questions": {"a": NOUL}}
    async with there.asked("POST", "/v1/decisions", body):
        await there.some_turns()


async def has_a_form(there: Served) -> None:
    """An answer that must meet a schema."""
    await there.create(response_format=JSON)


async def counts(there: Served) -> None:
    """A count of tokens."""
    body = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
    await there.whole("POST", "/v1beta/models/upstream:countTokens", body)


async def cannot_be_kept(there: Served, *methods: str, **body: Any) -> None:
    """A run while the store fails."""
    store = there.app._process.store
    with pytest.MonkeyPatch.context() as broken:
        for method in methods:
            broken.setattr(store, method, _full)
        await there.create(**body)
    await there.app.interactions.runs.settle()


async def loses_its_end(there: Served) -> None:
    """A stream whose end cannot be kept."""
    await cannot_be_kept(there, "finish", stream=True)


async def loses_its_end_unary(there: Served) -> None:
    """An answer in one piece whose end cannot be kept, nor removed."""
    await cannot_be_kept(there, "finish", "delete")


async def loses_its_events(there: Served) -> None:
    """A stream whose events cannot be written."""
    await cannot_be_kept(there, "append", stream=True)


async def is_our_fault(there: Served) -> None:
    """A run in which the engine breaks, streamed or not."""
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(engine, "_turn", _broken)
        await there.create(stream=True)
        await there.create()


async def is_refused(there: Served) -> None:
    """Requests that are refused, or find nothing."""
    await there.create(input=3)
    await there.whole("GET", f"{INTERACTIONS}/nothing")


GOOD, HANGS, CUT = (SAID, FINISH, DONE, END), (SAID, Then.WAIT), (SAID, Then.CUT)
SILENT, DIES, AWAY = (Then.WAIT,), (Then.CUT,), (json_reply(b"busy", "503 Busy"),)
WRONG, CUT_WHOLE = (json_reply(b"no", "500 Broken"),), (WHOLE[:-9], Then.CUT)
CUT_BEHIND_DONE, NO_HTTP = (SAID, FINISH, DONE, Then.CUT), (b"hello\r\n\r\n", Then.WAIT)

KINDS: list[tuple[Kind, Reply | None]] = [
    *((streams, reply) for reply in (GOOD, CUT, DIES, AWAY, WRONG, CUT_BEHIND_DONE, NO_HTTP, None)),
    *((answers, reply) for reply in ((WHOLE,), CUT_WHOLE, DIES, WRONG, None)),
    *((leaver, HANGS) for leaver in (leaves, leaves_unstored, leaves_tools, is_cancelled, is_deleted)),
    *((stopped, HANGS) for stopped in (is_cancelled_in_background, is_handed_over)),
    (is_cancelled_while_it_waits, AWAY),
    (leaves_silence, SILENT),
    (leaves_unary, None),
    (follows_the_past, GOOD),
    (decides, DIES),
    (leaves_decisions, SILENT),
    *((has_a_form, reply) for reply in ((WHOLE,), WRONG, None)),
    (counts, WRONG),
    (counts, None),
    *((lossy, GOOD) for lossy in (loses_its_end, loses_its_events, is_our_fault, is_refused)),
    (loses_its_end_unary, (WHOLE,)),
]


@pytest.mark.parametrize(("kind", "reply"), KINDS)
async def test_nothing_is_left_for_the_collector(tmp_path: Path, kind: Kind, reply: Reply | None) -> None:
    """However a run or a request ends, no object of the server's, and none of its connections, is in a circle."""
    async with raw_server(reply or SILENT) as upstream, served(tmp_path, upstream.url if reply else NOBODY) as there:
        await kind(there)
        await there.at_rest()
        with Watched() as watched:
            await kind(there)
            await there.at_rest()
    assert watched.found == Counter()


async def _full(*_: object, **__: object) -> None:
    raise Failure("storage_full", "The disk is full.")


def _broken(*_: object) -> Piece:
    raise ValueError("broken")
