"""Waiting for what another process is about to do."""

import time
from collections.abc import Callable

_LONGEST_SECONDS = 20.0


def until(condition: Callable[[], bool], seconds: float = _LONGEST_SECONDS) -> None:
    """Ask again until the condition holds; asking is the pause. An assertion fails if it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came to hold"
