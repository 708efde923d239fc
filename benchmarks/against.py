"""Measure this checkout against another commit, and print the ratios with their spread.

    python -m benchmarks.against main            some ten minutes
    python -m benchmarks.against HEAD~3 --rounds 4

Both servers run at the same time over one upstream, and are asked in turn: A B B A and so on. So a machine that gets
slower for a while slows both, and the ratio of two neighbours stays. Figures are processor time per request.
"""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.conversation import TurnCost
from benchmarks.cost import resident_mib
from benchmarks.fake_models import FakeModel
from benchmarks.measures import Bench, Scale, dialogue, long_conversation
from benchmarks.processes import ROOT, turns, upstream
from benchmarks.server import serving

_EARLY: Final = 10
_LATE: Final = 1000
_TURNS_AT_ONCE: Final = 8
"""Turns that are made behind the same one before the other server is asked."""

Measure = Callable[[], float]


class Figure(msgspec.Struct):
    """One figure of both servers, round by round."""

    name: str
    unit: str
    new: list[float] = []
    old: list[float] = []

    def ratios(self) -> list[float]:
        """New to old, of neighbours."""
        return [new / old for new, old in zip(self.new, self.old, strict=True) if old]


class Side:
    """One of the two servers, and what is measured of it."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._past: Sequence[TurnCost] = ()

    def prepare(self) -> None:
        """Hold the long conversation."""
        self._past = long_conversation(self._bench)

    def measures(self) -> dict[str, tuple[str, Measure]]:
        """From the names of the figures to their units, and to what measures them once."""
        return {
            "JSON request, 32 tokens": ("ms", self._json),
            "stream of 64 deltas, flat out": ("ms", lambda: self._stream(FakeModel(64))),
            "stream of 64 deltas, 5 ms apart": ("ms", lambda: self._stream(FakeModel(64, 5, 5))),
            f"turn {_EARLY}": ("ms", lambda: self._turn(_EARLY)),
            f"turn {_LATE}": ("ms", lambda: self._turn(_LATE)),
            "memory": ("MiB", self._memory),
        }

    def _json(self) -> float:
        return _cpu_ms(self._bench, FakeModel(32), stream=False, requests=self._bench.scale.requests)

    def _stream(self, model: FakeModel) -> float:
        return _cpu_ms(
            self._bench, model, stream=True, requests=self._bench.scale.streams, spread=model.due(model.tokens)
        )

    def _turn(self, turn: int) -> float:
        before = self._past[turn - 2].id
        made = turns(dialogue(self._bench.server, go_on_from=[before] * _TURNS_AT_ONCE))
        return statistics.median(each.cpu or 0.0 for each in made) * 1000

    def _memory(self) -> float:
        return resident_mib(self._bench.server.pid) or 0.0


def main(
    commit: Annotated[str, typer.Argument(help="What to measure against.")],
    rounds: Annotated[int, typer.Option(help="How often each server is asked for each figure.")] = 10,
) -> None:
    """Measure and print one table."""
    with tempfile.TemporaryDirectory(prefix="interplay-benchmarks-") as name, checkout(commit, Path(name)) as old:
        show(measure(Path(name), old, rounds), commit)


def measure(folder: Path, old: Path, rounds: int) -> list[Figure]:
    """All figures. `old` is the other checkout."""
    for name in ("new", "old"):
        (folder / name).mkdir()
    scale = Scale(requests=400, streams=64, turns=_LATE)
    with (
        upstream(folder) as (address, pid),
        serving(folder / "new", address) as ours,
        serving(folder / "old", address, source=old / "src") as theirs,
    ):
        sides = [Side(Bench(server, address, pid, scale)) for server in (ours, theirs)]
        for side in sides:
            side.prepare()
        new, old_measures = (side.measures() for side in sides)
        figures = [Figure(name, unit) for name, (unit, _) in new.items()]
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
            for figure in figures:
                pair = [(figure.new, new[figure.name][1]), (figure.old, old_measures[figure.name][1])]
                for samples, once in pair if number % 2 else reversed(pair):
                    samples.append(once())
    return figures


def show(figures: Sequence[Figure], commit: str) -> None:
    """Print the table."""
    table = Table("figure", "here", commit, "ratio", "lowest", "highest")
    for figure in figures:
        ratios = figure.ratios()
        here, there = (f"{statistics.median(each):.2f} {figure.unit}" for each in (figure.new, figure.old))
        spread = (f"{value:.2f}" for value in (statistics.median(ratios), min(ratios), max(ratios)))
        table.add_row(figure.name, here, there, *spread)
    Console(width=None if Console().is_terminal else 120).print(table)


@contextmanager
def checkout(commit: str, folder: Path) -> Iterator[Path]:
    """Another commit's files, beside this checkout's for the length of the block."""
    place = folder / "checkout"
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(place), commit], cwd=ROOT, check=True)  # noqa: S607
    try:
        yield place
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(place)], cwd=ROOT, check=True)  # noqa: S607


def _cpu_ms(bench: Bench, model: FakeModel, *, stream: bool, requests: int, spread: float = 0.0) -> float:
    done = bench.through(model, stream=stream, connections=16, requests=requests, warm_up=32, spread=spread)
    if done.faults:
        raise RuntimeError(f"{len(done.faults)} requests failed, the first: {done.faults[0]}")
    return done.cpu_ms() or 0.0


if __name__ == "__main__":
    command = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    command.command()(main)
    command()
