"""The runs of this process: begun, found by their id, and gone once the store knows their end."""

from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from interplay import wire
from interplay.caller import Caller
from interplay.clock import Clock
from interplay.engine import status as statuses
from interplay.errors import Failure
from interplay.observe import Observer, RunEnded, RunLeft, RunStarted
from interplay.runs.accepting import Accepted
from interplay.runs.conversations import Conversation, Conversations
from interplay.runs.ending import used
from interplay.runs.grace import Grace
from interplay.runs.limits import FREE, Admission
from interplay.runs.metering import Meter
from interplay.runs.recorder import Recorder
from interplay.runs.replay import Replay
from interplay.runs.run import Place, Run
from interplay.store.base import Store


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to begin a run, or to go on with one."""

    caller: Caller
    request: wire.CreateInteraction
    accepted: Accepted
    earlier: Replay | None = None
    """What earlier attempts have shown."""
    attempt: int = 1
    admission: Admission = FREE


class Live:
    """Runs in progress, and those whose end the store does not know yet."""

    def __init__(
        self,
        *,
        store: Store,
        owner: str,
        conversations: Conversations,
        meter: Meter,
        clock: Clock,
        tries: int,
        observe: Observer,
    ) -> None:
        self._conversations = conversations
        self._clock = clock
        self._observe = observe
        self._recorder = Recorder(store, owner, self._written, self._storage_failed, observe)
        self._place = Place(store, owner, self._recorder, meter, observe, tries)
        self._runs: dict[str, Run] = {}
        self.wake: Callable[[], None] = lambda: None
        """Called when there may be a place for a background run."""
        self.grace = Grace()
        """Which runs may start, and how long they may go on after the stop."""

    def __iter__(self) -> Iterator[Run]:
        """All of them, as of now."""
        return iter(list(self._runs.values()))

    def get(self, id: str) -> Run | None:
        """The run of this interaction."""
        return self._runs.get(id)

    def drop(self, run: Run) -> None:
        """Forget a run, whether or not the store knows its end."""
        if self._runs.get(run.id) is run:
            del self._runs[run.id]

    def begin(self, beginning: Beginning) -> Run:
        """Run it."""
        run = Run(
            beginning.caller,
            beginning.accepted.task,
            self._place,
            partial(self._ended, beginning=beginning, started=self._clock()),
            stored=beginning.request.store is not False,
            foreground=not beginning.request.background,
            earlier=beginning.earlier,
            attempt=beginning.attempt,
        )
        self._runs[run.id] = run
        self.grace.began()
        self._observe(RunStarted(run.project, run.id))
        run.start()
        if self.grace.over:
            self._give_up()
        return run

    async def settle(self) -> None:
        """Try again to keep the ends that could not be kept. Raises Failure when it still cannot be done."""
        for run in self:
            if run.has_ended() and not run.settled:
                await run.settle()
                self.drop(run)

    async def close(self, grace_seconds: float) -> None:
        """Begin no more, wait for what runs, and end what is left after the grace period as failed."""
        await self.grace.close(grace_seconds, self._give_up)
        await self._recorder.flush()

    def _give_up(self) -> None:
        why = Failure("unavailable", "The server was shut down before the answer was finished.")
        for run in self:
            if run.background:
                run.hand_over()
            else:
                run.stop(statuses.FAILED, why)

    def _ended(self, run: Run, beginning: Beginning, started: float) -> None:
        self.grace.ended()
        beginning.admission.end(0 if run.handed_over else used(run.interaction()).total)
        if run.settled or run.handed_over:
            self.drop(run)
        self._recorder.forget(run.id)
        if run.background or beginning.admission is not FREE:
            self.wake()
        if run.handed_over:
            self._observe(RunLeft(run.project, run.id, run.why_left()))
            return
        interaction = run.interaction()
        self._remember(run, interaction, beginning)
        usage = interaction.usage or wire.Usage()
        self._observe(
            RunEnded(
                project=run.project,
                interaction=run.id,
                model=beginning.accepted.entry,
                status=interaction.status,
                seconds=self._clock() - started,
                input_tokens=usage.total_input_tokens or 0,
                output_tokens=(usage.total_output_tokens or 0) + (usage.total_thought_tokens or 0),
                failure=run.failure_code(),
            )
        )

    def _remember(self, run: Run, interaction: wire.Interaction, beginning: Beginning) -> None:
        if run.stored and interaction.status in statuses.CAN_GO_ON:
            past, asked = beginning.accepted.past, beginning.accepted.task.request.steps
            size = past.size + len(beginning.request.input) + len(run.resource())
            conversation = Conversation((*asked, *interaction.steps), size, past.generation)
            self._conversations.put(run.project, run.id, conversation)

    def _written(self, id: str, sequence: int) -> None:
        if (run := self.get(id)) is not None:
            run.written(sequence)

    def _storage_failed(self, id: str, failure: Failure) -> bool:
        run = self.get(id)
        if run is not None:
            run.storage_failed(failure)
        return run is not None
