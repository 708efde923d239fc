"""Background runs: how soon they begin, what a hundred of them do to others, and what a server costs that has none."""

import time
from typing import Final

from benchmarks.cost import cpu_seconds, tree
from benchmarks.fake_models import FakeModel
from benchmarks.load import Outcome, Plan
from benchmarks.measures import CROWD, Bench, failures, interactions, median_ms
from benchmarks.processes import outcome
from benchmarks.report import Row, row
from benchmarks.requests import Target

_IDLE_SECONDS: Final = 10.0
_LONG: Final = FakeModel(240, 5, 50)
"""Twenty tokens a second for twelve seconds."""
_ANSWER: Final = FakeModel(32, 20, 20)


def begins(bench: Bench) -> list[Row]:
    """From the request to the first token of a background run that is followed, one after the other."""
    model = FakeModel(4)
    outcomes = [
        _asked(bench, model, stream=True, connections=1, requests=bench.scale.streams)
        for _ in range(bench.scale.repeats)
    ]
    group = "background run, followed from the start"
    first = row(group, "first token, median", "ms", [median_ms(each.first) for each in outcomes], 20)
    return [first, failures(group, outcomes)]


def crowds(bench: Bench) -> list[Row]:
    """Foreground streams, alone and beside a hundred background runs in flight."""
    plan = {"connections": 16, "requests": max(16, bench.scale.streams // 2), "spread": 0.64}
    alone = bench.through(_ANSWER, stream=True, **plan)
    in_flight = _asked(bench, _LONG, stream=False, connections=16, requests=CROWD)
    beside = bench.through(_ANSWER, stream=True, **plan)
    group = f"16 streams beside {CROWD} background runs"
    return [
        row(group, "first delta alone, median", "ms", [median_ms(alone.first)]),
        row(group, "first delta beside them, median", "ms", [median_ms(beside.first)]),
        row(group, "whole answer to alone", "times", [median_ms(beside.seconds) / median_ms(alone.seconds)], 1.5),
        failures(group, [alone, in_flight, beside]),
    ]


def idle(bench: Bench, seconds: float = _IDLE_SECONDS) -> list[Row]:
    """Processor time of a server that nobody asks for anything."""
    watched = tree(bench.server.pid)
    before = cpu_seconds(watched)
    time.sleep(seconds)
    after = cpu_seconds(watched)
    share = None if before is None or after is None else (after - before) / seconds * 100
    return [row("server that is idle", "of a core", "%", [share], 2)]


def _asked(bench: Bench, model: FakeModel, *, stream: bool, connections: int, requests: int) -> Outcome:
    """Background runs; not waited for without `stream`."""
    target = interactions(bench.server, model, stream=True)
    if not stream:
        target = Target(target.url, target.headers, 0, ['"status":"in_progress"'])
    body = {"model": model.name, "input": "Think about rivers.", "background": True, "stream": stream}
    return outcome(
        Plan(
            target=target,
            body=body,
            watched=bench.server.pid,
            connections=connections,
            requests=requests,
            warm_up=1 if stream else 0,
        )
    )
