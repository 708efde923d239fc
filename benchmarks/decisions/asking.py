"""Asks a local model every question of the suite, through the server's own code and without a server."""

import time
from itertools import groupby

import msgspec

from benchmarks.decisions.suite import Labelled
from interplay.engine.decisions.asking import Asking
from interplay.models.catalogue import Served
from interplay.models.local.backend import LocalBackend
from interplay.models.local.settings import EngineSettings
from interplay.weights.shelf import Model


class Asked(msgspec.Struct, frozen=True):
    """A question and what the model held probable, with the options in one order and in the other."""

    labelled: Labelled
    forwards: tuple[float, ...]
    backwards: tuple[float, ...]


class Cost(msgspec.Struct, frozen=True):
    """What the questions of one text cost, on the average."""

    first_seconds: float
    """The first question: it reads the text."""
    later_seconds: float
    """A later question about the same text."""
    later_cached: float
    """The share of a later question's prompts that was in the cache."""


async def ask(model: Model, suite: list[Labelled]) -> tuple[list[Asked], Cost]:
    """Every question both ways."""
    backend = LocalBackend(EngineSettings(model_path=str(model.path)), model.name, patience=300)
    await backend.open()
    try:
        return await _all(Served(model.name, model.name, backend, model.name), suite)
    finally:
        await backend.close()


async def _all(served: Served, suite: list[Labelled]) -> tuple[list[Asked], Cost]:
    asked: list[Asked] = []
    first, later, read, cached = list[float](), list[float](), 0, 0
    for text, group in groupby(suite, key=lambda labelled: labelled.input):
        asking = Asking(served, text)
        for number, labelled in enumerate(group):
            started, counted = time.monotonic(), len(asking.counts)
            asked.append(Asked(labelled, *await asking.both_ways(labelled.question)))
            (later if number else first).append(time.monotonic() - started)
            if number:
                read += sum(count.input or 0 for count in asking.counts[counted:])
                cached += sum(count.cached or 0 for count in asking.counts[counted:])
    return asked, Cost(sum(first) / len(first), sum(later) / len(later), cached / read)
