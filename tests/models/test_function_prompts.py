import re
from typing import Any

import pytest

from interplay.models.base import Call, Function
from interplay.models.local.functions import decision
from interplay.models.local.functions.lesson import LESSON
from interplay.models.local.functions.signatures import MOST_CHARACTERS, signature, signatures
from interplay.models.local.functions.transcript import USE_IN_WORDS, folded
from interplay.schemas import compile  # noqa: A004 - its verb
from interplay.wire import Step
from tests.models.asking import model, request, user
from tests.models.functions import FIND, LIGHT, WEATHER, call, function, result


def test_a_function_is_one_line_with_its_types() -> None:
    """Optional parameters are marked, enums are spelled out, descriptions stand beside what they describe."""
    assert signature(WEATHER) == (
        'get_weather({city: string /* City name */, unit?: "celsius" | "fahrenheit"}): '
        "Get the current weather for a city"
    )


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "array", "items": {"type": "string"}}, "string[]"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, '("a" | "b")[]'),
        ({"type": ["integer", "null"]}, "integer | null"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "integer | string"),
        ({"type": "object", "properties": {"x": {"type": "number"}}}, "{x?: number}"),
        ({"type": "string", "format": "date"}, "string /* date */"),
        ({}, "any"),
    ],
)
def test_types_are_those_of_typescript(schema: dict[str, object], written: str) -> None:
    """Every kind of schema has a short form."""
    assert signature(function("f", a=schema)) == f"f({{a?: {written}}})"


def test_recursive_types_end() -> None:
    """A type that holds itself is written down to a depth."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    declared = {"type": "object", "properties": {"first": {"$ref": "#/$defs/node"}}, "$defs": {"node": node}}
    line = signature(Function("f", "", declared, WEATHER.parameters))
    assert line == "f({first?: {next?: {next?: {next?: object}}}})"


def test_a_type_may_be_referred_to_by_its_name() -> None:
    """It is written down where it is used, as one that is referred to by the way to it."""
    declared = {
        "properties": {"a": {"$ref": "#unit"}, "b": {"$ref": "#gone"}},
        "$defs": {"u": {"$anchor": "unit", "enum": ["C"]}},
    }
    assert signature(Function("f", "", declared, WEATHER.parameters)) == 'f({a?: "C", b?: any})'


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        (
            {"properties": {"a": {"$ref": "#/x/a%20b"}}, "x": {"a b": {"const": 1}, "a%20b": {"enum": 5}}},
            "f({a?: 1})",
        ),
        (
            {"$id": "h/p", "properties": {"a": {"$ref": "h/p#/x"}}, "x": {"const": 1}, "p#": {"x": {"enum": 5}}},
            "f({a?: 1})",
        ),
        ({"properties": {"a": {"$ref": "#/x/0"}}, "x": [{"const": 1}]}, "f({a?: 1})"),
        (
            {
                "properties": {"a": {"$ref": "#x"}},
                "$defs": {"x": {"$anchor": "x"}},
                "not": {"$id": "q", "$anchor": "x", "enum": 5},
            },
            "f({a?: any})",
        ),
    ],
)
def test_a_reference_is_followed_as_it_was_when_it_was_checked(declared: dict[str, Any], written: str) -> None:
    """What else stands in a schema may be anything; where a name is there twice, nothing is said of the type."""
    assert signature(Function("f", "", declared, compile({"type": "object", **declared}, "at"))) == written


def test_types_that_multiply_end() -> None:
    """Lists and unions of themselves are written down to a depth, and no more of them than anybody would read."""
    either = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/j"}}]}
    declared = {"type": "object", "properties": {"v": {"$ref": "#/$defs/j"}}, "$defs": {"j": either}}
    assert signature(Function("f", "", declared, WEATHER.parameters)).startswith("f({v?: string | (string | (")
    wide = {"properties": {f"p{number}": {"$ref": "#"} for number in range(60)}, "type": "object"}
    assert len(signature(Function("f", "", wide, WEATHER.parameters))) < 20_000


def test_all_functions_together_are_written_down_to_a_limit() -> None:
    """However much their types multiply, and whatever their constants: the prompt ends, and names every function."""
    wide = {"properties": {f"p{number}": {"$ref": "#"} for number in range(20)}, "type": "object"}
    values = {
        "properties": {f"p{n}": {"$ref": "#/$defs/e"} for n in range(1000)},
        "$defs": {"e": {"const": "x" * 9999}},
    }
    for declared in (wide, values):
        functions = [Function(f"f{number}", "", declared, WEATHER.parameters) for number in range(500)]
        lines = signatures(functions).split("\n")
        assert [line.partition("(")[0] for line in lines] == [function.name for function in functions]
        assert sum(map(len, lines)) < 10 * MOST_CHARACTERS
        assert len(lines[0]) > len(lines[-1])


def test_new_words_come_last_in_the_prompt() -> None:
    """Two questions to the same functions differ in the last message only, which is all that the engine reads again."""
    first, second = (
        decision.messages(request("m", text, functions=(WEATHER, LIGHT)), LESSON)
        for text in ("Is it cold?", "Lights out!")
    )
    assert first[:-1] == second[:-1]
    assert [first[-1].content, second[-1].content] == ["Is it cold?", "Lights out!"]


def test_results_are_told_to_the_decision_with_the_last_words() -> None:
    """What was called since the user spoke, what it returned, and what has not returned yet."""
    asked = request(
        "m",
        "Hello",
        model("Hi!"),
        "Oslo and Bergen?",
        call(1, "get_weather", city="Oslo"),
        call(2, "get_weather", city="Bergen"),
        result(1, {"degrees": 7}),
        functions=(WEATHER,),
    )
    assert decision.asked(asked).split("\n") == [
        "Earlier in this conversation:",
        "User: Hello",
        "Assistant: Hi!",
        "",
        "The user's last message:",
        "Oslo and Bergen?",
        "",
        "Done so far:",
        'get_weather({"city": "Bergen"}) was called and has given no result.',
        'Result of get_weather({"city": "Oslo"}): {"degrees":7}',
    ]


def test_what_the_user_says_in_several_steps_is_one_message() -> None:
    """None of it was said earlier: nobody has answered it yet."""
    asked = decision.asked(request("m", "Oslo", "and Bergen?", functions=(WEATHER,)))
    assert asked == "Oslo\nand Bergen?"


def test_results_are_words_of_the_user_for_the_answer() -> None:
    """No calls are left in the conversation; an error is called that."""
    steps: list[Step] = [
        user("Who is a@b.pl?"),
        call(1, "find_customer", email="a@b.pl"),
        result(1, "no such", is_error=True),
    ]
    first, second = folded(steps)
    assert first == steps[0]
    assert second == user('Result of find_customer({"email": "a@b.pl"}): Error: no such\n' + USE_IN_WORDS)


def test_calls_are_read_back() -> None:
    """Each line is a call, but for the remark before them; a name may be the beginning of another."""
    longer = function("get_weather_forecast")
    written = '# two calls\nget_weather({"city": "Łódź (PL)"})\nget_weather_forecast({})'
    assert decision.read(written, (WEATHER, longer)) == [
        Call("get_weather", '{"city": "Łódź (PL)"}'),
        Call("get_weather_forecast", "{}"),
    ]


def test_the_grammar_keeps_the_arguments_of_functions_apart() -> None:
    """Every rule is there once, and every rule that is named is there."""
    grammar = decision.grammar((WEATHER, FIND, LIGHT), "none", must_call=False)
    rules = dict(line.split(" ::= ", 1) for line in grammar.splitlines())
    assert len(rules) == len(grammar.splitlines())
    assert rules["call"] == '"get_weather(" f0-root ")" | "find_customer(" f1-root ")" | "turn_off_light(" f2-root ")"'
    assert [{name.split("-")[0] for name in re.findall(r"f\d-\w+", rules[f"f{n}-root"])} for n in range(3)] == [
        {f"f{n}"} for n in range(3)
    ]
    assert set(re.findall(r"f\d-[\w-]+", grammar)) <= set(rules)


def test_a_decision_has_so_many_calls_at_most() -> None:
    """The first, and as many behind it as make the limit; a remark before them has a limit too."""
    first = decision.grammar((WEATHER,), "none", must_call=True).splitlines()[0]
    assert first.endswith(f'"\\x0A" call ("\\x0A" call){{0,{decision.MOST_CALLS - 1}}}')
    assert f"{{1,{decision.LONGEST_REMARK}}}" in first


def test_a_call_is_not_made_again() -> None:
    """The same arguments in another order are the same call."""
    before = [("f", {"a": 1, "b": 2})]
    calls = [Call("f", '{"b": 2, "a": 1}'), Call("f", '{"a": 1}'), Call("f", '{"a": 1}'), Call("g", "{}")]
    assert decision.new(calls, before) == [Call("f", '{"a": 1}'), Call("g", "{}")]


def test_a_long_text_loses_its_middle() -> None:
    """A decision is made by the beginning and the end of a long message."""
    said = decision.asked(request("m", "start " + "word " * 10_000 + "end", functions=(FIND,)))
    assert said.startswith("start word")
    assert said.endswith("word end")
    assert len(said) < decision.LONGEST_NOW + 10


def test_months_that_the_model_mixes_up_are_told_in_english() -> None:
    """Only in dates: such a word may also be a name."""
    said = "Od 10 Lipca do 2. sierpnia 2026 u pani Maja, 3 maja"
    asked = decision.asked(request("m", said, functions=(WEATHER,)))
    assert asked == "Od 10 Lipca (July) do 2. sierpnia (August) 2026 u pani Maja, 3 maja (May)"
