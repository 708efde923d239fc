"""The fold: events of any kind, in any number, become an Interaction."""

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interplay import wire
from interplay.engine.fold import Folding, fold

ACCEPTED = wire.Interaction(
    id="v1_a", status="in_progress", created="2026-11-23T00:00:00Z", updated="2026-11-23T00:00:00Z", steps=()
)


def folded(*events: wire.Event) -> wire.Interaction:
    """What `ACCEPTED` becomes through the events."""
    return fold(ACCEPTED, events)


def step_of(first: wire.Step, *deltas: wire.StepDeltaData) -> wire.Step:
    """What a step becomes through the deltas."""
    events: list[wire.Event] = [
        wire.StepStart(index=0, step=first),
        *(wire.StepDelta(index=0, delta=delta) for delta in deltas),
    ]
    return folded(*events, wire.StepStop(index=0)).steps[0]


def completed(status: str = "completed") -> wire.InteractionCompletedEvent:
    """A terminal event."""
    return wire.InteractionCompletedEvent(
        interaction=wire.InteractionSseEventInteraction(
            id="v1_a", status=status, updated="2026-11-23T00:00:09Z", usage=wire.Usage(total_tokens=7)
        )
    )


def test_the_terminal_event_settles_status_usage_and_time() -> None:
    """What `interaction.completed` says is what the Interaction says."""
    interaction = folded(completed("incomplete"))
    assert interaction.status == "incomplete"
    assert interaction.usage == wire.Usage(total_tokens=7)
    assert interaction.updated == "2026-11-23T00:00:09Z"


def test_an_error_fails_the_interaction() -> None:
    """An `error` event is kept in `errors` and fails the interaction even without a terminal event."""
    error = wire.Error(code="bad_gateway", message="gone")
    interaction = folded(wire.ErrorEvent(error=error))
    assert (interaction.status, interaction.errors) == ("failed", (error,))


def test_text_is_joined_and_cited() -> None:
    """Text deltas join into one block; citations belong to it."""
    citation = wire.URLCitation(url="https://example.org", start_index=0, end_index=2)
    step = step_of(
        wire.ModelOutputStep(),
        wire.TextDelta(text="AI "),
        wire.TextDelta(text="works"),
        wire.TextAnnotationDelta(annotations=(citation,)),
    )
    assert step == wire.ModelOutputStep(content=(wire.TextContent(text="AI works", annotations=(citation,)),))


def test_media_between_text_separates_the_blocks() -> None:
    """Interleaved text and pictures keep their order as blocks of their own."""
    step = step_of(
        wire.ModelOutputStep(),
        wire.TextDelta(text="one"),
        wire.ImageDelta(data="AAAA", mime_type="image/png"),
        wire.ImageDelta(data="BBBB", mime_type="image/png"),
        wire.TextDelta(text="two"),
    )
    assert isinstance(step, wire.ModelOutputStep)
    assert step.content == (
        wire.TextContent(text="one"),
        wire.ImageContent(data="AAAA", mime_type="image/png"),
        wire.ImageContent(data="BBBB", mime_type="image/png"),
        wire.TextContent(text="two"),
    )


def test_sound_goes_on_with_its_block() -> None:
    """Audio deltas are one recording: their bytes are joined, not their base64 text."""
    chunks = [base64.b64encode(part).decode() for part in (b"a", b"bc", b"def")]
    step = step_of(wire.ModelOutputStep(), *(wire.AudioDelta(data=chunk, mime_type="audio/l16") for chunk in chunks))
    assert isinstance(step, wire.ModelOutputStep)
    assert step.content == (wire.AudioContent(data=base64.b64encode(b"abcdef").decode(), mime_type="audio/l16"),)


def test_thought_collects_summary_and_signature() -> None:
    """Every summary delta is a block; the signature is set."""
    step = step_of(
        wire.ThoughtStep(),
        wire.ThoughtSummaryDelta(content=wire.TextContent(text="a")),
        wire.ThoughtSummaryDelta(content=wire.TextContent(text="b")),
        wire.ThoughtSignatureDelta(signature="c2ln"),
    )
    assert step == wire.ThoughtStep(summary=(wire.TextContent(text="a"), wire.TextContent(text="b")), signature="c2ln")


def test_arguments_are_joined_as_json() -> None:
    """Argument pieces are JSON text cut anywhere; a call that is still arriving has none yet."""
    call = wire.FunctionCallStep(id="c1", name="f", arguments={})
    first, second = wire.ArgumentsDelta(arguments='{"ci'), wire.ArgumentsDelta(arguments='ty":"Paris"}')
    assert step_of(call, first, second) == msgspec.structs.replace(call, arguments={"city": "Paris"})
    assert step_of(call, first) == call


@pytest.mark.parametrize(
    ("first", "delta", "field", "value"),
    [
        (
            wire.CodeExecutionCallStep(id="a", arguments=wire.CodeExecutionCallArguments()),
            wire.CodeExecutionCallDelta(arguments=wire.CodeExecutionCallArguments(code="1+1", language="python")),
            "arguments",
            wire.CodeExecutionCallArguments(code="1+1", language="python"),
        ),
        (
            wire.GoogleSearchResultStep(call_id="a", result=()),
            wire.GoogleSearchResultDelta(result=(wire.GoogleSearchResult(search_suggestions="<b>"),), signature="c2ln"),
            "result",
            (wire.GoogleSearchResult(search_suggestions="<b>"),),
        ),
    ],
)
def test_calls_and_results_take_what_their_deltas_bring(
    first: wire.Step, delta: wire.StepDeltaData, field: str, value: Any
) -> None:
    """Call and result deltas set the fields of their step and leave its ids alone."""
    step = step_of(first, delta)
    assert getattr(step, field) == value
    assert type(step) is type(first)


TEXTS = st.text(max_size=6)
DELTAS: st.SearchStrategy[wire.StepDeltaData] = st.one_of(
    st.builds(wire.TextDelta, text=TEXTS),
    st.builds(wire.ArgumentsDelta, arguments=TEXTS),
    st.builds(wire.ThoughtSignatureDelta, signature=TEXTS),
    st.builds(wire.ThoughtSummaryDelta, content=st.builds(wire.TextContent, text=TEXTS)),
    st.builds(wire.ImageDelta, data=st.just("AAAA")),
    st.builds(wire.AudioDelta, data=st.just("AAAA")),
    st.builds(wire.VideoDelta, data=st.just("AAAA")),
    st.builds(wire.DocumentDelta, data=st.just("AAAA")),
    st.builds(wire.TextAnnotationDelta, annotations=st.just((wire.URLCitation(url="u"),))),
    st.builds(wire.FileSearchCallDelta, signature=TEXTS),
    st.builds(wire.CodeExecutionResultDelta, result=TEXTS, is_error=st.booleans()),
)
STEPS: st.SearchStrategy[wire.Step] = st.sampled_from(
    [
        wire.ModelOutputStep(),
        wire.ThoughtStep(),
        wire.FunctionCallStep(id="c", name="f", arguments={}),
        wire.FileSearchCallStep(id="c"),
        wire.CodeExecutionResultStep(call_id="c", result=""),
    ]
)


@st.composite
def logs(draw: st.DrawFn) -> list[wire.Event]:
    """Logs whose steps are in order, with any deltas in them, ended or not."""
    events: list[wire.Event] = [
        wire.InteractionStatusUpdate(interaction_id="v1_a", status="in_progress"),
    ]
    for index, first in enumerate(draw(st.lists(STEPS, max_size=4))):
        events.append(wire.StepStart(index=index, step=first))
        events += [wire.StepDelta(index=index, delta=delta) for delta in draw(st.lists(DELTAS, max_size=5))]
        events.append(wire.StepStop(index=index))
    if draw(st.booleans()):
        events.append(wire.ErrorEvent(error=wire.Error(code="internal", message="x")))
    return [*events, completed(draw(st.sampled_from(["completed", "failed", "cancelled"])))]


@given(logs())
def test_any_prefix_folds(log: list[wire.Event]) -> None:
    """Whatever has come so far is an Interaction that can be encoded, and steps never disappear."""
    folding = Folding(ACCEPTED)
    steps = 0
    for event in log:
        folding.add(event)
        interaction = folding.interaction()
        assert msgspec.json.decode(msgspec.json.encode(interaction), type=wire.Interaction) is not None
        assert len(interaction.steps) >= steps
        steps = len(interaction.steps)
    assert folding.ended


@given(logs())
def test_folding_as_the_log_grows_equals_folding_it_whole(log: list[wire.Event]) -> None:
    """Asking for the Interaction in between changes nothing."""
    folding = Folding(ACCEPTED)
    for event in log:
        folding.add(event)
        folding.interaction()
    assert folding.interaction() == fold(ACCEPTED, log)


@given(logs())
def test_a_log_survives_the_wire(log: list[wire.Event]) -> None:
    """The events as JSON fold to the same Interaction as the events themselves."""
    decoder = msgspec.json.Decoder(wire.Event)
    read = [decoder.decode(msgspec.json.encode(event)) for event in log]
    assert fold(ACCEPTED, read) == fold(ACCEPTED, log)
