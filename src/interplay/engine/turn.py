"""One model turn: pieces from a backend become the events of thought and output steps.

The one emitter. It does no I/O: pieces go in, events come out, and what is known at the end is read from it.
"""

from collections.abc import Callable, Iterator

from interplay import wire
from interplay.engine.status import COMPLETED, INCOMPLETE
from interplay.errors import Failure
from interplay.models.base import Counts, Failed, Piece, Stop, Text, Thought

STATUS = {"stop": COMPLETED, "length": INCOMPLETE}
"""From a backend's reason to stop to the interaction's status."""

_SUMMARY_BLOCK = 400
"""Characters after which a thought summary is passed on without waiting for its paragraph to end."""


class ModelTurn:
    """The steps of one model turn, counted from `first_index`."""

    def __init__(self, *, first_index: int, sign: Callable[[str], str], summaries: bool) -> None:
        self._index = first_index - 1
        self._sign = sign
        self._summaries = summaries
        self._thought: list[str] = []
        self._summary = ""
        self._open: type[wire.ThoughtStep | wire.ModelOutputStep] | None = None
        self.counts: Counts | None = None
        self.status: str | None = None
        self.failure: Failure | None = None

    @property
    def open_step(self) -> int | None:
        """Index of the step that is open."""
        return self._index if self._open else None

    def take(self, piece: Piece) -> Iterator[wire.Event]:
        """The events that a piece becomes."""
        match piece:
            case Text():
                yield from self._to(wire.ModelOutputStep)
                yield wire.StepDelta(index=self._index, delta=wire.TextDelta(text=piece.text))
            case Thought():
                yield from self._to(wire.ThoughtStep)
                self._thought.append(piece.text)
                yield from self._summarise(piece.text)
            case Counts():
                self.counts = piece
            case Stop():
                self.status = STATUS[piece.reason]
                yield from self._close()
            case Failed():
                self.failure = piece.failure
                yield from self._close()

    def _to(self, kind: type[wire.ThoughtStep | wire.ModelOutputStep]) -> Iterator[wire.Event]:
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
            yield from self._flush_summary()
            signature = self._sign("".join(self._thought))
            yield wire.StepDelta(index=self._index, delta=wire.ThoughtSignatureDelta(signature=signature))
            self._thought.clear()
        yield wire.StepStop(index=self._index)
        self._open = None

    def _summarise(self, text: str) -> Iterator[wire.Event]:
        """Pass reasoning on in blocks of a paragraph: every `thought_summary` delta is a block of its own."""
        if not self._summaries:
            return
        self._summary += text
        end = self._summary.rfind("\n\n")
        if end >= 0:
            yield self._summary_delta(end + 2)
        elif len(self._summary) >= _SUMMARY_BLOCK:
            yield self._summary_delta(self._summary.rfind(" ") + 1 or len(self._summary))

    def _flush_summary(self) -> Iterator[wire.Event]:
        if self._summary:
            yield self._summary_delta(len(self._summary))

    def _summary_delta(self, length: int) -> wire.Event:
        block, self._summary = self._summary[:length], self._summary[length:]
        return wire.StepDelta(index=self._index, delta=wire.ThoughtSummaryDelta(content=wire.TextContent(text=block)))
