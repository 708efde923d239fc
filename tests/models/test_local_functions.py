"""Functions and forms with the default model in a real engine."""

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from interplay.models.base import Call, Counts, Piece, Stop, Text
from interplay.models.local.backend import LocalBackend
from interplay.models.local.settings import EngineSettings
from interplay.schemas import compile  # noqa: A004 - its verb
from interplay.wire import GenerationConfig
from tests.models.asking import answer, request, text
from tests.models.functions import FIND, LIGHT, ORDERS, WEATHER, call, result
from tests.models.local_engine import NAME, coder, running

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="module")]

BRIEF = GenerationConfig(max_output_tokens=60)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[LocalBackend]:
    """A backend with the default model, for all of these tests."""
    async with running(EngineSettings(model_path=str(coder()))) as backend:
        yield backend


def calls(pieces: list[Piece]) -> list[tuple[str, object]]:
    """The calls, their arguments decoded."""
    return [(piece.name, msgspec.json.decode(piece.arguments)) for piece in pieces if isinstance(piece, Call)]


async def test_the_function_that_is_needed_is_called(backend: LocalBackend) -> None:
    """Optional arguments that nobody spoke of are left out."""
    pieces = await answer(backend, request(NAME, "What's the weather in Oslo?", functions=(WEATHER, LIGHT)))
    assert calls(pieces) == [("get_weather", {"city": "Oslo"})]
    assert pieces[-1] == Stop("stop")


async def test_one_message_may_need_several_calls(backend: LocalBackend) -> None:
    """Of one function with other arguments, and of others."""
    asked = "Turn off the lights in the kitchen and the hall, and tell me the weather in Rome."
    pieces = await answer(backend, request(NAME, asked, functions=(WEATHER, LIGHT)))
    assert calls(pieces) == [
        ("turn_off_light", {"room": "kitchen"}),
        ("turn_off_light", {"room": "hall"}),
        ("get_weather", {"city": "Rome"}),
    ]


async def test_a_question_of_knowledge_is_answered_at_once(backend: LocalBackend) -> None:
    """Even when it touches what a function is about. The counts are those of both steps."""
    asked = request(NAME, "Who invented the light bulb?", functions=(WEATHER, LIGHT), config=BRIEF)
    pieces = await answer(backend, asked)
    assert not calls(pieces)
    assert "Edison" in text(pieces)
    (counts,) = [piece for piece in pieces if isinstance(piece, Counts)]
    assert (counts.input or 0) > await backend.count_tokens(asked)


async def test_where_a_call_must_be_made_one_is_made(backend: LocalBackend) -> None:
    """Whatever the message."""
    pieces = await answer(backend, request(NAME, "Hello!", functions=(WEATHER, LIGHT), must_call=True))
    assert calls(pieces)


async def test_results_are_answered_with(backend: LocalBackend) -> None:
    """The answer says what the function returned."""
    steps = ("What's the weather in Oslo?", call(1, "get_weather", city="Oslo"), result(1, {"temperature": "-13 °C"}))
    pieces = await answer(backend, request(NAME, *steps, functions=(WEATHER, LIGHT), config=BRIEF))
    assert not calls(pieces)
    assert "13" in text(pieces)


async def test_a_result_may_lead_to_the_next_call(backend: LocalBackend) -> None:
    """What the first returned is the argument of the second."""
    question = "List the orders of the customer with the address eva@example.com."
    asked = request(NAME, question, functions=(FIND, ORDERS))
    assert calls(await answer(backend, asked)) == [("find_customer", {"email": "eva@example.com"})]
    steps = (question, call(1, "find_customer", email="eva@example.com"), result(1, {"customer_id": 4711}))
    pieces = await answer(backend, request(NAME, *steps, functions=(FIND, ORDERS)))
    assert calls(pieces) == [("list_orders", {"customer_id": 4711})]


async def test_the_second_request_with_the_same_functions_reads_only_what_is_new(backend: LocalBackend) -> None:
    """Lesson and functions come from the prefix cache."""
    await answer(backend, request(NAME, "What's the weather in Oslo?", functions=(WEATHER, LIGHT)))
    pieces = await answer(backend, request(NAME, "Turn off the light in the attic.", functions=(WEATHER, LIGHT)))
    (counts,) = [piece for piece in pieces if isinstance(piece, Counts)]
    assert (counts.input or 0) - (counts.cached or 0) < 40


async def test_a_limit_met_in_the_arguments_leaves_no_call(backend: LocalBackend) -> None:
    """The turn ends with `length`."""
    config = GenerationConfig(max_output_tokens=5)
    asked = request(NAME, "What's the weather in Oslo?", functions=(WEATHER, LIGHT), config=config)
    pieces = await answer(backend, asked)
    assert not [piece for piece in pieces if isinstance(piece, Call | Text)]
    assert pieces[-1] == Stop("length")


async def test_an_answer_has_the_form_it_must_have(backend: LocalBackend) -> None:
    """The text is JSON that meets the schema, and what the schema is about is in it."""
    schema = {
        "type": "object",
        "properties": {"capital": {"type": "string"}, "population": {"type": "integer"}},
        "required": ["capital", "population"],
    }
    form = compile(schema, "schema")
    said = text(await answer(backend, request(NAME, "Tell me about Portugal.", form=form)))
    assert form.validate(said) is None
    assert msgspec.json.decode(said)["capital"] == "Lisbon"
