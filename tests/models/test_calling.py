from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import msgspec
import pytest

from interplay.errors import Failure
from interplay.models.base import Call, Counts, Failed, Function, ModelRequest, Piece, Stop, Text
from interplay.models.chat.messages import Message
from interplay.models.local.answering import LONGEST_SCHEMA
from interplay.models.local.calling import MOST_RESULTS, turn
from interplay.models.local.functions.ids import given
from interplay.models.local.functions.lesson import LESSON, QWEN
from interplay.models.local.functions.transcript import USE, USE_IN_WORDS
from interplay.models.spoken import spoken
from interplay.schemas import compile  # noqa: A004 - its verb
from interplay.wire import GenerationConfig, ModelOutputStep, TextContent
from tests.models.asking import pieces_of, request
from tests.models.functions import FIND, ORDERS, WEATHER, call, result

OSLO = '# weather in Oslo\nget_weather({"city": "Oslo"})'
COUNTS = Counts(input=100, output=5, cached=90)


class Engine:
    """Answers as told, and remembers what it was asked."""

    def __init__(self, *answers: Sequence[Piece]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[ModelRequest, Mapping[str, object]]] = []
        self.left = False

    async def ask(
        self, asked: ModelRequest, chat: Sequence[Message], extra: Mapping[str, object]
    ) -> AsyncGenerator[Sequence[Piece], None]:
        """The next answer, a piece at a time."""
        self.asked.append((asked, {**extra, "messages": chat}))
        try:
            for piece in self._answers[len(self.asked) - 1]:
                yield [piece]
        except GeneratorExit:
            self.left = True
            raise

    async def turn(self, asked: ModelRequest) -> list[Piece]:
        """All pieces of a turn."""
        return await pieces_of(turn(asked, LESSON, self.ask))


def wrote(text: str, reason: str = "stop") -> list[Piece]:
    """An answer in two pieces."""
    return [Text(text[:2]), Text(text[2:]), COUNTS, Stop("stop" if reason == "stop" else "length")]


async def test_nothing_is_decided_in_the_middle_of_a_text() -> None:
    """A text that is gone on with is asked for at once, though functions are offered."""
    engine = Engine(wrote(" and grey"))
    begun = (*request("m", "The sea?").steps, ModelOutputStep(content=(TextContent(text="It is wide"),)))
    asked = msgspec.structs.replace(request("m", "", functions=(WEATHER,)), steps=begun, continues=True)
    assert await engine.turn(asked) == wrote(" and grey")
    assert len(engine.asked) == 1


async def test_calls_are_pieces_and_end_the_turn() -> None:
    """Each call is whole, and text is not asked for."""
    engine = Engine(wrote(f'{OSLO}\nget_weather({{"city": "Bergen"}})'))
    assert await engine.turn(request("m", "Oslo? Bergen?", functions=(WEATHER,))) == [
        Call("get_weather", '{"city": "Oslo"}'),
        Call("get_weather", '{"city": "Bergen"}'),
        COUNTS,
        Stop("stop"),
    ]


async def test_without_a_call_there_is_text_and_the_counts_of_both() -> None:
    """Text is asked for as if there were no functions."""
    engine = Engine(wrote("none"), wrote("Blue."))
    pieces = await engine.turn(request("m", "Which colour?", functions=(WEATHER,)))
    assert pieces == [Text("Bl"), Text("ue."), Counts(input=200, output=10, cached=180), Stop("stop")]
    assert set(engine.asked[1][1]) == {"messages"}


async def test_the_family_s_biases_are_for_the_decision_only() -> None:
    """They weigh the word for no call against calls, which means nothing in a text."""
    engine = Engine(wrote("none"), wrote("Blue."))
    async for _ in turn(request("m", "Which colour?", functions=(WEATHER,)), QWEN, engine.ask):
        pass
    assert engine.asked[0][1]["logit_bias"] == QWEN.biases != ()
    assert "logit_bias" not in engine.asked[1][1]


@pytest.mark.parametrize("schema", [None, {"type": "object"}])
async def test_results_are_to_be_used_in_a_sentence_unless_there_is_a_form(schema: Any) -> None:
    """A form has no sentences."""
    steps = ("Oslo?", call(1, "get_weather", city="Oslo"), result(1, "7 °C"))
    engine = Engine(wrote("{}"))
    form = None if schema is None else compile(schema, "schema")
    await engine.turn(request("m", *steps, form=form))
    ((_, told),) = spoken(engine.asked[0][0].steps[-1:])
    assert told.endswith(USE_IN_WORDS if form is None else USE)


async def test_sampling_is_for_the_text_and_the_limit_for_both() -> None:
    """A decision is greedy whatever the client wishes for."""
    config = GenerationConfig(temperature=1.5, stop_sequences=("x",), max_output_tokens=7)
    engine = Engine(wrote("none"), wrote("Blue."))
    await engine.turn(request("m", "Which colour?", functions=(WEATHER,), config=config))
    (decision, fields), (text, _) = engine.asked
    assert decision.generation_config == GenerationConfig(max_output_tokens=7)
    assert fields["temperature"] == 0
    assert text.generation_config == config


async def test_a_limit_met_in_a_call_leaves_no_call() -> None:
    """Not even those that were whole: the model wanted all of them."""
    engine = Engine(wrote(f'{OSLO}\nget_weather({{"ci', "length"))
    assert await engine.turn(request("m", "Oslo?", functions=(WEATHER,))) == [COUNTS, Stop("length")]


async def test_a_limit_met_by_the_word_for_no_call_is_still_followed_by_text() -> None:
    """The word was whole, so nothing is missing: what may be said is said, up to the limit."""
    engine = Engine(wrote("none", "length"), wrote("Blue", "length"))
    pieces = await engine.turn(request("m", "Which colour?", functions=(WEATHER,)))
    assert [piece.text for piece in pieces if isinstance(piece, Text)] == ["Bl", "ue"]


async def test_a_failure_ends_the_turn() -> None:
    """What the engine says is passed on."""
    failed = Failed(Failure("bad_gateway", "gone"))
    assert await Engine([failed]).turn(request("m", "Oslo?", functions=(WEATHER,))) == [failed]


async def test_a_decision_that_does_not_end_is_a_failure() -> None:
    """However whole its calls seem to be."""
    (failed,) = await Engine([Text(OSLO)]).turn(request("m", "Oslo?", functions=(WEATHER,)))
    assert isinstance(failed, Failed)
    assert failed.failure.code == "bad_gateway"


async def test_a_reader_who_leaves_closes_the_engine_s_answer() -> None:
    """Nothing goes on behind the reader's back."""
    engine = Engine(wrote("none"), wrote("Blue."))
    async with aclosing(turn(request("m", "Which?", functions=(WEATHER,)), LESSON, engine.ask)) as pieces:
        await anext(pieces)
    assert engine.left


async def test_a_call_that_was_made_is_answered_with_text() -> None:
    """The same call with the same arguments again would go in circles."""
    steps = ("Oslo?", call(1, "get_weather", city="Oslo"), result(1, "7 °C"))
    engine = Engine(wrote(OSLO), wrote("It has 7 °C."))
    pieces = await engine.turn(request("m", *steps, functions=(WEATHER,)))
    assert [piece.text for piece in pieces if isinstance(piece, Text)] == ["It", " has 7 °C."]


async def test_where_a_call_must_be_made_it_may_be_the_same() -> None:
    """The client insists, and there must be a call."""
    steps = ("Oslo?", call(1, "get_weather", city="Oslo"), result(1, "7 °C"))
    engine = Engine(wrote(OSLO))
    pieces = await engine.turn(request("m", *steps, functions=(WEATHER,), must_call=True))
    assert pieces[0] == Call("get_weather", '{"city": "Oslo"}')
    assert "none" not in str(engine.asked[0][1]["grammar"]).splitlines()[0]


async def test_after_many_results_there_is_text() -> None:
    """However much the model would like to go on."""
    results = [step for n in range(MOST_RESULTS) for step in (call(n, "get_weather", city=str(n)), result(n, "cold"))]
    engine = Engine(wrote("It is cold."))
    await engine.turn(request("m", "Where is it warm?", *results, functions=(WEATHER,)))
    assert len(engine.asked) == 1


async def test_where_a_call_must_be_made_many_results_do_not_matter() -> None:
    """The client insists on a call, however many it has answered."""
    results = [step for n in range(MOST_RESULTS) for step in (call(n, "get_weather", city=str(n)), result(n, "cold"))]
    engine = Engine(wrote(OSLO))
    pieces = await engine.turn(request("m", "Go on.", *results, functions=(WEATHER,), must_call=True))
    assert pieces[0] == Call("get_weather", '{"city": "Oslo"}')


async def test_the_form_of_an_answer_is_told_and_enforced() -> None:
    """The schema stands behind the client's own instruction; a long one is only enforced."""
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}}
    engine = Engine(wrote('{"colour": "blue"}'))
    form = compile(schema, "schema")
    await engine.turn(request("m", "Which colour?", system="Be brief.", form=form))
    asked, fields = engine.asked[0]
    assert fields["grammar"] == form.grammar
    assert asked.answer is None  # or the engine would make a grammar of its own
    assert asked.system_instruction is not None
    assert asked.system_instruction.startswith("Be brief.\n\nAnswer with JSON that meets this schema: {")
    long = compile({"type": "object", "description": "x" * LONGEST_SCHEMA}, "schema")
    engine = Engine(wrote("{}"))
    await engine.turn(request("m", "Which colour?", form=long))
    assert engine.asked[0][0].system_instruction == "Answer with JSON."
    assert engine.asked[0][1]["grammar"] == long.grammar


async def test_a_call_with_an_invented_id_is_not_made() -> None:
    """An id must have been said by somebody; a result says it too, in whatever spelling."""
    find = 'find_customer({"email": "a@b.pl"})'
    both = f'# orders of a@b.pl\n{find}\nlist_orders({{"customer_id": 123}})'
    functions = (FIND, ORDERS)
    pieces = await Engine(wrote(both)).turn(request("m", "Orders of a@b.pl?", functions=functions))
    assert [piece.name for piece in pieces if isinstance(piece, Call)] == ["find_customer"]
    steps = ("Orders of a@b.pl?", call(1, "find_customer", email="a@b.pl"), result(1, {"id": "1-23"}))
    pieces = await Engine(wrote(both)).turn(request("m", *steps, functions=functions))
    assert [piece.name for piece in pieces if isinstance(piece, Call)] == ["list_orders"]


def test_what_one_function_says_is_no_id_for_another() -> None:
    """A number in the description of one may mean anything."""
    mode, user = (
        Function(name, "", declared, compile(declared, "parameters"))
        for name, declared in (
            ("set_mode", {"properties": {"mode_id": {"type": "integer", "description": "1: eco, 2: comfort"}}}),
            ("get_user", {"properties": {"user_id": {"type": "integer"}}}),
        )
    )
    asked = request("m", "Who is it?", functions=(mode, user))
    assert given(Call("set_mode", '{"mode_id": 2}'), asked)
    assert not given(Call("get_user", '{"user_id": 2}'), asked)


@pytest.mark.parametrize(
    ("arguments", "said", "made"),
    [
        ({"user_id": 7}, "Delete user 7", True),
        ({"user_id": 7}, "Delete the user who was born in 1975", False),
        ({"user_id": "AB-12-77"}, "Delete user ab 12 77", True),
        ({"user_ids": [7, 8]}, "Delete users 7 and 8", True),
        ({"user_ids": [7, 8]}, "Delete users 7 and 9", False),
        ({"include_ids": True}, "List all of them with their ids", True),
        ({"mode_id": 2}, "Switch to comfort mode", True),
    ],
)
def test_ids_are_not_invented(arguments: dict[str, Any], said: str, made: bool) -> None:
    """An id stands as a word in what was said or in what the function says of itself; a flag is no id."""
    declared = {"properties": {"mode_id": {"type": "integer", "description": "1: eco, 2: comfort"}}}
    function = Function("f", "", declared, compile(declared, "parameters"))
    one = Call("f", msgspec.json.encode(arguments).decode())
    assert given(one, request("m", said, functions=(function,))) == made
