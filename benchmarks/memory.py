"""Whether memory comes back: readers who leave, stop buttons, failures and long answers, and what the server has after.

    python -m benchmarks.memory                two minutes
    python -m benchmarks.memory --rounds 20    a soak

A server in front of the fake upstream, on which rounds of such clients are let loose. Memory is read when the server
has been quiet for a moment, which is when it gives back what it can.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from benchmarks import leaving
from benchmarks.cost import resident_mib
from benchmarks.fake_models import FakeModel
from benchmarks.processes import upstream
from benchmarks.server import Server, serving

_AT_ONCE: Final = 20
_QUIET_SECONDS: Final = 6.0
"""How long the lowest figure is looked for once nothing runs any more."""
_SLOW: Final = FakeModel(1000, 0, 20)
_FAST: Final = FakeModel(4000, 0, 1)
_BROKEN: Final = FakeModel(1000, 0, 0, broken_after=200)

Client = Callable[[Server], Awaitable[None]]


class Scale(msgspec.Struct, frozen=True):
    """How much is let loose in a round."""

    each: int = 300
    """Clients of every kind but the last."""
    long: int = 20
    """Long answers that are stopped."""
    tokens: int = 20_000
    """Tokens of a long answer that are read before it is stopped."""


class Kind(msgspec.Struct, frozen=True):
    """What some clients do."""

    name: str
    client: Client
    count: int


def kinds(scale: Scale) -> list[Kind]:
    """What there is in a round."""
    long = FakeModel(scale.tokens * 2, 0, 1)
    return [
        Kind("left at the first delta", lambda server: leaving.leave(server, _FAST), scale.each),
        Kind("left before an answer in one piece", lambda server: leaving.leave_unary(server, _SLOW), scale.each),
        Kind("stopped at the first delta", lambda server: leaving.cancel(server, _SLOW), scale.each),
        Kind("background runs, stopped", lambda server: leaving.cancel_background(server, _SLOW), scale.each),
        Kind("broken by the upstream", lambda server: leaving.finish(server, _BROKEN), scale.each),
        Kind("read to the end", lambda server: leaving.finish(server, FakeModel(64)), scale.each),
        Kind("long, stopped", lambda server: leaving.cancel(server, long, scale.tokens), scale.long),
    ]


def main(rounds: Annotated[int, typer.Option(min=1, help="How often everything is done.")] = 2) -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory(prefix="interplay-memory-") as name,
        upstream(Path(name)) as (address, _),
        serving(Path(name), address) as server,
    ):
        print(f"{settled_mib(server.pid):6.0f} MiB at the start", flush=True)
        for number in range(1, rounds + 1):
            for kind in kinds(Scale()):
                at_once, after = measured(server, kind)
                what = f"round {number}: {kind.count} {kind.name}, {at_once:.0f} MiB before a pause"
                print(f"{after:6.0f} MiB after {what}", flush=True)


def measured(server: Server, kind: Kind) -> tuple[float, float]:
    """Let these clients loose; MiB of the server at once, and after a pause."""
    asyncio.run(let_loose(server, [kind]))
    return resident_mib(server.pid) or 0.0, settled_mib(server.pid)


async def let_loose(server: Server, some: Iterable[Kind]) -> None:
    """All clients of these kinds, some at once."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(client: Client) -> None:
        async with room:
            await client(server)

    async with asyncio.TaskGroup() as group:
        for kind in some:
            for _ in range(kind.count):
                group.create_task(one(kind.client))


def settled_mib(pid: int, seconds: float = _QUIET_SECONDS) -> float:
    """MiB of a process that is left alone: the least within so many seconds."""
    until, least = time.monotonic() + seconds, resident_mib(pid) or 0.0
    while time.monotonic() < until:
        time.sleep(0.1)
        least = min(least, resident_mib(pid) or 0.0)
    return least


if __name__ == "__main__":
    typer.run(main)
