"""What every model backend does alike; one run of the suite over each of them."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from interplay.errors import Failure
from interplay.models.base import Counts, Failed, Stop, Text
from interplay.wire import (
    CodeExecutionCallArguments,
    CodeExecutionCallStep,
    GenerationConfig,
    ImageContent,
    Step,
    ThoughtStep,
    UserInputStep,
)
from tests.models.asking import answer, failure, first_piece, model, request, text, within_a_second
from tests.models.calling import returned
from tests.models.cases import CASES, PARAMETERS, Case

GREEDY = GenerationConfig(temperature=0, seed=7, max_output_tokens=40)


@pytest.fixture(params=PARAMETERS)
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    """An open backend; no task of its own, nor of its connections, outlives its closing."""
    async with CASES[request.param]() as case:
        yield case
    await within_a_second(lambda: asyncio.all_tasks() == {asyncio.current_task()})


@pytest.mark.parametrize("incremental", [True, False])
async def test_an_answer_has_text_then_counts_then_one_stop(case: Case, incremental: bool) -> None:
    """A turn ends with Counts and exactly one Stop, and has said something before."""
    pieces = await answer(case.backend, request(case.model, case.prompts.greet, incremental=incremental))
    *said, counts, stop = pieces
    assert stop == Stop("stop")
    assert isinstance(counts, Counts)
    assert counts.input
    assert counts.output
    assert not [piece for piece in said if isinstance(piece, Counts | Stop | Failed)]
    assert text(said)


async def test_no_piece_is_empty(case: Case) -> None:
    """Every Text has something to append."""
    pieces = await answer(case.backend, request(case.model, case.prompts.long, config=GREEDY))
    assert all(piece.text for piece in pieces if isinstance(piece, Text))


async def test_a_long_answer_grows(case: Case) -> None:
    """An incremental answer comes in many pieces."""
    pieces = await answer(case.backend, request(case.model, case.prompts.long, config=GREEDY))
    assert sum(isinstance(piece, Text) for piece in pieces) > 3


async def test_both_ways_of_fetching_give_the_same_answer(case: Case) -> None:
    """With a fixed seed and no randomness, one piece or many make no difference to text and end."""
    ways = [request(case.model, case.prompts.long, config=GREEDY, incremental=way) for way in (True, False)]
    growing, whole = [await answer(case.backend, asked) for asked in ways]
    assert text(growing) == text(whole)
    assert growing[-1] == whole[-1]


@pytest.mark.parametrize("incremental", [True, False])
async def test_the_token_limit_holds(case: Case, incremental: bool) -> None:
    """An answer that meets `max_output_tokens` stops with `length` and is no longer than that."""
    config = GenerationConfig(max_output_tokens=5)
    *_, counts, stop = await answer(
        case.backend, request(case.model, case.prompts.long, config=config, incremental=incremental)
    )
    assert stop == Stop("length")
    assert isinstance(counts, Counts)
    assert counts.output is not None
    assert 0 < counts.output <= 5


async def test_a_stop_sequence_ends_the_answer_and_is_not_part_of_it(case: Case) -> None:
    """The answer goes up to the stop sequence and ends regularly."""
    config = GenerationConfig(stop_sequences=("5",), temperature=0, max_output_tokens=200)
    pieces = await answer(case.backend, request(case.model, case.prompts.long, config=config))
    assert pieces[-1] == Stop("stop")
    assert "5" not in text(pieces)
    assert "4" in text(pieces)


async def test_the_conversation_reaches_the_model(case: Case) -> None:
    """What was said in an earlier turn is known in a later one; thoughts in between do no harm."""
    turns: list[Step | str] = [
        "My name is Ada.",
        ThoughtStep(signature="c2ln"),
        model("Nice to meet you."),
        case.prompts.recall,
    ]
    assert "Ada" in text(await answer(case.backend, request(case.model, *turns, config=GREEDY)))


async def test_the_system_instruction_reaches_the_model(case: Case) -> None:
    """What the system instruction demands is done."""
    asked = request(case.model, case.prompts.obey, system="Always answer with only the word banana.", config=GREEDY)
    assert "banana" in text(await answer(case.backend, asked)).lower()


async def test_two_answers_at_once_do_not_mix(case: Case) -> None:
    """Each of two turns at the same time gets the answer to its own question."""
    turns: list[Step | str] = ["My name is Ada.", model("Nice to meet you."), case.prompts.recall]
    counted, recalled = await asyncio.gather(
        answer(case.backend, request(case.model, case.prompts.long, config=GREEDY)),
        answer(case.backend, request(case.model, *turns, config=GREEDY)),
    )
    assert "5" in text(counted)
    assert "Ada" not in text(counted)
    assert "Ada" in text(recalled)
    assert "5" not in text(recalled)


async def test_closing_the_iterator_stops_the_engine(case: Case) -> None:
    """A consumer that leaves in the middle of an answer ends the engine's work within a second."""
    pieces = case.backend.generate(request(case.model, case.prompts.endless))
    assert isinstance(await first_piece(pieces), Text)
    await pieces.aclose()
    await asyncio.wait_for(case.idle(), 1)


@pytest.mark.parametrize("incremental", [True, False])
async def test_cancelling_the_consumer_stops_the_engine(case: Case, incremental: bool) -> None:
    """A cancelled consumer ends the engine's work within a second, and is cancelled itself."""
    asked = request(case.model, case.prompts.endless, incremental=incremental)
    consumer = asyncio.create_task(answer(case.backend, asked))
    await asyncio.wait_for(case.working(), 10)
    consumer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await consumer
    await asyncio.wait_for(case.idle(), 1)


async def test_an_unknown_model_is_a_failure(case: Case) -> None:
    """A name that the engine does not know ends the turn with a failure that shows the name."""
    if case.unknown_model is None:
        return
    code, message = failure(await answer(case.backend, request(case.unknown_model, case.prompts.greet)))
    assert code in {"invalid_request", "not_found"}
    assert case.unknown_model in message


async def test_a_closed_backend_fails_instead_of_hanging(case: Case) -> None:
    """After `close` a turn ends with a failure at once, and the backend is not ready."""
    assert case.backend.ready()
    await case.backend.close()
    assert not case.backend.ready()
    code, _ = failure(await answer(case.backend, request(case.model, case.prompts.greet)))
    assert code == "unavailable"


async def test_a_plain_request_passes_the_check(case: Case) -> None:
    """Everything that a text model honours is accepted."""
    config = GenerationConfig(
        temperature=2,
        top_p=0.5,
        top_k=1,
        seed=-1,
        max_output_tokens=1,
        stop_sequences=("a", "b"),
        thinking_level="minimal",
        thinking_summaries="auto",
        tool_choice="auto",
    )
    turns: list[Step | str] = [case.prompts.greet, ThoughtStep(), model("Hello."), case.prompts.greet]
    case.backend.check(request(case.model, *turns, system="Be kind.", config=config))


@pytest.mark.parametrize(
    "config",
    [
        {"image_config": {"aspect_ratio": "1:1"}},
        {"speech_config": [{"voice": "Kore"}]},
        {"video_config": {"task": "edit"}},
        {"transcription_config": {"mode": "smart"}},
    ],
)
async def test_settings_of_media_are_taken_with_a_note(case: Case, config: dict[str, object]) -> None:
    """Whoever wants a medium asks for it or sends it, which is refused; how it should be is a hint."""
    asked = request(case.model, case.prompts.greet, config=msgspec.convert(config, GenerationConfig))
    (note,) = case.backend.check(asked)
    assert note.field == f"generation_config.{next(iter(config))}"


@pytest.mark.parametrize("level", ["minimal", "low", "medium", "high", "xhigh", "HIGH"])
async def test_every_level_of_thinking_is_taken(case: Case, level: str) -> None:
    """A level is how much thinking is wanted at most, so a model that has less of it takes all of them."""
    asked = request(case.model, case.prompts.greet, config=GenerationConfig(thinking_level=level))
    assert {note.field for note in case.backend.check(asked)} <= {"generation_config.thinking_level"}


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"temperature": 2.1}, ["temperature", "2.1"]),
        ({"top_p": 0.0}, ["top_p", "0.0"]),
        ({"stop_sequences": ["a", ""]}, ["stop_sequences", '""']),
        ({"stop_sequences": ["a"] * 17}, ["stop_sequences", "17", "16"]),
        ({"thinking_level": "endless"}, ["thinking_level", "endless"]),
    ],
)
async def test_a_setting_that_cannot_be_honoured_is_refused_by_name(
    case: Case, config: dict[str, object], named: list[str]
) -> None:
    """The check says which field of the generation config is wrong, and what it was."""
    asked = request(case.model, case.prompts.greet, config=msgspec.convert(config, GenerationConfig))
    with pytest.raises(Failure) as refused:
        case.backend.check(asked)
    assert refused.value.code == "invalid_request"
    assert all(word in refused.value.message for word in named), refused.value.message


@pytest.mark.parametrize(
    ("step", "named"),
    [
        (UserInputStep(content=(ImageContent(mime_type="image/png", data="aGk="),)), "image"),
        (CodeExecutionCallStep(id="1", arguments=CodeExecutionCallArguments(code="1")), "code_execution_call"),
        (returned("1", [{"type": "image", "mime_type": "image/png", "data": "aGk="}]), "image"),
        (returned("1", {"content": [{"type": "image", "mime_type": "image/png", "data": "aGk="}]}), "function_result"),
        (UserInputStep(content=()), "input"),
    ],
)
async def test_input_that_the_model_cannot_take_is_refused_by_name(case: Case, step: Step, named: str) -> None:
    """The check says what kind of content or step is not supported, or that there is none."""
    with pytest.raises(Failure) as refused:
        case.backend.check(request(case.model, step))
    assert refused.value.code == "invalid_request"
    assert named in refused.value.message


async def test_the_engine_lists_its_models(case: Case) -> None:
    """The model that answers is among the listed ones, and its capabilities can be asked for."""
    assert case.model in await case.backend.models()
    limit = (await case.backend.capabilities(case.model)).input_token_limit
    assert limit is None or limit > 0


async def test_a_longer_prompt_has_more_tokens(case: Case) -> None:
    """Tokens are counted over the whole prompt, the system instruction included."""
    short = await case.backend.count_tokens(request(case.model, case.prompts.greet))
    longer = await case.backend.count_tokens(request(case.model, case.prompts.greet, system="Be kind. " * 20))
    assert 0 < short < longer


async def test_options_are_weighed(case: Case) -> None:
    """Each option has a probability, in the order asked for; they sum to one, and the turn is counted."""
    options = tuple("ABCDEFGHIJKLMNOP")
    weighed = await case.backend.weigh(request(case.model, case.prompts.weigh), options)
    assert len(weighed.probabilities) == len(options)
    assert all(0 <= probability <= 1 for probability in weighed.probabilities)
    assert sum(weighed.probabilities) == pytest.approx(1, abs=1e-9)
    assert weighed.counts.input
    assert weighed.counts.output == 1
    assert max(weighed.probabilities) == weighed.probabilities[1]


async def test_weighing_asks_for_what_was_said_before(case: Case) -> None:
    """The conversation and the system instruction reach the model here too."""
    asked = request(case.model, case.prompts.weigh, system="Be brief. " * 20)
    short, longer = [await case.backend.weigh(one, ("A", "B")) for one in (request(case.model, "Hi"), asked)]
    assert (longer.counts.input or 0) > (short.counts.input or 0)


async def test_an_unknown_model_weighs_nothing(case: Case) -> None:
    """A name that the engine does not know is a failure that shows the name."""
    if case.unknown_model is None:
        return
    with pytest.raises(Failure, match=case.unknown_model):
        await case.backend.weigh(request(case.unknown_model, case.prompts.weigh), ("A", "B"))


async def test_a_closed_backend_weighs_nothing(case: Case) -> None:
    """After `close` it fails at once."""
    await case.backend.close()
    with pytest.raises(Failure) as failed:
        await case.backend.weigh(request(case.model, case.prompts.weigh), ("A", "B"))
    assert failed.value.code == "unavailable"
