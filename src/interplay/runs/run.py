"""One run: the engine's events into the log, the store and the fold, until the terminal event.

The end becomes visible, to readers and to GET, only after the interaction is durable, so whoever has seen it can go on
from it at once. An end that could not be kept is shown as a failure, and kept later (`settle`).
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress

import msgspec

from interplay import wire
from interplay.caller import Caller
from interplay.clock import timestamp
from interplay.engine import status as statuses
from interplay.engine.again import Begun
from interplay.engine.closing import closing
from interplay.engine.fold import Folding
from interplay.engine.run import Task, ToBeAskedAgain, run, summary
from interplay.errors import Failure, let_go, our_fault
from interplay.observe import Fault, Observer, RunWaits
from interplay.runs.ending import ending
from interplay.runs.log import Log, Reader
from interplay.runs.metering import Account, Meter
from interplay.runs.patience import Patience
from interplay.runs.recorder import Gone, Recorder
from interplay.runs.replay import Replay
from interplay.store.base import Store
from interplay.store.interactions import LoggedEvent

_encode = msgspec.json.Encoder().encode


class Place(msgspec.Struct, frozen=True):
    """What all runs of a server have in common."""

    store: Store
    owner: str
    """This server, to the store."""
    recorder: Recorder
    meter: Meter
    observe: Observer
    tries: int
    """How often a background run asks a model again that cannot answer just now."""


class Stopped(msgspec.Struct, frozen=True):
    """It was told to end early, so."""

    status: str
    failure: Failure | None = None


class HandedOver(msgspec.Struct, frozen=True):
    """It was told to stop without an end, and goes on elsewhere."""


class Run:
    """An accepted interaction that is being answered. Belongs to `Runs`, never to a request.

    `on_end` is told when it has ended, before its last event is shown. With `earlier` attempts it goes on from those.
    """

    def __init__(
        self,
        caller: Caller,
        task: Task,
        place: Place,
        on_end: Callable[["Run"], None],
        *,
        stored: bool,
        foreground: bool,
        earlier: Replay | None = None,
        attempt: int = 1,
    ) -> None:
        self.project = caller.project
        self.id = task.accepted.id
        self.stored = stored
        self.settled = not stored
        """Whether the store knows its end."""
        self._task = task
        self._place = place
        self._account = Account(place.meter, caller)
        self._on_end = on_end
        self._foreground = foreground
        self._attempt = attempt
        self._folding = earlier.folding if earlier else Folding(task.accepted)
        self._log = Log(self.id, earlier.entries if earlier else (), durable=not foreground)
        self._followers = 0
        self._lossy: Failure | None = None
        """Why its log in the store is not whole, if it is not."""
        self._failure: Failure | None = None
        self._retry_seconds: int | None = None
        """When its model wants to be asked again, by the last failure of it."""
        self._stopping: Stopped | HandedOver | None = None
        """What it was told, if its answer was not whole by then."""
        self.waits = False
        """Whether its model is away, and is asked again after a pause."""
        self._answering: asyncio.Task[wire.Event | None] | None = None
        self._execution: asyncio.Task[None] | None = None

    # What a request may do with it

    def start(self) -> None:
        """Begin; returns at once."""
        loop = asyncio.get_running_loop()
        self._answering = loop.create_task(self._answer(), name=f"answer {self.id}")
        self._execution = loop.create_task(self._execute(self._answering), name=f"run {self.id}")

    def is_answering(self) -> bool:
        """Whether its model is still at work."""
        return self._answering is not None and not self._answering.done()

    def has_ended(self) -> bool:
        """Whether its last event has been shown."""
        return self._log.closed

    async def ended(self) -> None:
        """Wait for the end; a waiter that is cancelled stops nothing."""
        if self._execution is not None:
            await asyncio.wait([self._execution])

    @property
    def background(self) -> bool:
        """Whether it goes on whoever has left."""
        return not self._foreground

    @property
    def handed_over(self) -> bool:
        """Whether it goes on elsewhere."""
        return isinstance(self._stopping, HandedOver)

    def is_ours(self) -> bool:
        """Whether it is still this server's: nobody has deleted it or taken it over, as far as is known."""
        return not isinstance(self._lossy, Gone)

    def interaction(self) -> wire.Interaction:
        """The Interaction as of now."""
        return self._folding.interaction()

    def resource(self) -> bytes:
        """The Interaction as of now, as JSON."""
        return _encode(self.interaction())

    def refusal(self) -> Failure | None:
        """The failure that an unary request is answered with instead of the Interaction.

        What failed before the model said anything is an error like any other, which the SDKs try again; so is an
        answer that could not be kept. An answer that was not fit to be shown is none: the model did answer.
        """
        if self._lossy is None and (self._folding.has_output() or self.failure_code() == "invalid_answer"):
            return None
        return self._failure

    def failure_code(self) -> str | None:
        """Why it failed, if it has."""
        return self._failure.code if self._failure else None

    def why_left(self) -> str:
        """Why it goes on elsewhere: `stop`, or the code of a failure."""
        return self._lossy.code if self._lossy else "stop"

    def join(self) -> None:
        """Somebody waits for the outcome."""
        self._followers += 1

    def leave(self) -> None:
        """Somebody stopped waiting. A foreground run that nobody waits for any more is cancelled."""
        self._followers -= 1
        if self._foreground and self._followers <= 0:
            self.stop(statuses.CANCELLED)

    def follow(self, after: int) -> Reader:
        """Read the log from behind the event numbered `after`."""
        return self._log.read(after)

    def __len__(self) -> int:
        """How many events there are."""
        return len(self._log)

    def stop(self, status: str, failure: Failure | None = None) -> None:
        """End it early with this status, the engine's work included. Does nothing once the answer is whole."""
        self._stop(Stopped(status, failure))

    def written(self, sequence: int) -> None:
        """The events up to this one are kept. What goes on after a crash shows nothing that a crash could take back."""
        if not self._foreground:
            self._log.show(sequence)

    def storage_failed(self, failure: Failure) -> None:
        """Some of its events could not be written: it cannot go on as if they were.

        In the background it stops without an end, and is gone on with from what is written.
        """
        self._lossy = let_go(failure)
        if self._foreground:
            self.stop(statuses.FAILED, failure)
        else:
            self.hand_over()

    def hand_over(self) -> None:
        """Stop here, without an end: another server, or the next start, goes on with it."""
        self._stop(HandedOver())

    async def settle(self) -> None:
        """Make the end durable, as it was shown. Raises Failure."""
        await self._finish(self.interaction())
        self.settled = True

    def erased(self) -> None:
        """Its row is gone, maybe before its end was kept in it."""
        if self.is_ours():
            self._account.count(self.interaction())

    # How it goes

    def _stop(self, how: Stopped | HandedOver) -> None:
        if self._answering is not None and self._stopping is None and not self._answering.done():
            self._stopping = how
            self._answering.cancel()

    async def _execute(self, answering: asyncio.Task[wire.Event | None]) -> None:
        await asyncio.wait([answering])
        self._answering = None  # its error, if it was cancelled, came through frames that hold this run
        terminal = None if self.handed_over else await self._end(answering)
        if terminal is None:
            await self._leave()
            return
        self._folding.add(terminal)
        try:
            self._on_end(self)
        finally:
            self._keep(terminal)
            self._log.show(len(self._log))
            self._log.close()

    async def _end(self, answering: asyncio.Task[wire.Event | None]) -> wire.Event | None:
        """How it ends, kept as far as it can be; None where it goes on from what is written."""
        terminal = self._terminal(answering)
        try:
            await self._keep_end(terminal)
        except Failure as failure:
            lost = let_go(failure)
        except Exception as error:  # noqa: BLE001 - the runner's edge: whatever happened, the run must end
            self._place.observe(Fault(f"end of run {self.id}", error))
            lost = our_fault()
        else:
            return terminal
        if self._foreground:
            return self._lost(lost, terminal)
        self._lossy, self._stopping = lost, HandedOver()
        return None

    async def _leave(self) -> None:
        """Nothing of it is under way any more when it is anybody else's; readers are cut off, and come again."""
        if self._lossy is not None:
            self._place.recorder.drop(self.id)
        await self._place.recorder.flush()
        try:
            await self._meter_if_deleted()
            self._on_end(self)
        finally:
            self._log.close(cut=True)

    async def _meter_if_deleted(self) -> None:
        if not self.is_ours():
            with suppress(Failure):
                if await self._place.store.get(self.project, self.id) is None:
                    self._account.count(self.interaction())

    async def _answer(self) -> wire.Event | None:
        """Record what the engine says, as often as it is worth to ask; the terminal event is handed back instead."""
        patience = Patience(0 if self._foreground else self._place.tries)
        while True:
            try:
                return await self._ask(self._folding.attempt(), patience)
            except ToBeAskedAgain as again:
                seconds = patience.pause(again.failure)
                self._place.observe(RunWaits(self.project, self.id, again.failure.code, round(seconds, 1)))
                await self._wait(seconds)

    async def _wait(self, seconds: float) -> None:
        self.waits = True
        try:
            await asyncio.sleep(seconds)
        finally:
            self.waits = False

    async def _ask(self, begun: Begun | None, patience: Patience) -> wire.Event | None:
        def bears(failure: Failure) -> bool:
            self._retry_seconds = failure.retry_seconds
            return patience.bears(failure)

        async with aclosing(run(self._task, begun, bears)) as events:
            async for told in events:
                if told and isinstance(terminal := told[-1], wire.InteractionCompletedEvent):
                    self._record(told[:-1])
                    return terminal
                self._record(told)
        return None

    def _terminal(self, answering: asyncio.Task[wire.Event | None]) -> wire.Event:
        """How the answering ended."""
        if answering.cancelled():
            how = self._stopping if isinstance(self._stopping, Stopped) else Stopped(statuses.CANCELLED)
            return self._close(how.status, how.failure)
        if (error := answering.exception()) is not None:
            self._place.observe(Fault(f"run {self.id}", error))
        terminal = None if error is not None else answering.result()
        return terminal or self._close(statuses.FAILED, our_fault())

    def _record(self, events: Sequence[wire.Event]) -> None:
        """Take events that arrived together: into the fold, the log and the store, and to whoever reads along."""
        for event in events:
            if isinstance(event, wire.ErrorEvent) and event.error is not None:
                code, message = event.error.code or "internal", event.error.message or ""
                self._failure = Failure(code, message, retry_seconds=self._retry_seconds)
            self._folding.add(event)
            self._keep(event)
        self._log.tell()

    def _keep(self, event: wire.Event) -> None:
        entry = self._log.append(event)
        if self.stored and self._lossy is None:
            self._place.recorder.add(LoggedEvent(self.id, entry.sequence, entry.payload, self._attempt))

    def _close(self, status: str, failure: Failure | None, usage: wire.Usage | None = None) -> wire.Event:
        """End the log from outside the engine; the terminal event is handed back."""
        last = summary(self._folding.interaction(), status=status, usage=usage, updated=timestamp(self._task.clock()))
        *events, terminal = closing(last, self._folding.open_step, failure)
        self._record(events)
        return terminal

    async def _keep_end(self, terminal: wire.Event) -> None:
        """The events so far, then the whole Interaction; its last event follows with the next batch."""
        last = self._folding.interaction_after(terminal)
        if not self.stored:
            self._account.count(last)
            return
        await self._place.recorder.flush()
        if self._lossy is not None and (self.background or (self._stopping is None and self.is_ours())):
            raise self._lossy
        if not await self._finish(last):
            raise Gone
        self.settled = True

    async def _finish(self, interaction: wire.Interaction) -> bool:
        store = self._place.store
        ended = await store.finish(ending(self.project, interaction, self._place.owner))
        if ended:
            self._account.counted = True
        elif await store.get(self.project, self.id) is None:  # who has taken it over counts it
            self._account.count(interaction)
        return ended

    def _lost(self, failure: Failure, terminal: wire.Event) -> wire.Event:
        """The end could not be kept, so it is not the end that was meant: say so to whoever listens."""
        known = self._lossy is not None and self._stopping is not None
        self._lossy = failure
        self.settled = not self.is_ours()
        return terminal if known else self._close(statuses.FAILED, failure, _usage(terminal))


def _usage(terminal: wire.Event) -> wire.Usage | None:
    return terminal.interaction.usage if isinstance(terminal, wire.InteractionCompletedEvent) else None
