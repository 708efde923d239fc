"""The measurements: each puts load on a running server, or starts one, and gives rows."""

import os
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.conversation import Dialogue, TurnCost
from benchmarks.cost import resident_mib
from benchmarks.fake_models import FakeModel
from benchmarks.load import Outcome, Plan, percentile
from benchmarks.processes import outcome, turns
from benchmarks.report import Row, row
from benchmarks.requests import Target
from benchmarks.server import Server, serving

_PROMPT: Final = "Say something short about rivers, please."
_AROUND: Final = 4
"""Turns before and after the one that is asked about, over which the median is taken."""


class Scale(msgspec.Struct, frozen=True):
    """How much to measure."""

    repeats: int = 5
    requests: int = 800
    """JSON requests in a repeat."""
    streams: int = 160
    """Streams in a repeat."""
    turns: int = 1000
    """The turn of a long conversation that is compared with turn 10."""
    starts: int = 5
    """Starts of the server."""


QUICK: Final = Scale(repeats=2, requests=200, streams=48, turns=100, starts=2)
FULL: Final = Scale()
CROWD: Final = 100
"""The streams at once that must not fail."""


class Bench(msgspec.Struct, frozen=True):
    """What is measured: a server, the upstream behind it, and how much."""

    server: Server
    upstream: str
    upstream_pid: int
    scale: Scale

    def through(self, model: FakeModel, *, stream: bool, **plan: Any) -> Outcome:
        """Load on the server."""
        return outcome(
            Plan(
                target=interactions(self.server, model, stream=stream),
                body={"model": model.name, "input": _PROMPT, "stream": stream},
                watched=self.server.pid,
                **plan,
            )
        )

    def direct(self, model: FakeModel, *, stream: bool, **plan: Any) -> Outcome:
        """The same load on the upstream itself."""
        ending = "data: [DONE]" if stream else '"finish_reason":"stop"'
        body = {"model": model.name, "messages": [{"role": "user", "content": _PROMPT}], "stream": stream}
        target = Target(f"{self.upstream}/chat/completions", {}, model.tokens, [ending])
        return outcome(Plan(target=target, body=body, watched=self.upstream_pid, **plan))

    def repeat(self, measure: Callable[..., Outcome], model: FakeModel, **plan: Any) -> list[Outcome]:
        """The same measurement several times."""
        return [measure(model, **plan) for _ in range(self.scale.repeats)]


def interactions(server: Server, model: FakeModel, *, stream: bool) -> Target:
    """The server's endpoint, and what its answers must hold."""
    holds = ['"status":"completed"', "data: [DONE]"] if stream else ['"status":"completed"']
    return Target(f"{server.url}/v1beta/interactions", {"x-goog-api-key": server.key}, model.tokens, holds)


def json_requests(bench: Bench) -> list[Row]:
    """Answers of 32 tokens in one piece, 16 at once."""
    model, plan = FakeModel(32), {"connections": 16, "requests": bench.scale.requests, "warm_up": 64}
    ours = bench.repeat(bench.through, model, stream=False, **plan)
    direct = bench.repeat(bench.direct, model, stream=False, **plan)
    group = "JSON request, 32 tokens, 16 at once"
    return [
        row(group, "CPU of the server", "ms", [each.cpu_ms() for each in ours], 2),
        row(group, "CPU of the fake upstream, asked directly", "ms", [each.cpu_ms() for each in direct]),
        row(group, "answer, median", "ms", [median_ms(each.seconds) for each in ours]),
        row(group, "answer of the upstream, median", "ms", [median_ms(each.seconds) for each in direct]),
        failures(group, ours),
    ]


def streams(bench: Bench) -> list[Row]:
    """Streams of 64 tokens, 16 at once: as fast as they come, and paced."""
    rows = []
    for name, model in {"flat out": FakeModel(64), "paced 5 ms": FakeModel(64, 5, 5)}.items():
        # Streams that ran in step would share the server's wake-ups, as those of real clients do not.
        spread = model.due(model.tokens)
        plan = {"connections": 16, "requests": max(16, bench.scale.streams), "warm_up": 16, "spread": spread}
        ours = bench.repeat(bench.through, model, stream=True, **plan)
        direct = bench.repeat(bench.direct, model, stream=True, **plan)
        group = f"stream of 64 deltas, {name}, 16 at once"
        rows += [
            row(group, "CPU of the server", "ms", [each.cpu_ms() for each in ours], 6),
            row(group, "CPU of the fake upstream, asked directly", "ms", [each.cpu_ms() for each in direct]),
            failures(group, ours),
        ]
    return rows


def crowd(bench: Bench) -> list[Row]:
    """A hundred paced streams at once."""
    plan = {"connections": CROWD, "requests": max(CROWD, bench.scale.streams), "warm_up": 0}
    ours = bench.through(FakeModel(64, 5, 5), stream=True, **plan)
    return [failures(f"stream of 64 deltas, paced 5 ms, {CROWD} at once", [ours])]


def first_delta(bench: Bench) -> list[Row]:
    """What the server adds to the wait for the first delta while 32 streams run."""
    model = FakeModel(32, 20, 20)
    rows = []
    for name, spread in {"begun evenly": model.due(model.tokens), "begun together": 0.0}.items():
        plan = {"connections": 32, "requests": max(32, bench.scale.streams), "warm_up": 32, "spread": spread}
        direct = bench.direct(model, stream=True, **plan)
        ours = bench.repeat(bench.through, model, stream=True, **plan)
        rows += _added(f"first delta, 32 streams of 20 ms, {name}", median_ms(direct.first), ours)
    return rows


def starts(folder: Path, upstream: str, scale: Scale) -> list[Row]:
    """From the start of the process until it says that it is ready."""
    fresh: list[float] = []
    again: list[float] = []
    for index in range(scale.starts):
        state = folder / f"start-{index}"
        state.mkdir()
        for times in (fresh, again):
            with serving(state, upstream) as server:
                times.append(server.started)
    group = "start until ready"
    return [row(group, "with a fresh data folder", "s", fresh, 2), row(group, "second start", "s", again, 2)]


def memory(bench: Bench, when: str) -> list[Row]:
    """Resident memory of the server's own process."""
    return [row("memory of the server", when, "MiB", [resident_mib(bench.server.pid)], 120)]


def long_conversation(bench: Bench) -> list[TurnCost]:
    """One conversation up to the last turn that counts."""
    return turns(dialogue(bench.server, turns=bench.scale.turns + _AROUND))


def cold_turns(bench: Bench, past: Sequence[TurnCost]) -> list[TurnCost]:
    """Turns on a server that has none of the conversation in memory, after some that have nothing to do with it."""
    turns(dialogue(bench.server, turns=20))
    first = bench.scale.turns - 2
    return turns(dialogue(bench.server, go_on_from=[turn.id for turn in past[first : first + _AROUND]]))


def conversation_rows(scale: Scale, warm: Sequence[TurnCost], cold: Sequence[TurnCost]) -> list[Row]:
    """Late turns compared with early ones."""
    early, late = (_cpu_ms(warm[turn - _AROUND - 1 : turn + _AROUND]) for turn in (10, scale.turns))
    after = _cpu_ms(cold)
    group = f"conversation, turn {scale.turns}"
    return [
        row(group, "CPU of turn 10", "ms", early),
        row(group, f"CPU of turn {scale.turns}", "ms", late),
        row(group, f"CPU of turn {scale.turns} after a restart", "ms", after),
        row(group, f"turn {scale.turns} to turn 10", "times", [_ratio(late, early)], 3),
        row(group, f"turn {scale.turns} after a restart to turn 10", "times", [_ratio(after, early)]),
    ]


def load_average() -> tuple[float, float, float]:
    """Of this machine, now."""
    return os.getloadavg()


def dialogue(server: Server, **what: Any) -> Dialogue:
    """A conversation with the server."""
    model = FakeModel(32)
    body = {"model": model.name, "input": _PROMPT}
    return Dialogue(target=interactions(server, model, stream=False), body=body, watched=server.pid, **what)


def _added(group: str, direct: float, ours: Sequence[Outcome]) -> list[Row]:
    added = {
        f"{name} added": [percentile(each.first, percent) * 1000 - direct for each in ours if each.first]
        for name, percent in {"median": 50, "95th percentile": 95}.items()
    }
    return [
        row(group, "median of the upstream", "ms", [direct]),
        *(row(group, name, "ms", samples, 30) for name, samples in added.items()),
        failures(group, ours),
    ]


def failures(group: str, outcomes: Sequence[Outcome]) -> Row:
    """How many requests failed; none may."""
    asked = sum(each.requests for each in outcomes)
    return row(group, f"failures of {asked}", "", [sum(len(each.faults) for each in outcomes)], 0)


def median_ms(seconds: Sequence[float]) -> float:
    """Of some times in seconds; not a number where there are none."""
    return statistics.median(seconds) * 1000 if seconds else float("nan")


def _cpu_ms(costs: Sequence[TurnCost]) -> list[float]:
    return [turn.cpu * 1000 for turn in costs if turn.cpu is not None]


def _ratio(late: Sequence[float], early: Sequence[float]) -> float | None:
    return statistics.median(late) / statistics.median(early) if late and early else None
