"""Calls in text, in every format, and what is shown of the text, however it is cut."""

import time
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interplay.models.base import Call, Stop
from interplay.models.chat.call_screen import CallScreen
from interplay.models.chat.called import typed
from interplay.models.chat.called.formats import MARKERS
from interplay.models.chat.called.harmony import HARMONY
from interplay.models.chat.called_text import calls_in, unopened_call
from interplay.models.chat.tool_calls import Wanted
from tests.models.asking import text as text_of
from tests.models.calling import WEATHER as DECLARED
from tests.models.calling import calls as calls_of
from tests.models.calling import function
from tests.models.sloppy_server import BARE, TAGGED, said
from tests.models.test_calls import WAYS, WEATHER, asked
from tests.models.written_calls import ALL, CLOSED, JSON

FRAGMENTS = ("<", "[", "{", "```json\n", "```\n", "```", " ", "a", "\n", "`", "<think>", "</think>", BARE, TAGGED)
OFFERED = {"get_weather": DECLARED}
MEANT = [{"city": "Paris", "days": 2}]


def cut(text: str, *places: int) -> CallScreen:
    """A screen that the text has passed through in parts; what it has shown is all but what it holds."""
    screen = CallScreen()
    shown = "".join(screen.take(text[start:end]) for start, end in pairwise([0, *places, len(text)]))
    assert shown + screen.held == text
    return screen


def arguments(calls: list[Wanted]) -> list[Any]:
    """What `get_weather` is called with."""
    assert {call.name.removeprefix("functions.") for call in calls} <= {"get_weather"}
    return [msgspec.json.decode(call.arguments) for call in calls]


@given(pieces=st.lists(st.sampled_from(FRAGMENTS + MARKERS + tuple(ALL.values()))), cuts=st.sets(st.integers(1, 200)))
def test_nothing_is_lost_and_no_call_is_shown(pieces: list[str], cuts: set[int]) -> None:
    """What is shown and what is held are the text; the calls are those of the whole text, and none is on show."""
    text = "".join(pieces)
    screen = cut(text, *sorted(place for place in cuts if place < len(text)))
    shown = len(text) - len(screen.held)
    calls, _ = calls_in(text, OFFERED)
    assert calls_in(text, OFFERED, shown)[0] == calls
    if not calls:
        assert calls_in(text, OFFERED, shown) == ([], screen.held)


@pytest.mark.parametrize("format", ALL)
def test_a_call_is_read_in_every_format(format: str) -> None:
    """Alone, behind text, and wherever the stream is cut: nothing of it is shown, and all that is not is."""
    assert arguments(calls_in(ALL[format], OFFERED)[0]) == MEANT
    text = f"One moment.\n\n{ALL[format]}"
    for place in range(len(text) + 1):
        screen = cut(text, *([place] if 0 < place < len(text) else []))
        calls, rest = calls_in(text, OFFERED, len(text) - len(screen.held))
        assert arguments(calls) == MEANT
        assert text.removesuffix(screen.held).strip() + rest == "One moment."
    assert text.removesuffix(cut(text, *range(1, len(text))).held) == "One moment.\n\n"


@WAYS
@pytest.mark.parametrize("format", ALL)
async def test_a_call_in_any_format_is_made(format: str, incremental: bool) -> None:
    """From the upstream's text to the call; it is asked once."""
    pieces, bodies = await asked(said(f"One moment.\n{ALL[format]}"), WEATHER, incremental=incremental)
    assert [msgspec.json.decode(call.arguments) for call in calls_of(pieces)] == MEANT
    assert text_of(pieces).strip() == "One moment."
    assert len(bodies) == 1


@pytest.mark.parametrize("format", CLOSED)
def test_two_calls_in_one_format_are_two(format: str) -> None:
    """One behind the other, with text between them or without."""
    for between in ("", "\n", "\nAnd:\n"):
        calls, around = calls_in(f"{ALL[format]}{between}{ALL[format].replace('Paris', 'Oslo')}", OFFERED)
        assert [call["city"] for call in arguments(calls)] == ["Paris", "Oslo"]
        assert around == between.strip()


@pytest.mark.parametrize(
    "text",
    [
        f"<|python_tag|>{BARE}; {BARE}",
        "```tool_code\nget_weather('Paris')\nget_weather('Paris')\n```",
        "<｜tool▁calls▁begin｜>" + f"<｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{JSON}<｜tool▁call▁end｜>" * 2,
        f"[TOOL_CALLS]get_weather[ARGS]{JSON}" * 2,
    ],
)
def test_several_calls_in_one_section(text: str) -> None:
    """Each format has its own way to say more than one."""
    assert len(arguments(calls_in(text, OFFERED)[0])) == 2


MANY = {
    "python tag, JSON": "<|python_tag|>" + ";".join([BARE] * 513),
    "python tag, Python": "<|python_tag|>" + "\n".join(["get_weather.call(city='Paris')"] * 513),
    "Gemma": "```tool_code\n" + "get_weather('Paris')\n" * 513 + "```",
    "Mistral": f"[TOOL_CALLS][{','.join([BARE] * 513)}]",
    "Mistral's newer": f"[TOOL_CALLS]get_weather[ARGS]{JSON}" * 513,
    "DeepSeek": "<｜tool▁calls▁begin｜>"
    + f"<｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{JSON}<｜tool▁call▁end｜>" * 513
    + "<｜tool▁calls▁end｜>",
    "GLM": "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Paris</arg_value></tool_call>" * 513,
    "Qwen3-Coder": "<function=get_weather><parameter=city>Paris</parameter></function>\n" * 513,
    "MiniMax": "<minimax:tool_call>"
    + '<invoke name="get_weather"><parameter name="city">Paris</parameter></invoke>' * 513
    + "</minimax:tool_call>",
}


@pytest.mark.parametrize("format", MANY)
def test_very_many_calls_are_seen_to_be_too_many(format: str) -> None:
    """One more than may be made is read in any format, so that there is no answer with the first of them only."""
    assert len(calls_in(MANY[format], OFFERED)[0]) == 513


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("<function=ping>\nand then the arguments", "ping"),
        ("<tool_call>\n<function=ping>\nand then the arguments", "ping"),
        ("<minimax:tool_call>\nas I said", "ping"),
        ("<|python_tag|>as I said", "ping"),
        ("<|channel|>commentary to=functions.ping and so on", "ping"),
    ],
)
def test_a_head_that_no_arguments_follow_is_text(text: str, function: str) -> None:
    """It goes on in another way than a call does."""
    assert calls_in(text, {function: {}}) == ([], text)


@pytest.mark.parametrize(
    "inside",
    [
        '{"name": " get_weather\\n", "arguments": {"city": "Paris", "days": 2}}',
        '{"function": "get_weather", "parameters": {"city": "Paris", "days": 2}}',
        '{"function": {"name": "get_weather", "arguments": {"city": "Paris", "days": 2}}}',
        '{"type": "function", "function": {"name": "get_weather", "parameters": {"city": "Paris", "days": 2}}}',
        '[{"name": "get_weather", "arguments": {"city": "Paris", "days": 2}}]',
        '{"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\", \\"days\\": 2}"}',
        '```json\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 2}}\n```',
    ],
)
def test_every_way_to_write_a_call_as_json_is_read(inside: str) -> None:
    """By either word for its name and for its arguments, in a list, and inside of another object."""
    assert arguments(calls_in(f"<tool_call>{inside}</tool_call>", OFFERED)[0]) == MEANT


@pytest.mark.parametrize("inside", ["5", "{}", '{"name": 5, "arguments": {}}', '{"arguments": {}}', '{"function": {}}'])
def test_json_between_tags_that_is_no_call_has_no_name(inside: str) -> None:
    """The model meant to call and did it wrong, so that it is to hear of it."""
    calls, around = calls_in(f"<tool_call>[{inside}]</tool_call>", OFFERED)
    assert ([call.name for call in calls], around) == ([""], "")
    assert msgspec.json.decode(calls[0].arguments) == msgspec.json.decode(inside)


@pytest.mark.parametrize(("more", "calls"), [(0, 1), (1, 0)])
def test_python_is_read_up_to_a_length(more: int, calls: int) -> None:
    """Parsing it takes far more than reading JSON does; behind that it is text."""
    code = "\nget_weather(city='')"
    code = code.replace("''", f"'{'x' * (2**16 - len(code) + more)}'")
    assert len(calls_in(f"```tool_code{code}\n```", OFFERED)[0]) == calls
    assert len(calls_in(f"<|python_tag|>{code}<|eom_id|>", OFFERED)[0]) == calls


@WAYS
@pytest.mark.parametrize("format", ALL)
@pytest.mark.parametrize(
    "around",
    [
        "It writes `{}` then.",
        'It writes "{}" then.',
        "So:\n\n```xml\n{}\n```\n\nThen it waits.",
        "I see.\n<think>{}</think>",
    ],
)
async def test_a_quoted_call_is_text(around: str, format: str, incremental: bool) -> None:
    """In quotes on a line, in a fence that is not the whole answer, and in thoughts, in every format."""
    quoted = around.replace("{}", CLOSED.get(format, ALL[format] + "<|eom_id|>").replace("\n```", " ```"))
    if "\n" in quoted and around.startswith("It"):
        quoted = quoted.replace("\n", " ")
    pieces, bodies = await asked(said(quoted), WEATHER, incremental=incremental)
    assert text_of(pieces) == quoted
    assert calls_of(pieces) == []
    assert len(bodies) == 1


@pytest.mark.parametrize("format", ALL)
def test_calls_of_other_functions_beside_text_are_text(format: str) -> None:
    """Only what is on offer can be meant."""
    text = f"It calls like this:\n{ALL[format]}"
    assert calls_in(text, {"ping": {}}) == ([], text)


@pytest.mark.parametrize("format", CLOSED)
def test_half_a_call_is_not_shown(format: str) -> None:
    """An answer that was cut anywhere in a call is shown up to the call; one that was cut behind it is all shown."""
    text = f"One moment.\n\n{ALL[format]}"
    begins = len("One moment.\n\n")
    marker = next(marker for marker in MARKERS if ALL[format].startswith(marker))
    for end in range(begins + len(marker), len(text) + 1):
        kept = unopened_call(text[:end], OFFERED)
        assert calls_in(kept, OFFERED)[1].strip() == "One moment.", text[begins:end]


@pytest.mark.parametrize("marker", MARKERS)
def test_a_marker_that_is_spoken_of_is_text(marker: str) -> None:
    """Nothing behind it is a call."""
    for text in (f"I write {marker} now.", f"I write `{marker}`.", marker, f"{marker} is a marker, {{}}."):
        assert calls_in(text, OFFERED) == ([], text)
    calls, around = calls_in(f"I use {marker} now:\n{TAGGED}", OFFERED)
    assert [call.name for call in calls] == ["get_weather"]
    assert around == f"I use {marker} now:"


@WAYS
@pytest.mark.parametrize("fence", ["```\n{}\n```", "```xml\n{}\n```", " ```json\n{}```\n"])
async def test_a_fence_that_is_the_whole_answer_quotes_nothing(fence: str, incremental: bool) -> None:
    """The model can have meant nothing else."""
    for format in ("Hermes", "Qwen3-Coder", "GLM", "harmony"):
        pieces, _ = await asked(said(fence.replace("{}", ALL[format])), WEATHER, incremental=incremental)
        assert [msgspec.json.decode(call.arguments) for call in calls_of(pieces)] == MEANT
        assert text_of(pieces) == ""


TYPED = {
    "text": ({"type": "string"}, "12", "12"),
    "lines": ({"type": "string"}, "\n  a\nb \n", "  a\nb "),
    "a tag": ({"type": "string"}, "<b>\\n</b>", "<b>\\n</b>"),
    "a number": ({"type": "number"}, "\n1.5\n", 1.5),
    "a truth": ({"type": "boolean"}, "True", True),
    "an object": ({"type": "object"}, '{"a": [1]}', {"a": [1]}),
    "a list": ({"type": ["array", "null"], "items": {}}, "[1]", [1]),
    "nothing": ({"type": ["string", "null"]}, "null", None),
    "nothing, nullable": ({"type": "STRING", "nullable": True}, "None", None),
    "a word": ({"enum": ["12", "13"]}, "12", "12"),
    "one of": ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "12", 12),
    "a reference": ({"$ref": "#/$defs/count"}, "12", 12),
    "anything": ({}, "12", "12"),
    "any object": ({}, '{"a": 1}', {"a": 1}),
    "nonsense": ({"type": "integer"}, "twelve", "twelve"),
    "half a character": ({"type": "array"}, r'["\ud83d"]', ["\ufffd"]),
}


@pytest.mark.parametrize("kind", TYPED)
def test_values_in_tags_have_the_types_of_the_schema(kind: str) -> None:
    """What is text on its way is what the function takes, in each format that has tags for values."""
    schema, written, meant = TYPED[kind]
    functions: dict[str, dict[str, Any]] = {
        "f": {"type": "object", "properties": {"x": schema}, "$defs": {"count": {"type": "integer"}}}
    }
    for text in (
        f"<tool_call>\n<function=f>\n<parameter=x>{written}</parameter>\n</function>\n</tool_call>",
        f"<tool_call>f\n<arg_key>x</arg_key>\n<arg_value>{written}</arg_value>\n</tool_call>",
        f'<minimax:tool_call><invoke name="f"><parameter name="x">{written}</parameter></invoke></minimax:tool_call>',
    ):
        (call,), _ = calls_in(text, functions)
        assert msgspec.json.decode(call.arguments) == {"x": meant}


@WAYS
@pytest.mark.parametrize(
    "ping",
    [
        "<tool_call>\n<function=ping>\n</function>\n</tool_call>",
        "<tool_call>ping\n</tool_call>",
        "<tool_call>ping</tool_call>",
        "<|python_tag|>ping()",
        "```tool_code\nping()\n```",
        "<|channel|>commentary to=functions.ping<|message|>{}<|call|>",
        "[TOOL_CALLS]ping[ARGS]{}",
    ],
)
async def test_a_call_without_arguments(ping: str, incremental: bool) -> None:
    """Each format has a way to say that there are none."""
    pieces, _ = await asked(said(ping), function("ping", {}), WEATHER, incremental=incremental)
    assert pieces[0] == Call("ping", "{}")
    assert pieces[-1] == Stop("stop")


@pytest.mark.parametrize(
    "python",
    [
        "print(1 + 1)",
        "import os",
        "get_weather(city=open('/etc/passwd').read())",
        "get_weather(city=__import__('os').name)",
        "get_weather(**{'city': 'Paris'})",
        "get_weather('Paris', 2, 3)",
        "ping()",
        "get_weather(",
        "(" * 1000,
        "-" * 60_000 + "1",
        "get_weather(" * 900 + ")" * 900,
    ],
)
def test_python_that_is_no_call_on_offer_is_text(python: str) -> None:
    """It is read, never run; what is too involved is no call either."""
    text = f"```tool_code\n{python}\n```"
    assert calls_in(text, OFFERED) == ([], text)


HOSTILE = [
    *MARKERS,
    "```\n",
    "<think>",
    "`<tool_call>{}</tool_call>",
    "<tool_call>[1,",
    "<tool_call>{{",
    "<tool_call>\n<function=f>",
    "<function=f><parameter=x>",
    "<tool_call>f<arg_key>x</arg_key><arg_value>",
    "<|channel|>commentary to=f<|message|>{",
    "<｜tool▁call▁begin｜>f<｜tool▁sep｜>[",
    "[TOOL_CALLS]f{",
    '<tool_call>"',
    "<|python_tag|>get_weather(",
    "```tool_code\nget_weather(",
    " " * 99 + "<",
]


@pytest.mark.parametrize("again", HOSTILE)
def test_a_text_that_repeats_itself_takes_no_more_than_its_length(again: str) -> None:
    """Four times the text takes about four times as long, not sixteen; whole or in parts."""
    took = []
    for size in (2**16, 2**18):
        text = again * (size // len(again))
        began = time.process_time()
        screen = CallScreen()
        for place in range(0, size, 2**12):
            screen.take(text[place : place + 2**12])
        calls_in(unopened_call(text, OFFERED), OFFERED)
        took.append(time.process_time() - began)
    assert took[1] < 10 * took[0] + 0.5


@pytest.mark.parametrize("indent", ["", " ", "  ", "   "])
def test_a_call_in_a_fence_inside_a_list_is_quoted(indent: str) -> None:
    """A fence ends as far in as it begins."""
    text = f"1. Write\n\n{indent}```xml\n{indent}{TAGGED}\n{indent}```\n\nand wait."
    assert calls_in(text, OFFERED) == ([], text)


def test_code_that_speaks_of_fences_is_parsed_once() -> None:
    """A fence begins on a line of its own; in the middle of one it is no other place to begin at."""
    hostile = (
        "```tool_code get_weather(city='x'),0\n" + "x+x+x #```tool_code get_weather(city='x'),0\n" * 1500 + "\n```"
    )
    began = time.process_time()
    calls_in(hostile, OFFERED)
    assert time.process_time() - began < 2


def test_a_text_that_is_far_too_long_for_calls_is_text() -> None:
    """A call in it is not looked for."""
    text = TAGGED + "x" * 2**20
    assert calls_in(text, OFFERED) == ([], text)


def test_types_that_many_parts_share_are_looked_at_once() -> None:
    """Each of eight definitions refers thirty times to the next: 30 to the seventh ways lead to one integer."""
    chain = {f"a{at}": {"allOf": [{"$ref": f"#/$defs/a{at + 1}"}] * 30} for at in range(7)}
    declared = {"properties": {"days": {"$ref": "#/$defs/a0"}}, "$defs": chain | {"a7": {"type": "integer"}}}
    assert typed.arguments([("days", "1")], declared) == '{"days":1}'


def test_types_that_refer_to_themselves_are_none() -> None:
    """A text stays text where nothing says what it is."""
    declared = {"properties": {"days": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}}
    assert typed.arguments([("days", "1")], declared) == '{"days":"1"}'


@pytest.mark.parametrize(
    "quoted",
    [
        "````\n```xml\nCALL\n```\n````",
        "~~~\nCALL\n~~~",
        "> CALL",
        "<code>CALL</code>",
        "<pre>\nCALL\n</pre>",
        "<!-- CALL -->",
        "“CALL”",
        "„CALL”",
        "«CALL»",
        "` CALL `",
        "[THINK]maybe CALL[/THINK]",
        "<seed:think>maybe CALL</seed:think>",
        "<thought>maybe CALL</thought>",
        "<|channel|>analysis<|message|>maybe CALL<|end|>",
    ],
)
def test_a_call_that_is_only_spoken_of_is_text(quoted: str) -> None:
    """In code, in somebody else's words, in quotes of any language, and in thoughts behind other text."""
    text = f"One would write\n{quoted.replace('CALL', TAGGED)}\nand wait."
    assert calls_in(text, OFFERED) == ([], text)
    bare = f"One would write\n{TAGGED}\nand wait."
    assert calls_in(bare, OFFERED)[0]


HEADS = ("<|channel|>commentary to={}", "<|channel|>analysis to={} ", "<|start|>assistant to={} <|channel|>commentary ")
"""How calls of gpt-oss begin."""


@pytest.mark.parametrize("head", HEADS)
def test_a_marker_takes_no_longer_than_what_stands_behind_it(head: str) -> None:
    """A long name is not tried in all its lengths."""
    took = []
    for name in ("f", "f" * 256):
        text = head.format(name) + " " * 9 + "b" * 20 + "?"
        began = time.process_time()
        for _ in range(2000):
            assert HARMONY.head.match(text) is None
        took.append(time.process_time() - began)
    assert took[1] < 10 * took[0] + 0.05


@pytest.mark.parametrize("cut", [True, False])
def test_no_call_is_looked_for_in_a_text_without_end(cut: bool) -> None:
    """Whether it was cut or not: it is text as it is."""
    text = "a" * 2**20 + TAGGED
    assert (unopened_call(text, {"get_weather": {}}) if cut else calls_in(text, {"get_weather": {}})[1]) == text
