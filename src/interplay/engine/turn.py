"""One model turn: pieces from a backend become the events of thought, output and function call steps.

The one emitter, and the last to look: what does not meet the request is not shown, or does not end well. It does no
I/O: pieces go in, events come out, and what is known at the end is read from it.
"""

from collections.abc import Callable, Iterator, Sequence

from interplay import wire
from interplay.engine.demands import Demands
from interplay.engine.status import COMPLETED, INCOMPLETE, REQUIRES_ACTION
from interplay.engine.summary import Summary
from interplay.errors import Failure
from interplay.models.base import Call, Counts, Failed, Piece, Stop, Text, Thought

_Kind = type[wire.ThoughtStep | wire.ModelOutputStep]


class ModelTurn:
    """The steps of one model turn, counted from `first_index`."""

    def __init__(
        self,
        *,
        first_index: int,
        sign: Callable[[str], str],
        new_call_id: Callable[[], str],
        summaries: bool,
        demands: Demands,
    ) -> None:
        self._index = first_index - 1
        self._sign = sign
        self._new_call_id = new_call_id
        self._demands = demands
        self._thought: list[str] = []
        self._summary = Summary() if summaries else None
        self._open: _Kind | None = None
        self.text: list[str] = []
        """What the model has said."""
        self.counts: Counts | None = None
        self.stop: Stop | None = None
        self.failure: Failure | None = None

    @property
    def open_step(self) -> int | None:
        """Index of the step that is open."""
        return self._index if self._open else None

    @property
    def status(self) -> str | None:
        """How the interaction stands after it; None when the backend has not said how the turn ended."""
        match self.stop:
            case None:
                return None
            case Stop("length"):
                return INCOMPLETE
            case Stop():
                return REQUIRES_ACTION if self._demands.called else COMPLETED

    def take(self, pieces: Sequence[Piece]) -> list[wire.Event]:
        """The events that pieces become, up to a failure, after which there is nothing more to take."""
        events: list[wire.Event] = []
        for piece in pieces:
            if type(piece) is Text and self._open is wire.ModelOutputStep:  # the usual case
                self.text.append(piece.text)
                events.append(wire.StepDelta(index=self._index, delta=wire.TextDelta(text=piece.text)))
                continue
            events += self._next(piece)
            if self.failure is not None:
                break
        return events

    def _next(self, piece: Piece) -> Iterator[wire.Event]:
        match piece:
            case Text():
                yield from self._to(wire.ModelOutputStep)
                self.text.append(piece.text)
                yield wire.StepDelta(index=self._index, delta=wire.TextDelta(text=piece.text))
            case Thought():
                yield from self._to(wire.ThoughtStep)
                yield from self._think(piece.text)
            case Call():
                yield from self._call(piece)
            case Counts():
                self.counts = piece
            case Stop():
                self.stop = piece
                self.failure = self._demands.failure_at(piece, "".join(self.text))
                yield from self._end()
            case Failed():
                self.failure = piece.failure
                yield from self._end()

    def go_on(self, index: int, text: str) -> None:
        """Begin in the middle: in the open output step of this index, behind this text."""
        self._index, self._open = index, wire.ModelOutputStep
        self.text.append(text)

    def _end(self) -> Iterator[wire.Event]:
        """An output that failed is left open for the end of the log to close: a closed one has been answered."""
        if self.failure is None or self._open is wire.ThoughtStep:
            yield from self._close()

    def _call(self, call: Call) -> Iterator[wire.Event]:
        """A call is a step of its own, shown whole: a client runs what it sees."""
        self.failure = self._demands.failure_of(call)
        if self.failure is not None:
            yield from self._end()
            return
        yield from self._close()
        self._index += 1
        step = wire.FunctionCallStep(id=self._new_call_id(), name=call.name, arguments={})
        yield wire.StepStart(index=self._index, step=step)
        yield wire.StepDelta(index=self._index, delta=wire.ArgumentsDelta(arguments=call.arguments))
        yield wire.StepStop(index=self._index)

    def _to(self, kind: _Kind) -> Iterator[wire.Event]:
        """Make sure that a step of this kind is open."""
        if self._open is kind:
            return
        yield from self._close()
        self._open = kind
        self._index += 1
        yield wire.StepStart(index=self._index, step=kind())

    def _close(self) -> Iterator[wire.Event]:
        if self._open is None:
            return
        if self._open is wire.ThoughtStep:
            yield from self._end_thought()
        yield wire.StepStop(index=self._index)
        self._open = None

    def _think(self, text: str) -> Iterator[wire.Event]:
        self._thought.append(text)
        if self._summary is not None and (block := self._summary.add(text)):
            yield self._summary_delta(block)

    def _end_thought(self) -> Iterator[wire.Event]:
        if self._summary is not None and (block := self._summary.rest()):
            yield self._summary_delta(block)
        signature = self._sign("".join(self._thought))
        yield wire.StepDelta(index=self._index, delta=wire.ThoughtSignatureDelta(signature=signature))
        self._thought.clear()

    def _summary_delta(self, block: str) -> wire.Event:
        return wire.StepDelta(index=self._index, delta=wire.ThoughtSummaryDelta(content=wire.TextContent(text=block)))
