"""Load: many requests over a few connections, from a process of its own.

python -m benchmarks.load < plan.json > outcome.json
"""

import asyncio
import statistics
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import uvloop

from benchmarks.cost import cpu_seconds, tree
from benchmarks.requests import Connection, Target


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to send."""

    target: Target
    body: dict[str, Any]
    connections: int
    requests: int
    """In all, of which every connection sends what it gets to."""
    warm_up: int = 0
    """Requests before that, which nothing is told of."""
    spread: float = 0.0
    """Seconds over which the connections begin, so that they do not all ask in the same millisecond."""
    seconds: float = 60.0
    """A request that takes longer has failed."""
    watched: int
    """The process whose tree's cost is counted."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    requests: int
    faults: list[str]
    """One for each request that failed."""
    seconds: list[float]
    """To the last byte, of each good answer."""
    first: list[float]
    """To the first token, of each good answer."""
    cpu: float | None
    """Seconds of processor time that the watched processes took for all requests."""

    def cpu_ms(self) -> float | None:
        """Processor time of one request in milliseconds."""
        return None if self.cpu is None else self.cpu / self.requests * 1000


def percentile(values: list[float], percent: int) -> float:
    """Of at least one value."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


class Load:
    """One plan being carried out."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._request = plan.target.request(plan.body)
        self._outcome = _empty()
        self._left: Iterator[int] = iter(())

    async def run(self) -> Outcome:
        """Warm up, then measure."""
        plan = self._plan
        connections = [Connection() for _ in range(plan.connections)]
        await self._round(connections, plan.warm_up)
        self._outcome = _empty()
        watched = tree(plan.watched)
        before = cpu_seconds(watched)
        await self._round(connections, plan.requests)
        after = cpu_seconds(watched)
        for connection in connections:
            connection.close()
        cpu = None if before is None or after is None else after - before
        return msgspec.structs.replace(self._outcome, requests=plan.requests, cpu=cpu)

    async def _round(self, connections: list[Connection], requests: int) -> None:
        self._left = iter(range(requests))
        async with asyncio.TaskGroup() as group:
            for index, connection in enumerate(connections):
                group.create_task(self._ask_on(connection, self._plan.spread * index / len(connections)))

    async def _ask_on(self, connection: Connection, delay: float) -> None:
        await asyncio.sleep(delay)
        for _ in self._left:
            try:
                await self._ask(connection)
            except (OSError, TimeoutError) as error:
                self._outcome.faults.append(repr(error))
                connection.close()

    async def _ask(self, connection: Connection) -> None:
        async with asyncio.timeout(self._plan.seconds):
            answer = await connection.ask(self._plan.target, self._request)
        fault = answer.fault(self._plan.target)
        if fault is not None:
            self._outcome.faults.append(fault)
            return
        self._outcome.seconds.append(answer.seconds)
        self._outcome.first.append(answer.first or answer.seconds)


def _empty() -> Outcome:
    return Outcome(requests=0, faults=[], seconds=[], first=[], cpu=None)


if __name__ == "__main__":
    outcome = uvloop.run(Load(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)).run())
    sys.stdout.buffer.write(msgspec.json.encode(outcome))
