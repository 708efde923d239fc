"""The engine's own process: llama.cpp's whole server, from the xllamacpp wheel, on loopback and under a key.

Where the settings name an executable, this process watches over that one instead (`executable`).
Run as `python -m interplay.models.local.child` by `process.py`, and by nobody else. A process of its own
because the engine may abort, which must not take the server down. It reads one `Launch` from its standard input,
loads the model, says `Listening` on its standard output, and ends when its standard input does: that happens
whatever ended the server, a kill -9 included. Its log is its standard error.
"""

import ctypes
import os
import signal
import sys
from typing import Any

import msgspec

from interplay.models.local import executable, options
from interplay.models.local.settings import Launch, Listening

PR_SET_PDEATHSIG = 1
"""From Linux's <sys/prctl.h>."""
MOST_DESCRIPTORS = 65536
ERRORS = 1
"""llama.cpp's log level. The log's only reader wants to know why the engine died."""
GPU_BATCH_TOKENS = 2048
CPU_BATCH_TOKENS = 32
"""Half a second of reading for the 1.5B on two cores. Measured there: larger batches are no faster."""


def main() -> None:
    """Live as long as the server does."""
    os.umask(0o077)  # what it keeps are conversations
    os.closerange(3, MOST_DESCRIPTORS)  # uvloop passes on what the server itself has inherited
    outlive_signals()
    launch = msgspec.json.decode(sys.stdin.buffer.readline(), type=Launch)
    say = private_output()
    if launch.settings.engine is not None:
        executable.run(launch.settings.engine, launch, say, die_with_parent)  # it reads our input all the time
    die_with_parent()
    engine = start(launch)
    say.write(msgspec.json.encode(Listening(engine.listening_address)) + b"\n")
    sys.stdin.buffer.read()
    os._exit(0)


def outlive_signals() -> None:
    """Leave Ctrl-C and a service's stop to the server, which finishes its turns first and then ends this process."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def die_with_parent() -> None:
    """Have Linux end this process with its parent at once: while a model loads, Python cannot read its input."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def private_output() -> Any:
    """The standard output for ourselves; what native code prints there goes to the log from now on."""
    kept = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return kept


def start(launch: Launch) -> Any:
    """Load the model and listen; on failure end the process, the reason being in the log already."""
    # The optional part, and a native one: only this process may load it.
    import xllamacpp  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        return xllamacpp.Server(parameters(launch, xllamacpp))
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        os._exit(1)


def parameters(launch: Launch, xllamacpp: Any) -> Any:
    """The engine's settings in its own words."""
    chosen = xllamacpp.CommonParams()
    usual, batch = chosen.n_ubatch, launch.settings.batch_tokens or usual_batch(xllamacpp)
    decided = msgspec.structs.replace(launch.settings, batch_tokens=batch)
    for name, value in options.parameters(msgspec.structs.replace(launch, settings=decided)).items():
        part, _, last = name.rpartition(".")
        setattr(getattr(chosen, part) if part else chosen, last, value)
    chosen.n_ubatch = min(usual, chosen.n_ubatch)
    chosen.kv_unified_per_slot = decided.context_tokens
    chosen.cache_prompt = True
    chosen.verbosity = ERRORS
    listen(chosen, launch.key)
    return chosen


def listen(chosen: Any, key: str) -> None:
    """Loopback, a port of the system's choice, a key, and nothing for browsers."""
    chosen.hostnames = ["127.0.0.1"]
    chosen.port = 0
    chosen.api_keys = [key]
    chosen.endpoint_slots = False
    chosen.cors_origins = ""


def usual_batch(xllamacpp: Any) -> int:
    """Many tokens at once where there is a GPU, few where a CPU would be busy with them for long."""
    kinds = xllamacpp.ggml_backend_dev_type
    gpus = (kinds.GGML_BACKEND_DEVICE_TYPE_GPU, kinds.GGML_BACKEND_DEVICE_TYPE_IGPU)
    return (
        GPU_BATCH_TOKENS if any(device["type"] in gpus for device in xllamacpp.get_device_info()) else CPU_BATCH_TOKENS
    )


if __name__ == "__main__":
    main()
