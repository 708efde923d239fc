"""The engine's settings in its own words, for both ways to run it: llama-server's options, and the wheel's parameters.

Not here: where it listens and under which key, which each way is told in its own form (`executable`, `child`).
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from interplay.models.local.settings import EngineSettings, Launch

Value = str | int | bool | None


class Option(msgspec.Struct, frozen=True):
    """One of its settings. A truth value is told to llama-server by a name alone, with `no` in it if it is false."""

    name: str
    """In llama-server's words."""
    parameters: tuple[str, ...]
    """In the wheel's."""
    value: Callable[[Launch], Value]
    """None leaves it as it is."""


def _prompts_folder(settings: EngineSettings) -> str | None:
    """With a separator behind it; llama-server does not start without the folder."""
    folder = settings.prompts_folder
    return f"{folder}{os.sep}" if folder is not None and Path(folder).is_dir() else None


OPTIONS: Final = (
    Option("--model", ("model.path",), lambda launch: launch.settings.model_path),
    Option("--parallel", ("n_parallel",), lambda launch: launch.settings.parallel_turns),
    Option("--ctx-size", ("n_ctx",), lambda launch: launch.settings.memory()),
    Option("--kv-unified", ("kv_unified",), lambda _: True),
    Option("--no-context-shift", ("ctx_shift",), lambda _: False),
    Option("--cache-ram", ("cache_ram_mib",), lambda launch: launch.settings.kept_conversations_mib),
    Option("--threads", ("cpuparams.n_threads", "cpuparams_batch.n_threads"), lambda launch: launch.threads),
    Option("--batch-size", ("n_batch",), lambda launch: launch.settings.batch_tokens),
    Option("--ubatch-size", ("n_ubatch",), lambda launch: launch.settings.batch_tokens),
    Option("--slot-save-path", ("slot_save_path",), lambda launch: _prompts_folder(launch.settings)),
    Option("--metrics", ("endpoint_metrics",), lambda _: True),
    Option("--no-webui", ("ui",), lambda _: False),
)
"""One attention memory for all turns, prefixes kept; a conversation that is too long is never cut silently."""


def parameters(launch: Launch) -> dict[str, Value]:
    """What is set, by the wheel's names."""
    return {name: value for option, value in _set(launch) for name in option.parameters}


def command_line(launch: Launch) -> list[str]:
    """What is set, as llama-server is told."""
    told = ([option.name] if isinstance(value, bool) else [option.name, str(value)] for option, value in _set(launch))
    return [word for words in told for word in words]


def _set(launch: Launch) -> list[tuple[Option, Value]]:
    return [(option, value) for option in OPTIONS if (value := option.value(launch)) is not None]
