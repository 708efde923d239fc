"""Time, handed in so that tests can choose it. Wall time in seconds since 1970, UTC, and its wire form."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]

system: Clock = time.time


def timestamp(seconds: float) -> str:
    """`2026-11-23T12:01:25Z`, as the API writes its times."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(seconds: float) -> str:
    """`2026-11-23`, in UTC."""
    return timestamp(seconds)[: len("2026-11-23")]
