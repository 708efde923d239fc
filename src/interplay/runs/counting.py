"""Counts this server's requests and runs for limits, in batches: one change of what all servers share at a time.

While one change is under way, requests and ends queue up; all of them become the next one. How many runs this server
has is written as a number, not as a difference, so that the next change mends one of which nobody knows what became.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial

import msgspec

from interplay.clock import Clock
from interplay.runs.windows import Refusal, Rule, Step, add, forget, refusal
from interplay.store.base import Store
from interplay.store.limits import Counted

Rules = tuple[Rule, ...]


class _Request(msgspec.Struct, frozen=True):
    rules: Rules
    step: Step
    answer: "asyncio.Future[Refusal | None]"


class _Note(msgspec.Struct, frozen=True):
    """Tokens to be added, and a number of runs to be written anew."""

    rules: Rules
    tokens: int


_Batch = list[_Request | _Note]


class Counting:
    """One server's; `server` is its name to the store. `clock` is the store's own unless given."""

    def __init__(self, store: Store, server: str, *, silent_seconds: float, clock: Clock | None = None) -> None:
        self._store = store
        self._server = server
        self._silent = silent_seconds
        self._clock = clock
        self._waiting: _Batch = []
        self._running: Counter[str] = Counter()
        self._work: asyncio.Task[None] | None = None

    async def begin(self, rules: Rules, step: Step = Step.WHOLE) -> Refusal | None:
        """Count what is asked for, unless it is refused. Raises Failure when the store cannot be asked.

        But for what is only accepted, `end` must follow.
        """
        request = _Request(rules, step, asyncio.get_running_loop().create_future())
        self._do(request)
        try:
            return await request.answer
        except asyncio.CancelledError:
            answer = request.answer
            if not answer.cancelled() and answer.exception() is None and answer.result() is None:
                self._left(request)
            raise

    def end(self, rules: Rules, tokens: int) -> None:
        """A run has ended, having used so much: counted before any request that comes later."""
        for rule in rules:
            self._running[rule.name] -= 1
        self._do(_Note(rules, tokens))

    async def tick(self) -> None:
        """Try again to write what could not be written."""
        if self._waiting:
            self._start()
        await self.settled()

    async def settled(self) -> None:
        """Wait until all is written, or could not be."""
        if self._work is not None:
            await asyncio.wait([self._work])

    def _do(self, job: _Request | _Note) -> None:
        self._waiting.append(job)
        self._start()

    def _start(self) -> None:
        if self._work is None:
            self._work = asyncio.get_running_loop().create_task(self._empty(), name="limits")

    async def _empty(self) -> None:
        while self._waiting:
            batch = [job for job in self._waiting if isinstance(job, _Note) or not job.answer.done()]
            self._waiting = []
            try:
                answers = await self._change(batch)
            except Exception as error:  # noqa: BLE001 - the frame of the line: whatever it is, the callers hear it
                if not self._failed(batch, error):
                    break
            else:
                self._changed(batch, answers)
        self._work = None

    async def _change(self, batch: _Batch) -> list[Refusal | None]:
        names = sorted({rule.name for job in batch for rule in job.rules})
        now = self._clock() if self._clock is not None else None
        return await self._store.limits.change(names, partial(self._count, batch), silent_seconds=self._silent, now=now)

    def _count(self, batch: _Batch, counted: Mapping[str, Counted], now: float) -> list[Refusal | None]:
        """What becomes of each request. Changes nothing of this server's own, since it may have to be done again."""
        for name, each in counted.items():
            forget(each, now)
            each.running[self._server] = self._running[name]
        answers = []
        for job in batch:
            match job:
                case _Note(rules, tokens):
                    for rule in rules:
                        add(counted[rule.name], now, tokens=tokens)
                case _Request():
                    answers.append(self._let_in(job, counted, now))
        return answers

    def _let_in(self, request: _Request, counted: Mapping[str, Counted], now: float) -> Refusal | None:
        rules, step = request.rules, request.step
        refusals = [found for rule in rules if (found := refusal(rule, step, counted[rule.name], now)) is not None]
        if refusals:
            return max(refusals, key=lambda each: each.seconds)
        for rule in rules:
            add(counted[rule.name], now, requests=step is not Step.RUN)
            counted[rule.name].running[self._server] += step is not Step.ACCEPT
        return None

    def _changed(self, batch: _Batch, answers: list[Refusal | None]) -> None:
        requests = [job for job in batch if isinstance(job, _Request)]
        for request, refused in zip(requests, answers, strict=True):
            if refused is None and request.step is not Step.ACCEPT:
                self._running.update(rule.name for rule in request.rules)
            if not request.answer.done():
                request.answer.set_result(refused)
            elif refused is None:  # its caller has gone meanwhile
                self._left(request)

    def _left(self, request: _Request) -> None:
        if request.step is not Step.ACCEPT:
            self.end(request.rules, 0)

    def _failed(self, batch: _Batch, error: Exception) -> bool:
        """Tell the callers, and keep the rest for the next time; whether somebody waits for that already."""
        for job in batch:
            if isinstance(job, _Request) and not job.answer.done():
                job.answer.set_exception(error)
        again = [job if isinstance(job, _Note) else _Note(job.rules, 0) for job in batch]
        someone = any(isinstance(job, _Request) for job in self._waiting)
        self._waiting = [*again, *self._waiting]
        return someone
