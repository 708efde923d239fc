"""What every backend does alike that calls functions and answers with JSON."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from interplay.models.base import Call, Counts, Stop
from interplay.wire import GenerationConfig, Step
from tests.models.asking import answer, request, text
from tests.models.calling import called, calls, demanding, function, offering, returned, schema
from tests.models.cases import CALLERS, CASES, Case

GREEDY = GenerationConfig(temperature=0, seed=7, max_output_tokens=200)
WEATHER = function(description="The weather in a city, for today or for more days.")
WAYS = pytest.mark.parametrize("incremental", [True, False])


@pytest.fixture(params=CALLERS)
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    """An open backend."""
    async with CASES[request.param]() as case:
        yield case


@WAYS
async def test_a_function_is_called(case: Case, incremental: bool) -> None:
    """By name, with valid arguments, before the counts; the turn ends regularly."""
    asked = request(case.model, case.prompts.weather, config=GREEDY, incremental=incremental)
    *said, counts, stop = await answer(case.backend, offering(asked, WEATHER))
    assert [call.name for call in calls(said)] == ["get_weather"]
    assert msgspec.json.decode(calls(said)[0].arguments)["city"] == "Paris"
    assert isinstance(said[-1], Call)
    assert isinstance(counts, Counts)
    assert stop == Stop("stop")


async def test_a_result_is_told(case: Case) -> None:
    """What the function returned is in the answer, which calls nothing more."""
    turns: list[Step | str] = [case.prompts.weather, called("a", city="Paris"), returned("a", "12 degrees")]
    pieces = await answer(case.backend, offering(request(case.model, *turns, config=GREEDY), WEATHER))
    assert "12" in text(pieces)
    assert calls(pieces) == []


async def test_what_need_not_be_called_is_not(case: Case) -> None:
    """A function on offer is no reason to call it."""
    pieces = await answer(case.backend, offering(request(case.model, case.prompts.greet, config=GREEDY), WEATHER))
    assert calls(pieces) == []
    assert text(pieces)


async def test_what_must_be_called_is(case: Case) -> None:
    """Whatever the question."""
    asked = offering(request(case.model, case.prompts.greet, config=GREEDY), WEATHER, must_call=True)
    pieces = await answer(case.backend, asked)
    assert calls(pieces)
    assert all(WEATHER.parameters.validate(call.arguments) is None for call in calls(pieces))


@WAYS
async def test_json_meets_its_schema(case: Case, incremental: bool) -> None:
    """The text of the answer, all of it."""
    asked = demanding(request(case.model, case.prompts.person, config=GREEDY, incremental=incremental))
    pieces = await answer(case.backend, asked)
    assert schema().validate(text(pieces)) is None
    assert msgspec.json.decode(text(pieces))["age"] == 36
    assert pieces[-1] == Stop("stop")


async def test_a_call_may_come_where_json_is_demanded(case: Case) -> None:
    """The answer follows when the function has returned."""
    asked = demanding(offering(request(case.model, case.prompts.weather, config=GREEDY), WEATHER))
    pieces = await answer(case.backend, asked)
    assert [call.name for call in calls(pieces)] == ["get_weather"]
    assert text(pieces) == ""


async def test_functions_count_as_tokens(case: Case) -> None:
    """They are a part of the prompt."""
    plain = request(case.model, case.prompts.greet)
    assert await case.backend.count_tokens(plain) < await case.backend.count_tokens(offering(plain, WEATHER))


def test_calls_and_results_pass_the_check(case: Case) -> None:
    """A conversation with functions in it is accepted, with a result as its newest step."""
    turns: list[Step | str] = [case.prompts.weather, called("a", city="Paris"), returned("a", {"degrees": 12})]
    case.backend.check(offering(request(case.model, *turns), WEATHER))
    case.backend.check(offering(request(case.model, returned("a", "")), WEATHER))
