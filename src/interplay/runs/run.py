"""One run: the engine's events into the log, the store and the fold, until the terminal event.

The terminal event is shown to readers only after the interaction is durable, so whoever has seen it can go on from
the interaction at once.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import msgspec

from interplay import wire
from interplay.clock import timestamp
from interplay.engine.closing import closing
from interplay.engine.fold import Folding
from interplay.engine.run import Task, run, summary
from interplay.errors import Failure, our_fault
from interplay.observe import Fault, Observer
from interplay.runs.log import Entry, Log, Reader
from interplay.runs.recorder import Recorder
from interplay.store.base import LoggedEvent, Store

_encode = msgspec.json.Encoder().encode


class Run:
    """An accepted interaction that is being answered. Belongs to `Runs`, never to a request."""

    def __init__(
        self,
        *,
        project: str,
        task: Task,
        stored: bool,
        foreground: bool,
        store: Store,
        recorder: Recorder,
        observe: Observer,
        on_end: Callable[["Run"], None],
    ) -> None:
        self.project = project
        self.id = task.accepted.id
        self.model = task.accepted.model or ""
        self.stored = stored
        self._failure: Failure | None = None
        self._task = task
        self._foreground = foreground
        self._store = store
        self._recorder = recorder
        self._observe = observe
        self._on_end = on_end
        self._folding = Folding(task.accepted)
        self._log = Log(self.id)
        self._followers = 0
        self._lossy = False
        self._stopping: tuple[str, Failure | None] | None = None
        self._execution: asyncio.Task[None] | None = None

    # What a request may do with it

    def start(self) -> None:
        """Begin; returns at once."""
        self._execution = asyncio.get_running_loop().create_task(self._execute(), name=self.id)

    async def ended(self) -> None:
        """Wait for the end; a waiter that is cancelled stops nothing."""
        if self._execution is not None:
            await asyncio.wait([self._execution])

    def interaction(self) -> wire.Interaction:
        """The Interaction as of now."""
        return self._folding.interaction()

    def resource(self) -> bytes:
        """The Interaction as of now, as JSON."""
        return _encode(self.interaction())

    def refusal(self) -> Failure | None:
        """The failure that an unary request is answered with instead of the Interaction.

        What failed before the model said anything is an error like any other, which the SDKs try again; so is an
        answer that could not be kept.
        """
        return self._failure if self._lossy or not self._folding.has_output() else None

    def failure_code(self) -> str | None:
        """Why it failed, if it has."""
        return self._failure.code if self._failure else None

    def join(self) -> None:
        """Somebody waits for the outcome."""
        self._followers += 1

    def leave(self) -> None:
        """Somebody stopped waiting. A foreground run that nobody waits for any more is cancelled."""
        self._followers -= 1
        if self._foreground and self._followers <= 0:
            self.stop("cancelled")

    def follow(self, after: int) -> Reader:
        """Read the log from behind the event numbered `after`."""
        return self._log.read(after)

    def __len__(self) -> int:
        """How many events there are."""
        return len(self._log)

    def storage_failed(self, failure: Failure) -> None:
        """Some of its events could not be written: it cannot go on as if they were."""
        self._lossy = True
        self.stop("failed", failure)

    def stop(self, status: str, failure: Failure | None = None) -> None:
        """End it early with this status, the engine's work included. Does nothing when it has ended."""
        if self._execution is None or self._stopping or self._folding.ended:
            return
        self._stopping = (status, failure)
        self._execution.cancel()

    # How it goes

    async def _execute(self) -> None:
        terminal = await self._run()
        try:
            await self._settle(terminal)
        except Failure as failure:
            terminal = self._lost(failure)
        except Exception as error:  # noqa: BLE001 - the runner's edge: whatever happened, the run must end
            self._observe(Fault(f"end of run {self.id}", error))
            terminal = self._lost(our_fault())
        self._on_end(self)
        self._log.append(terminal)
        self._log.close()

    async def _run(self) -> wire.Event:
        """Record what the engine says; the terminal event is handed back instead."""
        try:
            async with aclosing(run(self._task)) as events:
                async for event in events:
                    if isinstance(event, wire.InteractionCompletedEvent):
                        return self._last(event)
                    self._record(event)
            failure = our_fault()
        except asyncio.CancelledError:
            if self._stopping is None:
                raise
            return self._close(*self._stopping)
        except Exception as error:  # noqa: BLE001 - the runner's edge: whatever happened, the run must end
            self._observe(Fault(f"run {self.id}", error))
            failure = our_fault()
        return self._close("failed", failure)

    def _record(self, event: wire.Event) -> None:
        if isinstance(event, wire.ErrorEvent) and event.error is not None:
            self._failure = Failure(event.error.code or "internal", event.error.message or "")
        self._folding.add(event)
        self._keep(self._log.append(event))

    def _keep(self, entry: Entry) -> None:
        if self.stored and not self._lossy:
            self._recorder.add(LoggedEvent(self.id, entry.sequence, entry.payload))

    def _close(self, status: str, failure: Failure | None) -> wire.Event:
        """End the log from outside the engine; the terminal event is handed back."""
        last = summary(self._folding.interaction(), status=status, updated=timestamp(self._task.clock()))
        *events, terminal = closing(last, self._folding.open_step, failure)
        for event in events:
            self._record(event)
        return self._last(terminal)

    def _last(self, terminal: wire.Event) -> wire.Event:
        self._folding.add(terminal)
        return terminal

    async def _settle(self, terminal: wire.Event) -> None:
        """Make the end durable."""
        if not self.stored:
            return
        self._keep(self._log.number(terminal))
        await self._recorder.flush()
        interaction = self.interaction()
        await self._store.finish(self.project, self.id, interaction.status, _encode(interaction))

    def _lost(self, failure: Failure) -> wire.Event:
        """The end could not be kept, so it is not the end that was meant: say so to whoever listens."""
        self._lossy = True
        return self._close("failed", failure)
