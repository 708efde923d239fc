"""Pieces of a backend become the events of thought and output steps."""

import msgspec
import pytest

from interplay import wire
from interplay.engine.demands import Demands
from interplay.engine.turn import ModelTurn
from interplay.errors import Failure
from interplay.models.base import Call, Counts, Failed, Function, ModelRequest, Piece, Stop, Text, Thought
from interplay.schemas import compile  # noqa: A004 - the verb for it

REQUEST = ModelRequest(model="m", steps=())


def turn_of(request: ModelRequest = REQUEST, *, summaries: bool = False) -> ModelTurn:
    """A turn that answers this request; its calls are named a, b, c ..."""
    ids = iter("abcdefgh")
    return ModelTurn(
        first_index=0,
        sign=lambda thought: f"signed:{thought}",
        new_call_id=lambda: next(ids),
        summaries=summaries,
        demands=Demands(request),
    )


def events_of(*pieces: Piece, summaries: bool = False) -> list[wire.Event]:
    """The events that a turn makes of the pieces."""
    turn = turn_of(summaries=summaries)
    return [event for piece in pieces for event in turn.take([piece])]


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
    turn = turn_of(summaries=True)
    events = [event for _ in range(200) for event in turn.take([Thought("and so ")])]
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
    turn = turn_of()
    turn.take([Counts(input=3, output=5)])
    turn.take([Stop("length")])
    assert (turn.status, turn.counts, turn.failure) == ("incomplete", Counts(input=3, output=5), None)


def test_a_failed_output_is_left_for_the_end_to_close() -> None:
    """A failure in mid-answer does not close the output: one that is closed has been answered."""
    turn = turn_of()
    failure = Failure("bad_gateway", "gone")
    events = [event for piece in (Text("a"), Failed(failure)) for event in turn.take([piece])]
    assert wire.StepStop(index=0) not in events
    assert (turn.failure, turn.open_step, turn.status) == (failure, 0, None)


WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CALLING = ModelRequest(
    model="m", steps=(), functions=(Function("weather", "", WEATHER, compile(WEATHER, "parameters")),)
)


def test_call_is_a_whole_step() -> None:
    """A call shows its id and name at once, its arguments in one delta, and stops; text before it is closed."""
    turn = turn_of(CALLING)
    pieces = (Text("Let me look."), Call("weather", '{"city": "Oslo"}'), Stop("stop"))
    events = [event for piece in pieces for event in turn.take([piece])]
    assert events[2:] == [
        wire.StepStop(index=0),
        wire.StepStart(index=1, step=wire.FunctionCallStep(id="a", name="weather", arguments={})),
        wire.StepDelta(index=1, delta=wire.ArgumentsDelta(arguments='{"city": "Oslo"}')),
        wire.StepStop(index=1),
    ]
    assert (turn.status, turn.failure) == ("requires_action", None)


def test_parallel_calls_have_ids_of_their_own() -> None:
    """Every call is a step with its own id."""
    turn = turn_of(CALLING)
    call = Call("weather", '{"city": "Oslo"}')
    events = [event for piece in (call, call, Stop("stop")) for event in turn.take([piece])]
    steps = [event.step for event in events if isinstance(event, wire.StepStart)]
    assert [step.id for step in steps if isinstance(step, wire.FunctionCallStep)] == ["a", "b"]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (Call("wether", "{}"), '"wether"'),
        (Call("weather", "{}"), "city"),
        (Call("weather", '{"city": 5}'), "'city' is 5, expected string"),
        (Call("weather", '{"city": "Os'), "not JSON"),
        (Call("weather", "[]"), "expected an object"),
    ],
)
def test_wrong_call_is_not_shown(call: Call, reason: str) -> None:
    """A call of an unknown function, or with arguments that do not meet its schema, fails the turn, and says why."""
    turn = turn_of(CALLING)
    assert turn.take([call]) == []
    assert turn.failure is not None
    assert turn.failure.code == "invalid_answer"
    assert reason in turn.failure.message


def test_missing_call_fails() -> None:
    """Where a function must be called, an answer without any call fails; one cut by its limit is incomplete."""
    must = msgspec.structs.replace(CALLING, must_call=True)
    ended, cut = turn_of(must), turn_of(must)
    ended.take([Stop("stop")])
    cut.take([Stop("length")])
    assert ended.failure is not None
    assert ended.failure.code == "invalid_answer"
    assert (cut.status, cut.failure) == ("incomplete", None)


@pytest.mark.parametrize(
    ("pieces", "failed"),
    [
        ((Text('{"city": '), Text('"Oslo"}'), Stop("stop")), False),
        ((Text('{"city": 5}'), Stop("stop")), True),
        ((Text("Oslo"), Stop("stop")), True),
        ((Stop("stop"),), True),
        ((Text('{"ci'), Stop("length")), False),
        ((Call("weather", '{"city": "Oslo"}'), Stop("stop")), False),
        ((Text("\n"), Call("weather", '{"city": "Oslo"}'), Stop("stop")), False),
        ((Text("Well."), Call("weather", '{"city": "Oslo"}'), Stop("stop")), True),
    ],
)
def test_text_must_meet_the_schema(pieces: tuple[Piece, ...], failed: bool) -> None:
    """With a schema, an answer either meets it, or only calls functions, or is cut and so incomplete, or fails."""
    turn = turn_of(msgspec.structs.replace(CALLING, answer=compile(WEATHER, "schema")))
    for piece in pieces:
        turn.take([piece])
    assert (turn.failure is not None) == failed


@pytest.mark.parametrize(
    "pieces",
    [
        (Thought("a"), Thought("b"), Text("c"), Text("d"), Counts(input=1, output=2), Stop("stop")),
        (Text("a"), Text("b"), Call("weather", '{"city": "Oslo"}'), Stop("stop")),
        (Text("a"), Call("wether", "{}"), Text("never"), Stop("stop")),
        (Thought("a"), Failed(Failure("bad_gateway", "gone"))),
    ],
)
def test_what_arrives_together_says_the_same(pieces: tuple[Piece, ...]) -> None:
    """However an answer is cut into batches, its events are those of its pieces one by one, up to a failure."""
    single = turn_of(CALLING)
    expected = [event for piece in pieces if single.failure is None for event in single.take([piece])]
    for cut in range(len(pieces) + 1):
        turn = turn_of(CALLING)
        events = turn.take(pieces[:cut])
        events += turn.take(pieces[cut:]) if turn.failure is None else []
        assert events == expected
        assert (turn.text, turn.status, turn.open_step) == (single.text, single.status, single.open_step)
