"""What the engine was built for, and what this machine's processor has more. For the log and `interplay version`."""

import importlib.metadata
import platform
from typing import Final

from interplay.models.local import cpu

BUILT_FOR: Final = "AVX2"
"""What the wheel's machine code uses of an x86-64 processor."""


def described(engine: str | None = None) -> str:
    """The engine in one line, and whether this processor could do more."""
    if engine is not None:
        return f"engine: {engine}"
    try:
        version = importlib.metadata.version("xllamacpp")
    except importlib.metadata.PackageNotFoundError:
        return "engine: none; install it with pip install '.[local]'"
    if platform.machine() not in cpu.X86_64:
        return f"engine: xllamacpp {version}"
    return f"engine: xllamacpp {version} ({BUILT_FOR}){more(cpu.beyond_avx2())}"


def more(units: tuple[str, ...]) -> str:
    """What a build for these parts of the processor would bring."""
    if not units:
        return ""
    return (
        f"; this processor also has {', '.join(units)}: a llama-server built for it reads prompts up to twice as fast, "
        "see [local] engine"
    )
