"""A `llama-server` of the user's own, run in place of the wheel's engine: its command line, its life, its end.

In the engine's process (`child`), which stays between it and the server: this one ends when the server does, whatever
ended it, and takes the executable with it. The key goes by a pipe, so that it is on no command line.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, Final

import msgspec

from interplay.models.local.options import OPTIONS, command_line
from interplay.models.local.settings import Launch, Listening

LISTENING: Final = re.compile(rb"listening on (http://127\.0\.0\.1:\d+)")
"""How llama-server says where it is, its model loaded."""

LISTENS: Final = ("--host", "--port", "--api-key-file")
NEEDED: Final = (*LISTENS, *(option.name for option in OPTIONS))
"""The options that it is started with. A build that lacks one is too old."""


def options(launch: Launch, key_file: str) -> list[str]:
    """Its command line: loopback, a port of the system's choice, and all that is set."""
    where = zip(LISTENS, ("127.0.0.1", "0", key_file), strict=True)
    return [*(word for words in where for word in words), *command_line(launch)]


def run(path: str, launch: Launch, say: Any, die_with_parent: Callable[[], None]) -> None:
    """Run it to its end, or to that of our standard input; then end as it did."""
    key = key_pipe(launch.key)
    process = subprocess.Popen(
        [path, *options(launch, f"/dev/fd/{key}")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(key,),
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - there is one thread yet
    )
    os.close(key)
    threading.Thread(target=follow_server, args=(process,), daemon=True).start()
    if process.stdout is not None:
        follow_log(process.stdout, say)
    status = process.wait()
    end_group(process)
    end_as(status)


def key_pipe(key: str) -> int:
    """The reading end of a pipe that holds the key."""
    reading, writing = os.pipe()
    os.write(writing, f"{key}\n".encode())
    os.close(writing)
    return reading


def follow_server(process: "subprocess.Popen[bytes]") -> None:
    """End it when the server has ended, or wants it to."""
    sys.stdin.buffer.read()
    end_group(process)
    process.wait()
    os._exit(0)


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """End it and all that it has started: it may be a script that runs the server."""
    with suppress(ProcessLookupError, PermissionError):  # nothing of it is left
        os.killpg(process.pid, signal.SIGKILL)


def follow_log(log: IO[bytes], say: Any) -> None:
    """Pass its log on, and say where it listens once it does."""
    said = False
    for line in log:
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
        if not said and (found := LISTENING.search(line)):
            said = True
            say.write(msgspec.json.encode(Listening(found[1].decode())) + b"\n")


def end_as(status: int) -> None:
    """End this process the way that one ended, a signal included."""
    if status < 0:
        if -status != signal.SIGKILL:
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)
