"""One long conversation, turn by turn, with the cost of each turn; from a process of its own.

python -m benchmarks.conversation < dialogue.json > turns.json
"""

import asyncio
import sys
from typing import Any

import msgspec
import uvloop

from benchmarks.cost import cpu_seconds, tree
from benchmarks.requests import Connection, Target


class Dialogue(msgspec.Struct, frozen=True, kw_only=True):
    """What to say."""

    target: Target
    body: dict[str, Any]
    turns: int = 0
    """How many turns to make, each going on from the one before."""
    go_on_from: list[str] = []
    """Turns of past conversations: one more turn is made behind each of them."""
    seconds: float = 60.0
    """A turn that takes longer has failed."""
    watched: int
    """The process whose tree's cost is counted."""


class TurnCost(msgspec.Struct, frozen=True):
    """What one turn took."""

    id: str
    cpu: float | None
    seconds: float


class _Created(msgspec.Struct):
    id: str


async def hold(dialogue: Dialogue) -> list[TurnCost]:
    """The turns in order. Raises RuntimeError for an answer that is not a good one."""
    connection = Connection()
    watched = tree(dialogue.watched)
    turns = [await _turn(dialogue, connection, watched, previous) for previous in dialogue.go_on_from]
    previous = None
    for _ in range(dialogue.turns):
        turns.append(await _turn(dialogue, connection, watched, previous))
        previous = turns[-1].id
    connection.close()
    return turns


async def _turn(dialogue: Dialogue, connection: Connection, watched: list[int], previous: str | None) -> TurnCost:
    body = dialogue.body if previous is None else dialogue.body | {"previous_interaction_id": previous}
    before = cpu_seconds(watched)
    async with asyncio.timeout(dialogue.seconds):
        answer = await connection.ask(dialogue.target, dialogue.target.request(body))
    after = cpu_seconds(watched)
    if fault := answer.fault(dialogue.target):
        raise RuntimeError(fault)
    created = msgspec.json.decode(answer.content.partition(b"\r\n\r\n")[2], type=_Created)
    return TurnCost(created.id, None if before is None or after is None else after - before, answer.seconds)


if __name__ == "__main__":
    made = uvloop.run(hold(msgspec.json.decode(sys.stdin.buffer.read(), type=Dialogue)))
    sys.stdout.buffer.write(msgspec.json.encode(made))
