"""Measure the server of this checkout and print one table with the targets beside.

    python -m benchmarks.run            some minutes
    python -m benchmarks.run --quick    under a minute, for a first look

CPU is user and system time of the server's processes per request. Run it on a machine that does nothing else: CPU
bears a neighbour well, waiting times do not.
"""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from benchmarks import background, measures
from benchmarks.measures import FULL, QUICK, Bench, Scale
from benchmarks.processes import upstream
from benchmarks.report import Report, Row, report, show
from benchmarks.server import serving


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer and shorter measurements.")] = False,
    json: Annotated[Path | None, typer.Option(help="Also write the report to this file.")] = None,
) -> None:
    """Measure, print, and write."""
    measured = measure(QUICK if quick else FULL)
    show(measured)
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)) + b"\n")


def measure(scale: Scale) -> Report:
    """Everything, on processes and in a folder of its own."""
    load = measures.load_average()
    with tempfile.TemporaryDirectory(prefix="interplay-benchmarks-") as name, upstream(Path(name)) as (address, pid):
        folder = Path(name)
        rows = _under_load(folder, address, pid, scale)
        _say("starts")
        rows += measures.starts(folder, address, scale)
    return report(rows, load)


def _under_load(folder: Path, address: str, pid: int, scale: Scale) -> list[Row]:
    with serving(folder, address) as server:
        bench = Bench(server, address, pid, scale)
        rows: list[Row] = []
        for each in (
            background.idle,
            measures.json_requests,
            measures.streams,
            measures.crowd,
            measures.first_delta,
            background.begins,
            background.crowds,
        ):
            _say(each.__name__)
            rows += each(bench)
        rows += measures.memory(bench, "after the load")
        _say("conversation")
        warm = measures.long_conversation(bench)
        rows += measures.memory(bench, "after the conversation")
    with serving(folder, address) as server:
        cold = measures.cold_turns(Bench(server, address, pid, scale), warm)
    return rows + measures.conversation_rows(scale, warm, cold)


def _say(what: str) -> None:
    print(f"measuring: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    command = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    command.command()(main)
    command()
