"""Compare the two stores in one run: writes and reads at once, events, and a long conversation.

    python -m benchmarks.stores postgresql://USER:PASSWORD@HOST:PORT/NAME [--quick]

The database must be one that nobody needs: it is filled with rows.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from interplay import ids
from interplay.store.base import Store
from interplay.store.interactions import Ending, LoggedEvent, NewInteraction
from interplay.store.postgres import PostgresStore
from interplay.store.sqlite import SqliteStore
from interplay.store.usage import Used


class Scale(msgspec.Struct, frozen=True):
    """How much is measured."""

    rows: int
    """Inserts and gets in a round."""
    batches: int
    """Batches of events in a round."""
    turns: int
    """In the long conversation."""
    rounds: int


class Figures(msgspec.Struct, frozen=True):
    """What one store does: medians of the rounds."""

    inserts: float
    """A second, so many callers at once as CALLERS says; 8 KB each."""
    gets: float
    events: float
    """A second, in batches of 200."""
    history_ms: float
    """To load the long conversation."""


FULL = Scale(rows=3000, batches=100, turns=1000, rounds=5)
QUICK = Scale(rows=400, batches=10, turns=100, rounds=2)
CALLERS = 32
_BATCH = 200
_INPUT = b'"' + b"x" * 8000 + b'"'


def main(
    database: Annotated[str, typer.Argument(help="A Postgres database that may be filled with rows.")],
    quick: Annotated[bool, typer.Option("--quick", help="Fewer and shorter measurements.")] = False,
) -> None:
    """Measure both stores and print one table."""
    with tempfile.TemporaryDirectory(prefix="interplay-benchmarks-") as folder:
        show(uvloop.run(measure(Path(folder), database, QUICK if quick else FULL)))


async def measure(folder: Path, database: str, scale: Scale) -> dict[str, Figures]:
    """Both stores, in turns, so that a busy moment of the machine harms both."""
    stores: dict[str, Store] = {"SQLite": SqliteStore(folder), "Postgres": PostgresStore(database)}
    for store in stores.values():
        await store.open()
        store.signals.hear(lambda _: None)  # as a server does: one that is alone then knows it
    try:
        rounds = [{name: await _round(store, scale) for name, store in stores.items()} for _ in range(scale.rounds)]
        return {name: _medians([each[name] for each in rounds]) for name in stores}
    finally:
        for store in stores.values():
            await store.close()


def show(measured: dict[str, Figures]) -> None:
    """Print the table."""
    table = Table("", *measured, "ratio")
    names = {"inserts": "inserts/s", "gets": "gets/s", "events": "events/s", "history_ms": "long conversation, ms"}
    for field, name in names.items():
        values = [getattr(figures, field) for figures in measured.values()]
        table.add_row(name, *(f"{value:,.1f}" for value in values), f"{values[1] / values[0]:.2f}")
    Console(width=100).print(table)


async def _round(store: Store, scale: Scale) -> Figures:
    names = [ids.interaction_id() for _ in range(scale.rows)]
    inserts = await _rate(names, lambda name: store.insert(_new(name)))
    gets = await _rate(names, lambda name: store.get("benchmark", name))
    events = await _events(store, names[0], scale.batches)
    return Figures(inserts, gets, events, await _history(store, scale.turns))


async def _rate(names: Sequence[str], act: Callable[[str], Awaitable[object]]) -> float:
    left = iter(names)

    async def caller() -> None:
        for name in left:
            await act(name)

    began = time.perf_counter()
    await asyncio.gather(*[caller() for _ in range(CALLERS)])
    return len(names) / (time.perf_counter() - began)


async def _events(store: Store, id: str, batches: int) -> float:
    payload = b'{"event_type":"step.delta","delta":{"type":"text","text":"word "}}'
    began = time.perf_counter()
    for first in range(1, batches * _BATCH, _BATCH):
        await store.append(
            [LoggedEvent(id, number, payload) for number in range(first, first + _BATCH)], owner="benchmark"
        )
    return batches * _BATCH / (time.perf_counter() - began)


async def _history(store: Store, turns: int) -> float:
    previous = None
    for _ in range(turns):
        id = ids.interaction_id()
        await store.insert(_new(id, previous, b'"and then?"'))
        await store.finish(_ending(id))
        previous = id
    milliseconds = []
    for _ in range(9):
        began = time.perf_counter()
        assert len(await store.history("benchmark", previous or "")) == turns  # noqa: S101 - or it measured nothing
        milliseconds.append((time.perf_counter() - began) * 1000)
    return statistics.median(milliseconds)


def _new(id: str, previous: str | None = None, input: bytes = _INPUT) -> NewInteraction:
    return NewInteraction(
        project="benchmark",
        id=id,
        previous_id=previous,
        status="in_progress",
        model="m",
        created=0.0,
        expires=None,
        owner="benchmark",
        input=input,
        resource=b"{}",
    )


def _ending(id: str) -> Ending:
    return Ending(
        project="benchmark",
        id=id,
        owner="benchmark",
        status="completed",
        resource=b'{"steps":[]}',
        used=Used(day="2026-11-27", input=10, output=20),
    )


def _medians(rounds: Sequence[Figures]) -> Figures:
    return Figures(*(statistics.median(values) for values in zip(*map(msgspec.structs.astuple, rounds), strict=True)))


if __name__ == "__main__":
    command = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    command.command()(main)
    sys.exit(command())
