"""Delivery: sends what is in the outbox until it is taken, again and again for a day, then gives it up.

Every server of a store does this; what one has claimed the others leave alone. Receivers that hang hold up only
their own project: of one project few messages are on their way at once, fewer of one receiver, and of one that failed
lately a single one.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from interplay.errors import Failure
from interplay.observe import Fault, NoticeSent, Observer
from interplay.store.outbox import Due, Outbox
from interplay.store.webhooks import ENABLED
from interplay.webhooks.posting import Posting
from interplay.webhooks.sending import NotTaken, Outcome

SECONDS: Final = 2.0
"""Between two looks, where nothing has woken it."""
FORGET_SECONDS: Final = 3600.0
"""Between two looks for dead letters that nobody needs any more."""
LEASE_SECONDS: Final = 20.0
"""How long a message is this server's: longer than a try takes, or it would be sent twice."""

_AT_ONCE: Final = 256
_OF_ONE_PROJECT: Final = 16
_OF_ONE_RECEIVER: Final = 8
"""For each project."""
_FIRST_SECONDS: Final = 5.0
_LONGEST_SECONDS: Final = 3600.0
_DAY: Final = 86_400.0
_DEAD_SECONDS: Final = 30 * _DAY
"""How long dead letters are kept."""
_MOST_FAILING: Final = 10_000
_GRACE_SECONDS: Final = 2.0
"""How long messages on their way are waited for at the stop."""


def again_in(attempts: int, age: float, jitter: float) -> float | None:
    """Seconds until the next try after so many, for a message of this age; None when it is to be given up.

    5, 10, 20, ... and then every hour; `jitter`, from 0 to 1, makes it up to a half longer.
    """
    pause: float = min(_FIRST_SECONDS * 2 ** min(attempts - 1, 20), _LONGEST_SECONDS) * (1 + jitter / 2)
    return pause if age + pause <= _DAY else None


def forbidden_again_in(age: float, jitter: float) -> float | None:
    """The same for a message that this server's settings forbid: soon, for another server, which may send it."""
    pause: float = min(max(_FIRST_SECONDS, age / 10), _LONGEST_SECONDS) * (1 + jitter / 2)
    return pause if age + pause <= _DAY else None


class Delivery:
    """One server's part in emptying the outbox."""

    def __init__(
        self,
        outbox: Outbox,
        posting: Posting,
        server: str,
        observe: Observer,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._posting = posting
        self._server = server
        self._observe = observe
        self._jitter = jitter
        self._sending: dict[asyncio.Task[None], Due] = {}
        """What is on its way."""
        self._failing: set[str] = set()
        """Lines whose last message was not taken."""
        self.on_room: Callable[[], None] = lambda: None
        """Told when there is room for more."""

    async def tick(self) -> None:
        """Start to send what is due and there is room for."""
        room = _AT_ONCE - len(self._sending)
        if room <= 0:
            return
        claimed = await self._outbox.claim(
            self._server,
            LEASE_SECONDS,
            room,
            each=_OF_ONE_RECEIVER,
            of_project=_OF_ONE_PROJECT,
            sending=Counter(due.project for due in self._sending.values()),
            busy={due.line() for due in self._sending.values()},
            failing=self._failing,
        )
        for due in claimed:
            task = asyncio.create_task(self._deliver(due), name=f"notice {due.id}")
            self._sending[task] = due
            task.add_done_callback(self._sent)

    async def idle(self) -> None:
        """Wait until nothing is on its way."""
        while self._sending:
            await asyncio.wait(self._sending)

    async def forget(self) -> None:
        """Remove dead letters that nobody has asked for."""
        await self._outbox.forget(_DEAD_SECONDS)

    async def close(self) -> None:
        """Wait a moment for what is on its way, and leave the rest to the others or to the next start."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=_GRACE_SECONDS)
        for task in self._sending:
            task.cancel()
        await self.idle()
        with suppress(Failure):  # then the lease runs out
            await self._outbox.release(self._server)

    def _sent(self, task: asyncio.Task[None]) -> None:
        del self._sending[task]
        self.on_room()

    async def _deliver(self, due: Due) -> None:
        try:
            await self._try(due)
        except Exception as error:  # noqa: BLE001 - the runner's frame: once its lease is over it is tried again
            self._observe(Fault(f"notice {due.id}", error))

    async def _try(self, due: Due) -> None:
        started = time.monotonic()
        match await self._outcome(due):
            case NotTaken() as outcome:
                await self._not_taken(due, outcome, time.monotonic() - started)
            case _:
                self._failing.discard(due.line())
                await self._outbox.taken(due.id)
                self._observe(_noticed(due, time.monotonic() - started))

    async def _outcome(self, due: Due) -> Outcome | None:
        try:
            return await self._post(due)
        except Exception as error:  # noqa: BLE001 - the runner's frame: whatever it is, the message was not taken
            self._observe(Fault(f"notice {due.id}", error))
            return NotTaken("this server failed to send it")

    async def _post(self, due: Due) -> Outcome | None:
        """Send it; None when there is nobody any more to send it to."""
        if due.uri is None:
            return None
        if due.webhook is None:
            return await self._posting.to_requested(due.uri, due.id, due.payload)
        if due.state != ENABLED:
            return NotTaken("the webhook is disabled")
        return await self._posting.to_registered(due.uri, due.secrets, due.id, due.payload)

    async def _not_taken(self, due: Due, outcome: NotTaken, seconds: float) -> None:
        if len(self._failing) >= _MOST_FAILING:
            self._failing.clear()
        self._failing.add(due.line())
        jitter, counted = self._jitter(), not outcome.forbidden
        pause = again_in(due.attempts, due.age, jitter) if counted else forbidden_again_in(due.age, jitter)
        disabled = await self._outbox.failed(due.id, self._server, outcome.reason, pause, counted=counted)
        self._observe(_noticed(due, seconds, outcome.reason, given_up=pause is None, disabled=disabled))


def _noticed(
    due: Due, seconds: float, failure: str | None = None, *, given_up: bool = False, disabled: bool = False
) -> NoticeSent:
    return NoticeSent(
        project=due.project,
        message=due.id,
        type=due.type,
        attempt=due.attempts,
        seconds=seconds,
        failure=failure,
        given_up=given_up,
        disabled=disabled,
    )
