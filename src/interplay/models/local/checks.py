"""Whether a local engine can run here at all, found out before one is started and said in one sentence."""

import importlib.util
import io
import os
import re
import selectors
import subprocess
import time
from pathlib import Path
from typing import Final

from interplay.models.local import cpu, executable

HELP_SECONDS: Final = 60.0
"""One that looks for graphics cards first takes a while."""
HELP_BYTES: Final = 2**20
"""llama-server's own has some 50 KB."""
GGUF_MAGIC = b"GGUF"


class EngineError(Exception):
    """The local engine cannot start here, and why."""


def check_start(model_path: str, engine: str | None = None) -> None:
    """Refuse a start that must fail. Raises EngineError."""
    if engine is None:
        check_installed()
        check_processor()
    else:
        check_executable(engine)
    check_model(Path(model_path))


def check_executable(engine: str) -> None:
    """The operator's own engine is there, can be run, and knows the options that it will be given."""
    path = Path(engine)
    if not path.is_file():
        raise EngineError(f"[local] engine: there is no file {engine}; expected the path of a llama-server.")
    if not os.access(path, os.X_OK):
        raise EngineError(f"[local] engine: {engine} cannot be run: it is not executable for this user.")
    known = described(engine)
    if lacking := [option for option in executable.NEEDED if option not in known]:
        raise EngineError(
            f"[local] engine: {engine} is no llama-server that is new enough: its --help has no {', '.join(lacking)}."
        )


def described(engine: str) -> set[str]:
    """The options that an executable says it has. Raises EngineError."""
    quiet, all_of_it = subprocess.DEVNULL, subprocess.STDOUT
    try:
        process = subprocess.Popen(
            [engine, "--help"], stdin=quiet, stdout=subprocess.PIPE, stderr=all_of_it, start_new_session=True
        )
    except OSError as error:
        raise EngineError(f"[local] engine: {engine} cannot be run: {error.strerror}.") from error
    with process:
        try:
            told = output(process, time.monotonic() + HELP_SECONDS)
        finally:
            executable.end_group(process)
    if told is None:
        raise EngineError(f"[local] engine: {engine} is no llama-server: its --help is no answer.")
    return set(re.findall(r"--[a-z][a-z-]*", told.decode(errors="replace")))


def output(process: "subprocess.Popen[bytes]", until: float) -> bytes | None:
    """All that a process says until a time of the monotonic clock; None where that is not its end, or too much."""
    told = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout or 0, selectors.EVENT_READ)
        while len(told) <= HELP_BYTES and selector.select(max(until - time.monotonic(), 0)):
            part = process.stdout.read1(HELP_BYTES) if isinstance(process.stdout, io.BufferedReader) else b""
            if not part:
                return told
            told += part
    return None


def check_installed() -> None:
    """The engine is an optional part of the installation."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise EngineError(
            "The local engine is not installed. Install it with: pip install '.[local]', or put a server behind this "
            "one with --upstream URL."
        )


def check_processor() -> None:
    """The engine's machine code needs AVX2; without it the process would die of an illegal instruction."""
    if not cpu.has_avx2():
        raise EngineError(
            "The local engine needs a processor with AVX2, and this one has none. "
            "Use an OpenAI-compatible server as the backend instead."
        )


def check_model(path: Path) -> None:
    """The model file is there, can be read, and says that it is GGUF."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except FileNotFoundError:
        raise EngineError(f"There is no model file {path}. Get one with: interplay models pull NAME") from None
    except OSError as error:
        raise EngineError(f"The model file {path} cannot be read: {error.strerror}.") from error
    if magic != GGUF_MAGIC:
        raise EngineError(f"{path} is not a GGUF model: it begins with {magic!r}, not with {GGUF_MAGIC!r}.")
