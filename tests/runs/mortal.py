"""The real server, which kills itself at a chosen step: `python mortal.py append:before:3 serve ...`.

The step is a method of the store, the moment before it begins or after it has returned, and the number of the call.
"""

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from interplay.cli import main
from interplay.store.postgres import PostgresStore
from interplay.store.postgres.work import PostgresWork
from interplay.store.sqlite import SqliteStore
from interplay.store.sqlite.work import SqliteWork

STEPS = ("insert", "append", "finish", "claim", "requeue")
MOMENTS = ("before", "after")

Method = Callable[..., Awaitable[Any]]


def doomed(method: Method, moment: str, number: int) -> Method:
    """The same method, but for one call that is the last thing this process does."""
    calls = 0

    async def called(*values: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        last = calls == number
        if last and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = await method(*values, **named)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return called


def arm(step: str, moment: str, number: int) -> None:
    """Let both stores end this process at that step."""
    for owner in (SqliteStore, PostgresStore, SqliteWork, PostgresWork):
        if hasattr(owner, step):
            setattr(owner, step, doomed(getattr(owner, step), moment, number))


if __name__ == "__main__":
    if (death := sys.argv.pop(1)) != "never":
        step, moment, number = death.split(":")
        arm(step, moment, int(number))
    main()
