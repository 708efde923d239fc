"""A pull as its user sees it: a bar on a terminal, a line now and then elsewhere. Only draws."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from interplay.weights.progress import Progress, size

_LINE_EVERY: Final = 10.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def watching(console: Console, title: str) -> Iterator[Progress]:
    """A progress drawn on the console until the context is left."""
    if not console.is_terminal:
        yield Lines(console, title)
        return
    with Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as bars:
        yield Bar(bars, title)


class Bar:
    """A bar that moves."""

    def __init__(self, bars: Bars, title: str) -> None:
        self._bars = bars
        self._task = bars.add_task(title, total=None)

    def begin(self, total: int | None, done: int) -> None:
        """Draw the bar anew, so that bytes from an earlier pull do not count as speed."""
        self._bars.reset(self._task, total=total, completed=done)

    def reached(self, done: int) -> None:
        """Move the bar."""
        self._bars.update(self._task, completed=done)

    def note(self, sentence: str) -> None:
        """Print above the bar."""
        self._bars.console.print(sentence, soft_wrap=True, highlight=False, markup=False)


class Lines:
    """A line every ten seconds, for logs and pipes."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._total: int | None = None
        self._next = 0.0

    def begin(self, total: int | None, done: int) -> None:
        """Say what is coming."""
        self._total = total
        self._say(done)

    def reached(self, done: int) -> None:
        """Say how far it is, if the last line is old or this is the end."""
        if time.monotonic() >= self._next or done == self._total:
            self._say(done)

    def note(self, sentence: str) -> None:
        """Say it."""
        self._console.print(sentence, soft_wrap=True, highlight=False, markup=False)

    def _say(self, done: int) -> None:
        self._next = time.monotonic() + _LINE_EVERY
        whole = f" of {size(self._total)} ({done * 100 // max(1, self._total)} %)" if self._total is not None else ""
        self.note(f"{self._title}: {size(done)}{whole}")
