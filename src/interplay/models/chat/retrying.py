"""When an upstream wants to be asked again, as it tells in the headers of a refusal. Pure functions.

    retry-after-ms: 1500                              milliseconds, where it stands before all else
    retry-after: 20                                   seconds
    retry-after: Mon, 30 Nov 2026 12:00:00 GMT        a time

Bounded, because what is told is passed on, and the Python SDK sleeps as long as it is told.
"""

import math
import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_SECONDS: Final = 60
"""The longest pause that is passed on."""

_NUMBER: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?s?", re.ASCII)


def retry_seconds(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> int | None:
    """Whole seconds until the next try, at least one; None where nothing is told that can be understood."""
    milliseconds, told = _number(headers.get("retry-after-ms")), headers.get("retry-after")
    seconds = milliseconds / 1000 if milliseconds is not None else _number(told)
    if seconds is None:
        seconds = _until(told, now)
    return None if seconds is None else max(1, math.ceil(min(seconds, LONGEST_SECONDS)))


def _number(told: str | None) -> float | None:
    match = _NUMBER.fullmatch((told or "").strip())
    return float(match[1]) if match else None


def _until(told: str | None, now: Callable[[], float]) -> float | None:
    try:
        return parsedate_to_datetime(told).timestamp() - now() if told else None
    except (ValueError, OverflowError):
        return None
