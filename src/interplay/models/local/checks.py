"""Whether a local engine can run here at all, found out before one is started and said in one sentence."""

import importlib.util
from pathlib import Path

from interplay.models.local import cpu

GGUF_MAGIC = b"GGUF"


class EngineError(Exception):
    """The local engine cannot start here, and why."""


def check_start(model_path: str) -> None:
    """Refuse a start that must fail. Raises EngineError."""
    check_installed()
    check_processor()
    check_model(Path(model_path))


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
