"""Pieces of a backend become the events of thought and output steps."""

from interplay import wire
from interplay.engine.turn import ModelTurn
from interplay.errors import Failure
from interplay.models.base import Counts, Failed, Piece, Stop, Text, Thought


def events_of(*pieces: Piece, summaries: bool = False) -> list[wire.Event]:
    """The events that a turn makes of the pieces."""
    turn = ModelTurn(first_index=0, sign=lambda thought: f"signed:{thought}", summaries=summaries)
    return [event for piece in pieces for event in turn.take(piece)]


def test_text_becomes_one_output_step() -> None:
    """Text pieces become deltas of one step that starts bare and stops."""
    assert events_of(Text("AI "), Text("works"), Stop("stop")) == [
        wire.StepStart(index=0, step=wire.ModelOutputStep()),
        wire.StepDelta(index=0, delta=wire.TextDelta(text="AI ")),
        wire.StepDelta(index=0, delta=wire.TextDelta(text="works")),
        wire.StepStop(index=0),
    ]


def test_thought_is_a_step_of_its_own_with_its_signature_last() -> None:
    """Reasoning makes a thought step before the output; without summaries only its signature is shown."""
    assert events_of(Thought("two "), Thought("dogs"), Text("8"), Stop("stop")) == [
        wire.StepStart(index=0, step=wire.ThoughtStep()),
        wire.StepDelta(index=0, delta=wire.ThoughtSignatureDelta(signature="signed:two dogs")),
        wire.StepStop(index=0),
        wire.StepStart(index=1, step=wire.ModelOutputStep()),
        wire.StepDelta(index=1, delta=wire.TextDelta(text="8")),
        wire.StepStop(index=1),
    ]


def test_summaries_come_in_paragraphs() -> None:
    """With summaries, every paragraph of the reasoning is one block, and nothing of it is lost."""
    thoughts = [Thought(text) for text in ("First", " part.\n", "\nSecond", " part.")]
    deltas = [
        event.delta for event in events_of(*thoughts, Stop("stop"), summaries=True) if isinstance(event, wire.StepDelta)
    ]
    assert deltas == [
        wire.ThoughtSummaryDelta(content=wire.TextContent(text="First part.\n\n")),
        wire.ThoughtSummaryDelta(content=wire.TextContent(text="Second part.")),
        wire.ThoughtSignatureDelta(signature="signed:First part.\n\nSecond part."),
    ]


def test_long_summary_does_not_wait_for_its_paragraph() -> None:
    """Reasoning without paragraphs is passed on before it is over."""
    turn = ModelTurn(first_index=0, sign=str, summaries=True)
    events = [event for _ in range(200) for event in turn.take(Thought("and so "))]
    assert any(isinstance(event, wire.StepDelta) for event in events)


def test_thought_after_text_opens_a_new_step() -> None:
    """Interleaved thinking keeps its order: indices grow, one step is open at a time."""
    kinds = [
        (event.index, type(event.step))
        for event in events_of(Text("a"), Thought("b"), Text("c"), Stop("stop"))
        if isinstance(event, wire.StepStart)
    ]
    assert kinds == [(0, wire.ModelOutputStep), (1, wire.ThoughtStep), (2, wire.ModelOutputStep)]


def test_how_a_turn_ended_is_known() -> None:
    """Stop reasons become statuses, counts and failures are kept."""
    turn = ModelTurn(first_index=0, sign=str, summaries=False)
    list(turn.take(Counts(input=3, output=5)))
    list(turn.take(Stop("length")))
    assert (turn.status, turn.counts, turn.failure) == ("incomplete", Counts(input=3, output=5), None)


def test_failure_stops_the_open_step() -> None:
    """A failure in mid-answer leaves no step open."""
    turn = ModelTurn(first_index=0, sign=str, summaries=False)
    failure = Failure("bad_gateway", "gone")
    events = [event for piece in (Text("a"), Failed(failure)) for event in turn.take(piece)]
    assert events[-1] == wire.StepStop(index=0)
    assert (turn.failure, turn.open_step, turn.status) == (failure, None, None)
