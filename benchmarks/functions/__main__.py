"""Measures how a local model calls functions: `python -m benchmarks.functions FILE [--model GGUF] [--only WORD]`.

`FILE` has cases (`cases.Case`) as a JSON list: `dev.json`, which the prompts were written with, or `test.json`, which
nobody who writes prompts may look at. Each is asked of a real engine, through the backend that serves
clients, up to its decision: text that would follow is not waited for.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.functions import bfcl
from benchmarks.functions.cases import Case, read
from interplay.models.base import Call, Counts, Failed, ModelRequest, Piece, Text
from interplay.models.local.backend import LocalBackend
from interplay.models.local.settings import EngineSettings
from interplay.weights.places import models_folder

DEFAULT: Final = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
NAME: Final = "model"
PATIENCE: Final = 120.0


class Outcome(msgspec.Struct, frozen=True):
    """What came of one case."""

    case: Case
    calls: tuple[tuple[str, dict[str, Any]], ...]
    invalid: str | None
    """What is wrong with the arguments, by their schema, or with the answer."""
    seconds: float
    read: int | None
    """Prompt tokens that were not in the engine's memory; None where text followed."""

    @property
    def right(self) -> bool:
        """Whether the calls are the expected ones, arguments included."""
        return self.invalid is None and self.case.right(self.calls)


def main() -> None:
    """Ask all cases and print what came of them: what is wrong at once, and the table at the end."""
    arguments = parsed()
    cases = [case for case in cases_in(arguments.file) if arguments.only in case.id][:: arguments.every]
    outcomes: list[Outcome] = []
    try:
        asyncio.run(measured(cases, arguments.model, outcomes))
    finally:
        print_table(outcomes)


def cases_in(file: Path) -> list[Case]:
    """The cases of a file of ours, or of the leaderboard's package."""
    return bfcl.read(file) if file.suffix == ".whl" else read(file)


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="the cases: JSON, or the package bfcl-eval (`bfcl`)")
    parser.add_argument("--model", type=Path, default=models_folder() / DEFAULT, help="a GGUF model")
    parser.add_argument("--only", default="", help="only cases whose id has this in it")
    parser.add_argument("--every", type=int, default=1, help="ask every so manieth case only")
    return parser.parse_args()


async def measured(cases: Sequence[Case], model: Path, outcomes: list[Outcome]) -> None:
    """Ask one case after the other. The first is asked twice: else it alone would read the lesson."""
    async with running(model) as backend:
        await outcome(backend, cases[0])
        for case in cases:
            outcomes.append(await outcome(backend, case))
            if not outcomes[-1].right:
                print_wrong(outcomes[-1])


@asynccontextmanager
async def running(model: Path) -> AsyncIterator[LocalBackend]:
    """An open backend."""
    backend = LocalBackend(EngineSettings(model_path=str(model)), NAME, patience=PATIENCE)
    await backend.open()
    try:
        yield backend
    finally:
        await backend.close()


async def outcome(backend: LocalBackend, case: Case) -> Outcome:
    """What comes of one case."""
    request = case.request(NAME)
    began = time.perf_counter()
    pieces = await decided(backend, request)
    seconds = time.perf_counter() - began
    calls = [piece for piece in pieces if isinstance(piece, Call)]
    counts = next((piece for piece in pieces if isinstance(piece, Counts)), None)
    return Outcome(
        case,
        tuple((call.name, msgspec.json.decode(call.arguments)) for call in calls),
        wrong(pieces, request),
        seconds,
        None if counts is None else (counts.input or 0) - (counts.cached or 0),
    )


async def decided(backend: LocalBackend, request: ModelRequest) -> list[Piece]:
    """The pieces of a turn up to its first words."""
    pieces: list[Piece] = []
    async with aclosing(backend.generate(request)) as answer:
        async for batch in answer:
            pieces += batch
            if any(isinstance(piece, Text) for piece in batch):
                break
    return pieces


def wrong(pieces: Iterable[Piece], request: ModelRequest) -> str | None:
    """Why the answer cannot be taken, if so."""
    schemas = {function.name: function.parameters for function in request.functions}
    for piece in pieces:
        if isinstance(piece, Failed):
            return piece.failure.message
        if isinstance(piece, Call) and (said := schemas[piece.name].validate(piece.arguments)) is not None:
            return said
    return None


def print_wrong(outcome: Outcome) -> None:
    """A case that came out wrong."""
    calls = "  ".join(f"{name}({msgspec.json.encode(given).decode()})" for name, given in outcome.calls) or "no call"
    print(f"{outcome.case.id} {outcome.case.input!r}\n    got      {outcome.invalid or calls}")
    wanted = [f"{call.name}({msgspec.json.encode(call.arguments).decode()})" for call in outcome.case.expected]
    print(f"    expected {'  '.join(wanted) or 'no call'}", flush=True)


def print_table(outcomes: Sequence[Outcome]) -> None:
    """How many came out how, for each kind of case."""
    print(f"{'':14} cases right    %  chosen invalid  median s  tokens read")
    for title, kind in KINDS.items():
        if chosen := [outcome for outcome in outcomes if kind(outcome.case)]:
            print(row(title, chosen))


def row(title: str, outcomes: Sequence[Outcome]) -> str:
    """One line of the table."""
    right = sum(outcome.right for outcome in outcomes)
    names = sum(outcome.case.chosen([name for name, _ in outcome.calls]) for outcome in outcomes)
    invalid = sum(outcome.invalid is not None for outcome in outcomes)
    seconds = statistics.median(outcome.seconds for outcome in outcomes)
    read = statistics.median([outcome.read for outcome in outcomes if outcome.read is not None] or [0])
    share = 100 * right / len(outcomes)
    return (
        f"{title:14} {len(outcomes):>5} {right:>5} {share:>4.0f} {names:>7} {invalid:>7} {seconds:>9.1f} {read:>12.0f}"
    )


KINDS: Final[dict[str, Callable[[Case], bool]]] = {
    "all": lambda _: True,
    "English": lambda case: case.language == "en",
    "Polish": lambda case: case.language == "pl",
    "call": lambda case: bool(case.expected),
    "no call": lambda case: not case.expected,
    "1 function": lambda case: len(case.functions) == 1,
    "2 to 5": lambda case: 2 <= len(case.functions) <= 5,
    "6 to 10": lambda case: 6 <= len(case.functions) <= 10,
    "11 or more": lambda case: len(case.functions) > 10,
    "several calls": lambda case: len(case.expected) > 1,
}

if __name__ == "__main__":
    main()
