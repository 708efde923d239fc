"""Processes of a benchmark run: started from the repository's root, and ended with the run."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from benchmarks.conversation import Dialogue, TurnCost
from benchmarks.load import Outcome, Plan

ROOT: Final = Path(__file__).resolve().parents[1]
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 30.0
_LOG_SHOWN: Final = 2000
_RUN_SECONDS: Final = 600.0
"""After which a measurement is given up."""

T = TypeVar("T")


def outcome(plan: Plan) -> Outcome:
    """Carry out a plan in a process of its own."""
    return _answer("benchmarks.load", plan, Outcome)


def turns(dialogue: Dialogue) -> list[TurnCost]:
    """Hold a conversation in a process of its own."""
    return _answer("benchmarks.conversation", dialogue, list[TurnCost])


@contextmanager
def running(arguments: Sequence[str], log: Path, source: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """A Python process for the length of the block; what it says on standard error goes to `log`.

    `source` is the folder that it imports from first, in place of this checkout's.

    An error in the block is raised on with the end of that log.
    """
    command = [sys.executable, *arguments]
    environment = os.environ | ({"PYTHONPATH": str(source)} if source else {})
    with log.open("a") as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        yield process
    except Exception as error:
        error.add_note(f"{' '.join(arguments[:3])} said last:\n{log.read_text()[-_LOG_SHOWN:]}")
        raise
    finally:
        _end(process)


def line_with(process: subprocess.Popen[str], mark: str) -> str:
    """What the process prints up to and with the first line that begins with `mark`."""
    assert process.stdout is not None  # noqa: S101 - `running` asked for it
    timer = threading.Timer(_START_SECONDS, process.kill)
    timer.start()
    try:
        text = ""
        for line in process.stdout:
            text += line
            if line.startswith(mark):
                return text
    finally:
        timer.cancel()
    raise RuntimeError(f"{process.args!r} did not start:\n{text}")


@contextmanager
def upstream(folder: Path) -> Iterator[tuple[str, int]]:
    """The fake upstream for the length of the block: its address and its process."""
    with running(["-m", "benchmarks.upstream"], folder / "upstream.log") as process:
        port = line_with(process, "").strip()
        yield f"http://127.0.0.1:{port}/v1", process.pid


def _answer(module: str, question: Any, kind: type[T]) -> T:
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        input=msgspec.json.encode(question),
        stdout=subprocess.PIPE,
        timeout=_RUN_SECONDS,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=kind)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
