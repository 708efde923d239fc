"""JSON demanded of upstreams that guide their decoding, obey, misunderstand, or refuse."""

import asyncio
from collections.abc import Iterator

import msgspec
import pytest

from interplay.models.base import Counts, Piece, Stop, Text
from interplay.models.openai import OpenAIBackend
from interplay.settings.models import StructuredOutput
from tests.models.asking import answer, failure, request, text
from tests.models.calling import calls, demanding, function, offering, schema
from tests.models.raw_server import END, STREAM, Then, chunk, raw_server
from tests.models.sloppy_server import (
    PARIS,
    PERSON,
    RIGHT,
    RIGHT_PERSON,
    TAGGED,
    WRONG_CALL,
    WRONG_PERSON,
    Behaviour,
    Body,
    Refusal,
    Reply,
    beside,
    first,
    said,
    sloppy_server,
    without_format,
)

WAYS = pytest.mark.parametrize("incremental", [True, False])
HELD = pytest.mark.parametrize("way", ["checked", "prompt"])


async def asked(
    behaviour: Behaviour | Reply,
    way: StructuredOutput = "checked",
    *,
    incremental: bool = True,
    functions: bool = False,
    must_call: bool = False,
    times: int = 1,
    system: str | None = None,
) -> tuple[list[Piece], list[Body]]:
    """The pieces of the last answer, and all bodies that were sent."""
    demanded = demanding(request("m", "Who?", incremental=incremental, system=system))
    if functions:
        demanded = offering(demanded, function(), must_call=must_call)
    async with sloppy_server((lambda _: behaviour) if isinstance(behaviour, Reply) else behaviour) as server:
        backend = OpenAIBackend(server.url, structured_output=way)
        await backend.open()
        for _ in range(times):
            pieces = await answer(backend, demanded)
        await backend.close()
    return pieces, server.bodies


@HELD
@WAYS
@pytest.mark.parametrize("kind", RIGHT_PERSON)
async def test_an_answer_that_meets_the_schema_is_shown_in_its_order(
    kind: str, way: StructuredOutput, incremental: bool
) -> None:
    """Without fences, in one piece, and the upstream is asked once."""
    pieces, bodies = await asked(RIGHT_PERSON[kind], way, incremental=incremental)
    assert pieces == [Text(PERSON), Counts(input=10, output=5), Stop("stop")]
    assert len(bodies) == 1


@HELD
@WAYS
@pytest.mark.parametrize("kind", WRONG_PERSON)
async def test_a_schema_that_was_ignored_is_obeyed_after_the_complaint(
    kind: str, way: StructuredOutput, incremental: bool
) -> None:
    """Only the right answer is shown; the complaint says what is wrong, and repeats the schema."""
    pieces, bodies = await asked(first(WRONG_PERSON[kind], said(PERSON)), way, incremental=incremental)
    assert pieces == [Text(PERSON), Counts(input=20, output=10), Stop("stop")]
    complaint = bodies[1]["messages"][-1]
    assert complaint["role"] == "user"
    assert '"age"' in complaint["content"]


@HELD
@WAYS
@pytest.mark.parametrize("kind", WRONG_PERSON)
async def test_a_schema_that_is_never_obeyed_fails_the_turn(
    kind: str, way: StructuredOutput, incremental: bool
) -> None:
    """After two complaints it is the upstream's fault; nothing wrong was shown, and all tries are counted."""
    pieces, bodies = await asked(WRONG_PERSON[kind], way, incremental=incremental)
    assert failure(pieces)[0] == "invalid_answer"
    assert text(pieces) == ""
    assert pieces[0] == Counts(input=30, output=15)
    assert len(bodies) == 3


async def test_the_model_sees_its_own_wrong_answers() -> None:
    """Each behind the other, each with its complaint; sides take turns."""
    _, bodies = await asked(WRONG_PERSON["a property missing"])
    assert [message["role"] for message in bodies[2]["messages"]] == ["user", *["assistant", "user"] * 2]
    assert bodies[2]["messages"][1]["content"] == '{"name": "Ada"}'
    assert 'property "age"' in bodies[2]["messages"][2]["content"]


async def test_an_empty_answer_leaves_no_message() -> None:
    """Servers refuse a message of the model's that is empty, and two of the user's in a row."""
    _, bodies = await asked(WRONG_PERSON["nothing"])
    assert [message["role"] for message in bodies[2]["messages"]] == ["user"]


@WAYS
async def test_an_answer_that_was_cut_is_not_complained_of(incremental: bool) -> None:
    """What there is of it is shown, without the fence that was opened; the run is incomplete."""
    pieces, bodies = await asked(said('```json\n{"name":"A', "length"), incremental=incremental)
    assert pieces == [Text('{"name":"A'), Counts(input=10, output=5), Stop("length")]
    assert len(bodies) == 1


async def test_checked_asks_by_response_format() -> None:
    """The schema goes where upstreams that know it find it, and nowhere else."""
    _, bodies = await asked(said(PERSON), "checked")
    assert bodies[0]["response_format"] == schema().for_upstream()
    assert bodies[0]["messages"] == [{"role": "user", "content": "Who?"}]


async def test_prompt_asks_in_words() -> None:
    """The schema stands in the system prompt, behind what the client put there."""
    _, bodies = await asked(said(PERSON), "prompt", system="Be kind.")
    assert "response_format" not in bodies[0]
    assert bodies[0]["messages"][0]["content"].startswith("Be kind.\n\nAnswer with JSON only")
    assert '"age"' in bodies[0]["messages"][0]["content"]


async def test_native_streams() -> None:
    """An upstream that guides its decoding is trusted while the answer grows."""
    pieces, bodies = await asked(said(PERSON), "native")
    assert text(pieces) == PERSON
    assert sum(isinstance(piece, Text) for piece in pieces) > 3
    assert bodies[0]["response_format"] == schema().for_upstream()


@WAYS
@pytest.mark.parametrize("kind", WRONG_PERSON)
async def test_native_is_checked_all_the_same(kind: str, incremental: bool) -> None:
    """What is on show cannot be corrected any more, but it does not pass for right."""
    pieces, bodies = await asked(WRONG_PERSON[kind], "native", incremental=incremental)
    assert failure(pieces)[0] == "invalid_answer"
    assert len(bodies) == 1


REFUSALS = [
    Refusal(400, "unknown field response_format"),
    Refusal(422, "response_format: extra fields not permitted"),
    Refusal(501, "guided decoding is not supported"),
]


@WAYS
@pytest.mark.parametrize("refusal", REFUSALS)
async def test_an_upstream_without_response_format_is_asked_in_words(refusal: Refusal, incremental: bool) -> None:
    """One refusal is enough to know it: the second turn begins in words."""
    pieces, bodies = await asked(without_format(refusal), incremental=incremental, times=2)
    assert text(pieces) == PERSON
    assert ["response_format" in body for body in bodies] == [True, False, False]


@pytest.mark.parametrize("status", [401, 404, 413, 429, 500, 503])
async def test_other_refusals_are_not_about_the_format(status: int) -> None:
    """They end the turn, and the next one is asked as before."""
    pieces, bodies = await asked(without_format(Refusal(status, "no")), times=2)
    failure(pieces)
    assert ["response_format" in body for body in bodies] == [True, True]


async def test_a_request_that_is_refused_either_way_teaches_nothing() -> None:
    """The refusal was about something else; the client hears it, and the next turn is asked as before."""
    pieces, bodies = await asked(lambda _: Refusal(400, "the prompt is too long"), times=2)
    code, message = failure(pieces)
    assert (code, "too long" in message) == ("invalid_request", True)
    assert ["response_format" in body for body in bodies] == [True, False] * 2


async def test_a_refusal_behind_some_text_is_a_failure() -> None:
    """An upstream that has begun to answer took the format; what came is not mixed with another answer."""
    begun = b'data: {"choices": [{"delta": {"content": "{"}}]}\n\n'
    error = b'data: {"error": {"message": "no", "code": 400}}\n\n'
    async with raw_server((STREAM, chunk(begun + error), END)) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        pieces = await answer(backend, demanding(request("m", "Who?")))
        await backend.close()
        assert failure(pieces)[0] == "invalid_request"
        assert len(server.requests) == 1


async def test_leaving_an_answer_that_is_held_ends_its_connection() -> None:
    """Though nothing has been shown, the upstream sees at once that nobody waits any more."""
    async with raw_server((STREAM, Then.WAIT)) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        waiting = asyncio.create_task(answer(backend, demanding(request("m", "Who?"))))
        while not server.requests:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.001)
        waiting.cancel()
        await asyncio.wait_for(server.left.wait(), 1)
        await backend.close()


async def test_native_does_not_fall_back() -> None:
    """Who says that the upstream guides decoding hears that it does not."""
    pieces, bodies = await asked(without_format(REFUSALS[0]), "native")
    assert failure(pieces)[0] == "invalid_request"
    assert len(bodies) == 1


async def test_a_schema_that_is_refused_costs_nothing_but_its_own_turn() -> None:
    """Asked in words, it is answered; the next turn is asked by `response_format` again."""
    turns: Iterator[Reply | Refusal] = iter(
        [said(PERSON), Refusal(400, "the schema is odd"), said(PERSON), said(PERSON)]
    )
    _, bodies = await asked(lambda _: next(turns), times=3)
    assert ["response_format" in body for body in bodies] == [True, True, False, True]


@WAYS
@pytest.mark.parametrize("way", ["checked", "native", "prompt"])
async def test_beside_functions_the_schema_is_told_in_words(way: StructuredOutput, incremental: bool) -> None:
    """By `response_format` many upstreams would keep the model from calling anything."""
    pieces, bodies = await asked(RIGHT, way, functions=True, incremental=incremental)
    assert [call.arguments for call in calls(pieces)] == [PARIS]
    assert "response_format" not in bodies[0]
    assert "Unless you call a function" in bodies[0]["messages"][0]["content"]


@pytest.mark.parametrize("way", ["checked", "native", "prompt"])
async def test_beside_functions_an_answer_is_held_and_checked(way: StructuredOutput) -> None:
    """Whatever the settings say, for the upstream was not asked to guide anything."""
    pieces, _ = await asked(first(WRONG_PERSON["prose"], said(PERSON)), way, functions=True)
    assert pieces[0] == Text(PERSON)


@WAYS
async def test_text_beside_calls_is_no_answer(incremental: bool) -> None:
    """It does not meet the schema, and need not: the answer comes when the functions have returned."""
    pieces, bodies = await asked(beside("Let me see.", RIGHT), functions=True, incremental=incremental)
    assert text(pieces) == ""
    assert len(calls(pieces)) == 1
    assert len(bodies) == 1


async def test_calls_in_tags_are_found_where_json_is_demanded() -> None:
    """The text is held anyway."""
    pieces, _ = await asked(said(TAGGED), functions=True)
    assert [msgspec.json.decode(call.arguments) for call in calls(pieces)] == [{"city": "Paris"}]


@WAYS
async def test_tags_inside_an_answer_are_part_of_it(incremental: bool) -> None:
    """JSON that meets the schema is the answer, whatever its strings say."""
    person = msgspec.json.encode({"name": TAGGED, "age": 36}).decode()
    pieces, bodies = await asked(said(person), functions=True, incremental=incremental)
    assert pieces[0] == Text(person)
    assert len(bodies) == 1


async def test_an_uncalled_for_call_beside_a_valid_answer_is_overlooked() -> None:
    """What was asked for is there; a call alone is complained of."""
    pieces, _ = await asked(beside(PERSON, RIGHT))
    assert (pieces[0], pieces[-1]) == (Text(PERSON), Stop("stop"))
    pieces, bodies = await asked(first(RIGHT, said(PERSON)))
    assert pieces[0] == Text(PERSON)
    assert bodies[1]["messages"][-1]["content"].endswith("answer with JSON.")


async def test_where_a_call_must_come_no_json_is_asked_for() -> None:
    """There is no text to ask for."""
    pieces, bodies = await asked(first(WRONG_CALL["truncated"], RIGHT), functions=True, must_call=True)
    assert len(calls(pieces)) == 1
    assert bodies[0]["messages"] == [{"role": "user", "content": "Who?"}]
    assert "response_format" not in bodies[0]
