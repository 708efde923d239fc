"""Work that is begun at once, in its caller's time, instead of when the loop comes to a task of its own.

What sends to a client has mostly nothing to wait for: the client takes what it is given. A task for it would cost a
turn of the loop.
"""

from collections.abc import Awaitable, Generator
from types import coroutine
from typing import Any


def started(work: Awaitable[None]) -> Awaitable[None] | None:
    """Run it until it first waits. What is left of it, be it an error, is to be awaited; None when nothing is.

    It begins in the task of whoever calls this and may end in another, so it must not ask which task it is in: no
    timeout, and no cancel scope, around its first wait.
    """
    steps = work.__await__()
    try:
        waits_for = next(steps)
    except StopIteration:
        return None
    except Exception as error:  # noqa: BLE001 - raised where it is awaited
        return _raised(error)
    return _rest(steps, waits_for)


@coroutine
def _rest(steps: Generator[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Wait for what it waits for, in the task that awaits this."""
    try:
        while True:
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - thrown at the task, meant for the work
                waits_for = steps.throw(error)
            else:
                waits_for = next(steps)
    except StopIteration:
        return


async def _raised(error: Exception) -> None:
    raise error
