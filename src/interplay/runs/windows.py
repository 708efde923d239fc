"""What one more request would do to the last minute: pure functions on what is counted.

A minute is 60 whole seconds, the present one included: what was counted in a second counts until 60 seconds after that
second's beginning.
"""

import math
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final

import msgspec

from interplay.store.limits import Counted, Tally

WINDOW_SECONDS: Final = 60
RUN_SECONDS: Final = 2
"""When to ask again where a run must end first, which nobody can know the time of."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one project or key. None where there is none."""

    kind: str
    """`project` or `key`."""
    id: str
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent_runs: int | None = None
    queue_length: int | None = None

    @property
    def name(self) -> str:
        """Under which it is counted."""
        return f"{self.kind}:{self.id}"

    def counts(self) -> bool:
        """Whether anything must be counted for it."""
        return (self.requests_per_minute, self.tokens_per_minute, self.concurrent_runs) != (None, None, None)


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The limit that stands in the way."""

    rule: Rule
    limit: str
    """The setting's name."""
    most: int
    found: int
    seconds: int
    """After which it is free again, or worth asking."""


class Step(Enum):
    """What is asked for: both at once, or in the background one after the other."""

    WHOLE = 1
    """To ask for something and run it at once."""
    ACCEPT = 2
    """To ask for something that may wait."""
    RUN = 3
    """To run something that was accepted before."""


def refusal(rule: Rule, step: Step, counted: Counted, now: float) -> Refusal | None:
    """Why no more is let in now: of several reasons, the one that lasts longest."""
    reasons = [
        *(_busy(rule, counted, now) if step is not Step.RUN else ()),
        *(_crowded(rule, counted) if step is not Step.ACCEPT else ()),
    ]
    return max(reasons, key=lambda reason: reason.seconds) if reasons else None


def forget(counted: Counted, now: float) -> None:
    """Drop what is no longer, or never was, in the last minute: clocks are set back at times."""
    first, last = math.floor(now) - WINDOW_SECONDS, math.floor(now) + 1
    if counted.seconds and not (first < min(counted.seconds) and max(counted.seconds) <= last):
        counted.seconds = {second: tally for second, tally in counted.seconds.items() if first < second <= last}


def add(counted: Counted, now: float, *, requests: int = 0, tokens: int = 0) -> None:
    """Count these now."""
    tally = counted.seconds.setdefault(math.floor(now), Tally())
    tally.requests += requests
    tally.tokens += tokens


def _busy(rule: Rule, counted: Counted, now: float) -> Iterator[Refusal]:
    windows: tuple[tuple[str, int | None, Callable[[Tally], int]], ...] = (
        ("requests_per_minute", rule.requests_per_minute, lambda tally: tally.requests),
        ("tokens_per_minute", rule.tokens_per_minute, lambda tally: tally.tokens),
    )
    for limit, most, of in windows:
        found = sum(map(of, counted.seconds.values()))
        if most is not None and found >= most:
            seconds = _wait(counted, of, found - most, now)
            yield Refusal(rule=rule, limit=limit, most=most, found=found, seconds=seconds)


def _crowded(rule: Rule, counted: Counted) -> Iterator[Refusal]:
    running = sum(counted.running.values())
    if rule.concurrent_runs is not None and running >= rule.concurrent_runs:
        most = rule.concurrent_runs
        yield Refusal(rule=rule, limit="concurrent_runs", most=most, found=running, seconds=RUN_SECONDS)


def _wait(counted: Counted, of: Callable[[Tally], int], over: int, now: float) -> int:
    """Seconds until more than `over` has left the window."""
    for second in sorted(counted.seconds):
        over -= of(counted.seconds[second])
        if over < 0:
            return max(1, min(WINDOW_SECONDS, math.ceil(second + WINDOW_SECONDS - now)))
    return WINDOW_SECONDS
