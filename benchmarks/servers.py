"""Two servers over one Postgres: how far a reader on the other server is behind, and how soon a cancel there is done.

    python -m benchmarks.servers postgresql://USER:PASSWORD@HOST:PORT/NAME [--quick]

The database must be one that nobody needs. Each run is read three times at once: by who created it, by a second reader
on the same server, and by one on the other server. Behind is the time from an event at the first to the same event at
another of them, for all events after that one has joined.
"""

import asyncio
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any, Final

import aiohttp
import msgspec
import typer
import uvloop

from benchmarks.cost import cpu_seconds, tree
from benchmarks.load import percentile
from benchmarks.measures import load_average
from benchmarks.report import Row, report, row, show
from benchmarks.server import Server, serving_shared

_EVENT: Final = re.compile(rb'"event_id":"[^"]+\.(\d+)"')


class Scale(msgspec.Struct, frozen=True):
    """How much is measured."""

    streams: int
    """At once."""
    events: int
    """Of each stream."""
    rate: float
    """Events a second of each stream."""
    cancels: int
    """Of each kind, one after the other."""
    idle_seconds: float
    rounds: int


FULL = Scale(streams=20, events=300, rate=30, cancels=20, idle_seconds=10, rounds=3)
QUICK = Scale(streams=20, events=60, rate=30, cancels=5, idle_seconds=2, rounds=1)

Arrivals = dict[int, float]
"""From the sequence of an event to when it came."""


class Round(msgspec.Struct):
    """What one round of streams gave, in milliseconds."""

    same: list[float] = msgspec.field(default_factory=list)
    other: list[float] = msgspec.field(default_factory=list)


def main(
    database: Annotated[str, typer.Argument(help="A Postgres database that nobody needs.")],
    quick: Annotated[bool, typer.Option("--quick", help="Fewer and shorter measurements.")] = False,
) -> None:
    """Measure and print one table."""
    with tempfile.TemporaryDirectory(prefix="interplay-benchmarks-") as folder:
        load = load_average()
        show(report(measure(Path(folder), database, QUICK if quick else FULL), load))


def measure(folder: Path, database: str, scale: Scale) -> list[Row]:
    """Everything, between two servers of their own."""
    with serving_shared(folder / "own", database) as own, serving_shared(folder / "other", database) as other:
        return uvloop.run(_Pair(own, other, scale).rows())


class _Pair:
    def __init__(self, own: Server, other: Server, scale: Scale) -> None:
        self._own = own
        self._other = other
        self._scale = scale
        self._client: aiohttp.ClientSession

    async def rows(self) -> list[Row]:
        headers, connections = {"x-goog-api-key": self._own.key}, aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(headers=headers, connector=connections) as self._client:
            return [*await self._followed(), *await self._cancelled(), *await self._idle()]

    async def _followed(self) -> list[Row]:
        before = self._cpu()
        began = time.perf_counter()
        rounds = [await self._streams() for _ in range(self._scale.rounds)]
        seconds = time.perf_counter() - began
        own, other = (_percent(used, then, seconds) for used, then in zip(self._cpu(), before, strict=True))
        group = f"{self._scale.streams} streams of {self._scale.rate:g} events/s"
        return [
            row(group, "a second reader on the same server behind, median", "ms", _each(rounds, "same", 50)),
            row(group, "the same, 95th percentile", "ms", _each(rounds, "same", 95)),
            row(group, "a reader on the other server behind, median", "ms", _each(rounds, "other", 50)),
            row(group, "the same, 95th percentile", "ms", _each(rounds, "other", 95), 50),
            row(group, "CPU of the server that answers", "% of a core", [own]),
            row(group, "CPU of the other server", "% of a core", [other]),
        ]

    async def _streams(self) -> Round:
        measured = Round()
        spread = 1 / self._scale.rate / self._scale.streams
        async with asyncio.TaskGroup() as group:
            for index in range(self._scale.streams):
                group.create_task(self._stream(measured, index * spread))
        return measured

    async def _stream(self, measured: Round, delay: float) -> None:
        await asyncio.sleep(delay)
        script = f"say: word\nwait: {1 / self._scale.rate:.4f}\n" * self._scale.events
        request = {"model": "scripted", "input": script, "background": True, "stream": True}
        first: Arrivals = {}
        readers: list[asyncio.Task[Arrivals]] = []
        async with self._client.post(f"{self._own.url}/v1/interactions", json=request) as answer:
            async for line in answer.content:
                if (number := _number(line)) is None:
                    continue
                first[number] = time.perf_counter()
                if not readers:
                    path = f"/v1/interactions/{_id(line)}?stream=true"
                    readers = [asyncio.create_task(self._read(at.url + path)) for at in (self._own, self._other)]
        same, other = await asyncio.gather(*readers)
        assert same.keys() == other.keys() == first.keys()  # noqa: S101 - or it measured something else
        measured.same += _behind(first, same)
        measured.other += _behind(first, other)

    async def _read(self, url: str) -> Arrivals:
        arrivals: Arrivals = {}
        async with self._client.get(url) as answer:
            async for line in answer.content:
                if (number := _number(line)) is not None:
                    arrivals[number] = time.perf_counter()
        return arrivals

    async def _cancelled(self) -> list[Row]:
        rows = []
        for name, at in {"the same server": self._own, "the other server": self._other}.items():
            samples = [await self._cancel(at) for _ in range(self._scale.cancels)]
            rows.append(row("cancel of a silent run, until answered", f"on {name}", "ms", samples, 1000))
        return rows

    async def _cancel(self, at: Server) -> float:
        request = {"model": "scripted", "input": "wait: 600\nsay: late", "background": True}
        async with self._client.post(f"{self._own.url}/v1/interactions", json=request) as answer:
            id = (await answer.json())["id"]
        began = time.perf_counter()
        async with self._client.post(f"{at.url}/v1/interactions/{id}/cancel") as answer:
            status = (await answer.json())["status"]
        assert status == "cancelled"  # noqa: S101 - or it measured something else
        return (time.perf_counter() - began) * 1000

    async def _idle(self) -> list[Row]:
        before = self._cpu()
        await asyncio.sleep(self._scale.idle_seconds)
        used = [_percent(now, then, self._scale.idle_seconds) for now, then in zip(self._cpu(), before, strict=True)]
        return [row("idle", "CPU of a server", "% of a core", used, 2)]

    def _cpu(self) -> list[float | None]:
        return [cpu_seconds(tree(server.pid)) for server in (self._own, self._other)]


def _percent(used: float | None, before: float | None, seconds: float) -> float | None:
    return None if used is None or before is None else (used - before) / seconds * 100


def _each(rounds: list[Round], reader: str, percent: int) -> list[float]:
    return [percentile(getattr(each, reader), percent) for each in rounds]


def _behind(first: Arrivals, later: Arrivals) -> list[float]:
    joined = min(later.values())
    return [(later[number] - came) * 1000 for number, came in first.items() if came >= joined]


def _number(line: bytes) -> int | None:
    found = _EVENT.search(line)
    return int(found[1]) if found else None


def _id(line: bytes) -> Any:
    return msgspec.json.decode(line.removeprefix(b"data: "))["interaction"]["id"]


if __name__ == "__main__":
    command = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    command.command()(main)
    sys.exit(command())
