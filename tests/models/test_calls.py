"""Functions offered to upstreams that call them well, badly, or not at all."""

import re
from typing import Any

import msgspec
import pytest

from interplay.models.base import Call, Counts, Function, Piece, Stop, Text
from interplay.models.chat.limits import MOST_CALLS
from interplay.models.openai import OpenAIBackend
from interplay.wire import Step
from tests.models.asking import answer, failure, model, request, text
from tests.models.calling import called, calls, function, offering, returned
from tests.models.sloppy_server import (
    BARE,
    ONE_CALL,
    OSLO,
    PARIS,
    RIGHT,
    TAGGED,
    TWO_CALLS,
    TWO_FUNCTIONS,
    WRONG_CALL,
    Behaviour,
    Body,
    Refusal,
    Reply,
    beside,
    first,
    part,
    said,
    sloppy_server,
    streamed,
)

WEATHER = function(description="The weather in a city.")
PING = function("ping", {})
WAYS = pytest.mark.parametrize("incremental", [True, False])


async def asked(
    behaviour: Behaviour | Reply,
    *functions: Function,
    incremental: bool = True,
    must_call: bool = False,
    steps: tuple[Step | str, ...] = ("Weather?",),
) -> tuple[list[Piece], list[Body]]:
    """The pieces of an answer, and the bodies that were sent for it."""
    behaves = (lambda _: behaviour) if isinstance(behaviour, Reply) else behaviour
    async with sloppy_server(behaves) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        offered = offering(request("m", *steps, incremental=incremental), *functions, must_call=must_call)
        pieces = await answer(backend, offered)
        await backend.close()
    return pieces, server.bodies


def arguments(pieces: list[Piece]) -> list[Any]:
    """What `get_weather` is called with."""
    assert {call.name for call in calls(pieces)} <= {"get_weather"}
    return [msgspec.json.decode(call.arguments) for call in calls(pieces)]


@WAYS
@pytest.mark.parametrize("way", ONE_CALL)
async def test_a_call_is_understood_however_it_is_sent(way: str, incremental: bool) -> None:
    """One call, whole, before the counts; the upstream is asked once, and no tag is shown as text."""
    pieces, bodies = await asked(ONE_CALL[way], WEATHER, PING, incremental=incremental)
    call, counts, stop = pieces
    assert isinstance(call, Call)
    assert arguments([call]) == [{"city": "Paris"}]
    assert counts == Counts(input=10, output=5)
    assert stop == Stop("stop")
    assert len(bodies) == 1


@WAYS
@pytest.mark.parametrize("way", TWO_CALLS)
async def test_two_calls_are_kept_apart(way: str, incremental: bool) -> None:
    """Whether by index, by id, by name, or because the first is whole; in the order they were made."""
    pieces, bodies = await asked(TWO_CALLS[way], WEATHER, incremental=incremental)
    assert arguments(pieces) == [{"city": "Paris"}, {"city": "Oslo"}]
    assert text(pieces) == ""
    assert len(bodies) == 1


@WAYS
@pytest.mark.parametrize("way", TWO_FUNCTIONS)
async def test_two_functions_are_kept_apart(way: str, incremental: bool) -> None:
    """Though the first takes no arguments, so that nothing says where it ends."""
    pieces, bodies = await asked(TWO_FUNCTIONS[way], WEATHER, PING, incremental=incremental)
    ping, weather = calls(pieces)
    assert ping == Call("ping", "{}")
    assert arguments([weather]) == [{"city": "Paris"}]
    assert len(bodies) == 1


@WAYS
@pytest.mark.parametrize("nothing", ["", "null", "{}", None])
async def test_two_calls_at_one_index_are_two(nothing: str | None, incremental: bool) -> None:
    """By their ids, though nothing else tells them apart."""
    reply = streamed(part("ping", nothing, index=0, id="a"), part("ping", nothing, index=0, id="b"))
    pieces, bodies = await asked(reply, PING, incremental=incremental)
    assert calls(pieces) == [Call("ping", "{}")] * 2
    assert len(bodies) == 1


@WAYS
@pytest.mark.parametrize("entry", [{}, part(), part("", ""), part("null", "null", index=0, id="a"), part(index=1)])
async def test_an_empty_entry_beside_text_is_nothing(entry: Body, incremental: bool) -> None:
    """What has neither a name nor arguments is no call, right or wrong; the calls in the text are."""
    pieces, bodies = await asked(beside("Sunny.", streamed(entry)), WEATHER, incremental=incremental)
    assert text(pieces) == "Sunny."
    assert pieces[-1] == Stop("stop")
    assert len(bodies) == 1
    pieces, _ = await asked(beside(TAGGED, streamed(entry)), WEATHER, incremental=incremental)
    assert arguments(pieces) == [{"city": "Paris"}]


async def test_an_empty_entry_is_no_empty_answer() -> None:
    """Where there is nothing else, it is asked for again."""
    pieces, bodies = await asked(first(streamed(part("", "", index=0)), RIGHT), WEATHER)
    assert arguments(pieces) == [{"city": "Paris"}]
    assert len(bodies) == 2


async def test_arguments_are_an_object() -> None:
    """Even for a function that declares nothing about them."""
    pieces, bodies = await asked(first(streamed(part("ping", "[1]")), streamed(part("ping", "{}"))), PING)
    assert calls(pieces) == [Call("ping", "{}")]
    assert len(bodies) == 2


@WAYS
@pytest.mark.parametrize("nothing", ["", "  ", "null", "{}", None])
async def test_a_function_without_parameters_needs_no_arguments(nothing: str | None, incremental: bool) -> None:
    """However the upstream writes that there are none."""
    pieces, _ = await asked(streamed(part("ping", nothing, index=0)), PING, WEATHER, incremental=incremental)
    assert calls(pieces) == [Call("ping", "{}")]


@WAYS
@pytest.mark.parametrize("way", WRONG_CALL)
async def test_a_wrong_call_is_made_again_after_a_complaint(way: str, incremental: bool) -> None:
    """The second answer counts; nothing of the first is shown, and the counts are those of both."""
    pieces, bodies = await asked(first(WRONG_CALL[way], RIGHT), WEATHER, incremental=incremental)
    assert pieces == [Call("get_weather", PARIS), Counts(input=20, output=10), Stop("stop")]
    assert len(bodies) == 2


@WAYS
@pytest.mark.parametrize("way", WRONG_CALL)
async def test_a_call_that_stays_wrong_fails_the_turn(way: str, incremental: bool) -> None:
    """After two complaints it is the upstream's fault."""
    pieces, bodies = await asked(WRONG_CALL[way], WEATHER, incremental=incremental)
    code, message = failure(pieces)
    assert code == "invalid_answer"
    assert "wrong 3 times" in message
    assert calls(pieces) == []
    assert pieces[-2] == Counts(input=30, output=15)
    assert len(bodies) == 3


async def test_a_complaint_stands_where_the_result_would() -> None:
    """The model sees its own call and, as the result, what is wrong with it; all earlier complaints too."""
    _, bodies = await asked(WRONG_CALL["one of two"], WEATHER)
    wrong, right_one, wrong_one = bodies[1]["messages"][1:]
    assert [call["function"]["arguments"] for call in wrong["tool_calls"]] == [OSLO, "{}"]
    assert [call["id"] for call in wrong["tool_calls"]] == [right_one["tool_call_id"], wrong_one["tool_call_id"]]
    assert "Repeat this call" in right_one["content"]
    assert '"city"' in wrong_one["content"]
    assert [message["role"] for message in bodies[2]["messages"]] == ["user", *["assistant", "tool", "tool"] * 2]
    ids = [call["id"] for message in bodies[2]["messages"] for call in message.get("tool_calls", ())]
    assert len(set(ids)) == 4


async def test_broken_arguments_are_sent_back_as_json() -> None:
    """Servers refuse a conversation that has other arguments in it; the model still sees what it wrote."""
    _, bodies = await asked(WRONG_CALL["truncated"], WEATHER)
    sent = bodies[1]["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert msgspec.json.decode(sent) == {"invalid_json": '{"city": "Par'}


@WAYS
async def test_text_and_calls_may_come_together(incremental: bool) -> None:
    """The text is shown first, though the protocol sends both."""
    pieces, _ = await asked(beside("Let me see.", RIGHT), WEATHER, incremental=incremental)
    assert text(pieces) == "Let me see."
    assert isinstance(pieces[0], Text)
    assert arguments(pieces) == [{"city": "Paris"}]


@WAYS
@pytest.mark.parametrize("reply", [beside("\n\n", RIGHT), said(f"\n\n{TAGGED}\n"), said(f" \n{BARE}")])
async def test_white_space_beside_a_call_is_no_text(reply: Reply, incremental: bool) -> None:
    """Many models write it between their thoughts and their calls."""
    pieces, _ = await asked(reply, WEATHER, incremental=incremental)
    assert [type(piece) for piece in pieces] == [Call, Counts, Stop]


@WAYS
async def test_white_space_before_text_is_kept(incremental: bool) -> None:
    """It may be the indent of the first line."""
    pieces, _ = await asked(said("    indented"), WEATHER, incremental=incremental)
    assert text(pieces) == "    indented"


async def test_text_streams_though_functions_are_offered() -> None:
    """An answer without calls grows as it does without functions."""
    pieces, _ = await asked(said("It is sunny in [Paris] today, a < b."), WEATHER)
    assert text(pieces) == "It is sunny in [Paris] today, a < b."
    assert sum(isinstance(piece, Text) for piece in pieces) > 5


@WAYS
async def test_text_beside_a_wrong_call_is_shown_once(incremental: bool) -> None:
    """What is on show stays; the second answer gives the calls only."""
    behaviour = first(beside("Let me see.", WRONG_CALL["truncated"]), beside("Let me look.", RIGHT))
    pieces, bodies = await asked(behaviour, WEATHER, incremental=incremental)
    assert text(pieces) == "Let me see."
    assert arguments(pieces) == [{"city": "Paris"}]
    assert bodies[1]["messages"][1]["content"] == "Let me see."


async def test_text_instead_of_a_second_call_is_added() -> None:
    """A model that gives up calling says why, and that is shown behind what is shown already."""
    pieces, _ = await asked(first(beside("Let me see.", WRONG_CALL["truncated"]), said("Which city?")), WEATHER)
    assert text(pieces) == "Let me see.\n\nWhich city?"
    assert pieces[-1] == Stop("stop")


@pytest.mark.parametrize("second", [said(""), said(" \n"), said("Let me lo", "length"), beside("So:", RIGHT)])
async def test_nothing_is_added_to_text_that_is_shown_but_text_that_is_an_answer(second: Reply) -> None:
    """Not an empty one, not one that was cut, and not what comes beside calls."""
    pieces, _ = await asked(first(beside("Let me see.", WRONG_CALL["truncated"]), second), WEATHER)
    assert text(pieces) == "Let me see."
    assert isinstance(pieces[-1], Stop)


async def test_text_of_a_second_answer_streams_if_nothing_was_shown() -> None:
    """A wrong call without text leaves nothing on show, so the next answer is as free as the first."""
    pieces, _ = await asked(first(WRONG_CALL["truncated"], said("Which city do you mean?")), WEATHER)
    assert text(pieces) == "Which city do you mean?"
    assert sum(isinstance(piece, Text) for piece in pieces) > 3


@WAYS
@pytest.mark.parametrize("about", ["The tag <tool_call> begins a call.", "I write <tool_call>", "1 < 2 [TOOL", "<"])
async def test_text_about_tags_is_text(about: str, incremental: bool) -> None:
    """Only a tag with a call behind it is one; what was held back is shown at the end."""
    pieces, bodies = await asked(said(about), WEATHER, incremental=incremental)
    assert text(pieces) == about
    assert calls(pieces) == []
    assert len(bodies) == 1


@WAYS
@pytest.mark.parametrize(
    "json",
    [
        '{"name": "Ada", "age": 36}',
        '{"name": "Ada", "arguments": {}}',
        '{"name": "get_weather", "description": "The weather."}',
        f"{BARE} is a call.",
        f"This is a call:\n```json\n{BARE}\n```",
        "```json\n[1, 2]\n```",
        "```python\nprint(1)\n```",
        '{"name": "get_wea',
        '[{"name": [',
        f"[{BARE}, 5]",
        '{"function": null}',
        '{"function": "arguments"}',
        "{}",
        "[",
    ],
)
async def test_json_that_is_no_call_is_text(json: str, incremental: bool) -> None:
    """Only a text that says nothing else, and names a function on offer and its arguments, is a call without tags."""
    pieces, bodies = await asked(said(json), WEATHER, incremental=incremental)
    assert text(pieces) == json
    assert calls(pieces) == []
    assert len(bodies) == 1


async def test_text_that_begins_like_a_call_streams_as_soon_as_it_is_none() -> None:
    """Code in a fence is not held to its end."""
    pieces, _ = await asked(said("```python\nprint('a long program')\n```"), WEATHER)
    assert sum(isinstance(piece, Text) for piece in pieces) > 5


@WAYS
async def test_text_around_tags_is_shown(incremental: bool) -> None:
    """Before and behind; the tags are not."""
    pieces, _ = await asked(said(f"One moment. {TAGGED} Done."), WEATHER, incremental=incremental)
    assert text(pieces).split() == ["One", "moment.", "Done."]
    assert arguments(pieces) == [{"city": "Paris"}]


@WAYS
@pytest.mark.parametrize(
    "quoted",
    [
        'Mistral writes [TOOL_CALLS] [{"name": "add", "arguments": {"a": 1}}] before it calls.',
        'Mistral writes `[TOOL_CALLS] [{"name": ..., "arguments": ...}]`.',
        'A call looks like this:\n\n```\n<tool_call>\n{"name": "add", "arguments": {}}\n</tool_call>\n```',
        '<tool_call>{"name": "get_weather", "arguments": ...}</tool_call> is how Qwen asks for the weather.',
        "Hermes: <tool_call>{}</tool_call>. Granite: <function_call>[]</function_call>.",
        "Qwen3-Coder writes <tool_call>\n<function=get_weather>\n</function>\n</tool_call>",
    ],
)
async def test_text_that_quotes_a_call_is_text(quoted: str, incremental: bool) -> None:
    """What stands in tags beside other text, and is no call of a function on offer, is shown with its tags."""
    pieces, bodies = await asked(said(quoted), WEATHER, incremental=incremental)
    assert text(pieces) == quoted
    assert calls(pieces) == []
    assert pieces[-1] == Stop("stop")
    assert len(bodies) == 1


async def test_text_that_quotes_a_call_is_none_where_one_must_come() -> None:
    """It is an answer in text, and complained of as one."""
    pieces, bodies = await asked(first(said("So: <tool_call>{}</tool_call>"), RIGHT), WEATHER, must_call=True)
    assert arguments(pieces) == [{"city": "Paris"}]
    assert "instead of answering in text" in bodies[1]["messages"][-1]["content"]


@pytest.mark.parametrize("way", WRONG_CALL)
async def test_no_call_is_sent_back_that_servers_would_refuse(way: str) -> None:
    """What has no name, or no possible one, is told in words; the model still sees what it wrote."""
    _, bodies = await asked(WRONG_CALL[way], WEATHER)
    again = bodies[1]["messages"][1:]
    names = [call["function"]["name"] for message in again for call in message.get("tool_calls", ())]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names)
    if not names:
        wrote, complaint = again
        assert wrote["role"] == "assistant"
        assert re.search("Paris|5", wrote["content"])
        assert "Call again" in complaint["content"]


async def test_a_wrong_call_in_tags_beside_a_right_one_is_complained_of() -> None:
    """Whoever calls in tags means the other tags too, whatever text stands around them."""
    wrong = said(f"So: {TAGGED} {TAGGED.replace('}}', ',}}')}")
    pieces, bodies = await asked(first(wrong, RIGHT), WEATHER)
    assert arguments(pieces) == [{"city": "Paris"}]
    assert text(pieces).strip() == "So:"
    assert len(bodies) == 2


@WAYS
@pytest.mark.parametrize(
    "many",
    [
        streamed(*(part("get_weather", PARIS, index=number, id=str(number)) for number in range(MOST_CALLS + 1))),
        streamed(part("get_weather", PARIS * (MOST_CALLS + 1), index=0)),
        said(TAGGED * (MOST_CALLS + 1)),
        said("\n".join([BARE] * (MOST_CALLS + 1))),
        said("<|python_tag|>" + "; ".join([BARE] * (MOST_CALLS + 1))),
    ],
    ids=["in parts", "glued together", "in tags", "as its only text", "in one section"],
)
async def test_a_model_that_calls_without_end_is_given_up(many: Reply, incremental: bool) -> None:
    """However the calls come; the failure names the limit, and the model is not asked to do it again."""
    pieces, bodies = await asked(many, WEATHER, incremental=incremental)
    code, message = failure(pieces)
    assert code == "invalid_answer"
    assert f"{MOST_CALLS} calls" in message
    assert calls(pieces) == []
    assert len(bodies) == 1


@WAYS
async def test_many_calls_are_not_too_many(incremental: bool) -> None:
    """As many as the limit are made, also when their parts come in turns."""
    numbers = range(MOST_CALLS)
    whole = [part("get_weather", PARIS, index=number, id=str(number)) for number in numbers]
    heads = [part("get_weather", '{"city":', index=number, id=str(number)) for number in numbers]
    rests = [part(arguments='"Paris"}', index=number) for number in numbers]
    pieces, _ = await asked(streamed(*heads, *rests, whole=whole), WEATHER, incremental=incremental)
    assert arguments(pieces) == [{"city": "Paris"}] * MOST_CALLS


@WAYS
async def test_tags_are_text_where_no_function_is_offered(incremental: bool) -> None:
    """A model that is asked about its own tags may show them."""
    pieces, _ = await asked(said(TAGGED), incremental=incremental)
    assert text(pieces) == TAGGED


@WAYS
async def test_a_function_must_be_called(incremental: bool) -> None:
    """Text alone is not shown but complained of; the call of the second answer is."""
    pieces, bodies = await asked(
        first(said("It is sunny."), beside("Let me see.", RIGHT)), WEATHER, must_call=True, incremental=incremental
    )
    assert text(pieces) == "Let me see."
    assert arguments(pieces) == [{"city": "Paris"}]
    assert bodies[0]["tool_choice"] == "required"
    assert "'get_weather'" in bodies[1]["messages"][-1]["content"]
    assert bodies[1]["messages"][-2] == {"role": "assistant", "content": "It is sunny."}


async def test_a_model_that_never_calls_fails_the_turn() -> None:
    """Where a function must be called, an answer in text is none, however often it comes."""
    pieces, bodies = await asked(said("It is sunny."), WEATHER, PING, must_call=True)
    code, message = failure(pieces)
    assert code == "invalid_answer"
    assert "one of 'get_weather', 'ping'" in message
    assert text(pieces) == ""
    assert len(bodies) == 3


@WAYS
@pytest.mark.parametrize(
    "reply",
    [
        streamed(part("get_weather", '{"city": "Par', index=0, id="a"), finish="length"),
        said(TAGGED[:40], finish="length"),
    ],
)
async def test_a_call_that_was_cut_is_neither_made_nor_complained_of(reply: Reply, incremental: bool) -> None:
    """The token limit ends the answer; the run is incomplete, not wrong."""
    pieces, bodies = await asked(reply, WEATHER, incremental=incremental)
    assert pieces == [Counts(input=10, output=5), Stop("length")]
    assert len(bodies) == 1


@WAYS
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (f"Let me see. {TAGGED[:40]}", "Let me see."),
        (f"Let me see. {TAGGED[:-8]}", "Let me see."),
        ("Let me see. [TOOL_CALLS] [", "Let me see."),
        ("Hermes writes <tool_call>{}</tool_call> to ca", "Hermes writes <tool_call>{}</tool_call> to ca"),
        ("Mistral writes [TOOL_CALLS] [] to ca", "Mistral writes [TOOL_CALLS] [] to ca"),
    ],
)
async def test_text_that_was_cut_is_shown_without_half_a_call(sent: str, shown: str, incremental: bool) -> None:
    """What stands before it is, and so are quoted calls that are whole."""
    pieces, _ = await asked(said(sent, "length"), WEATHER, incremental=incremental)
    assert text(pieces).strip() == shown
    assert pieces[-1] == Stop("length")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ('{"city": "Paris", "days": "5"}', {"city": "Paris", "days": 5}),
        ('{"city": "Paris", "days": null}', {"city": "Paris"}),
        ('{"city": 12345, "days": 5}', {"city": "12345", "days": 5}),
    ],
)
async def test_what_the_schema_makes_plain_is_not_complained_of(sent: str, meant: object) -> None:
    """A number in a string is the number where only a number can be meant."""
    pieces, bodies = await asked(streamed(part("get_weather", sent, index=0)), WEATHER)
    assert arguments(pieces) == [meant]
    assert len(bodies) == 1


async def test_functions_are_offered_as_they_were_declared() -> None:
    """The body has the tools and lets the model choose; how many at once is left to the upstream."""
    _, bodies = await asked(said("Hi"), WEATHER, PING)
    weather, ping = bodies[0]["tools"]
    assert weather == {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city.",
            "parameters": WEATHER.declared,
        },
    }
    assert ping == {
        "type": "function",
        "function": {"name": "ping", "parameters": {"type": "object", "properties": {}}},
    }
    assert bodies[0]["tool_choice"] == "auto"
    assert "parallel_tool_calls" not in bodies[0]


async def test_no_word_of_functions_where_there_are_none() -> None:
    """Upstreams refuse empty lists of tools."""
    _, bodies = await asked(said("Hi"))
    assert not {"tools", "tool_choice", "response_format"} & bodies[0].keys()


async def test_an_upstream_that_takes_no_tools_says_why() -> None:
    """Its own words reach the client."""
    pieces, bodies = await asked(lambda _: Refusal(400, "tools need --enable-auto-tool-choice"), WEATHER)
    code, message = failure(pieces)
    assert code == "invalid_request"
    assert "--enable-auto-tool-choice" in message
    assert len(bodies) == 1


@WAYS
async def test_an_uncalled_for_call_is_no_empty_answer(incremental: bool) -> None:
    """A model that calls though nothing is offered has failed, unless it also said something."""
    pieces, _ = await asked(RIGHT, incremental=incremental)
    assert failure(pieces)[0] == "invalid_answer"
    pieces, _ = await asked(beside("Sunny.", RIGHT), incremental=incremental)
    assert text(pieces) == "Sunny."
    assert pieces[-1] == Stop("stop")


async def test_a_habit_of_calling_is_complained_of() -> None:
    """With calls in the conversation and none on offer now, the model is told to answer in text."""
    steps = ("Weather?", called("1", city="Oslo"), returned("1", "snow"))
    pieces, bodies = await asked(first(RIGHT, said("Snow.")), steps=steps)
    assert text(pieces) == "Snow."
    assert "'get_weather'" in bodies[1]["messages"][-1]["content"]


async def test_an_answer_that_goes_on_is_not_complained_of() -> None:
    """It could not go on behind a complaint; a call instead of the rest is a failure."""
    steps = ("Weather?", called("1", city="Oslo"), returned("1", "snow"), model("It is sn"))
    async with sloppy_server(lambda body: said("owing.") if len(body["messages"]) == 4 else RIGHT) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        going_on = msgspec.structs.replace(request("m", *steps), continues=True)
        assert text(await answer(backend, going_on)) == "owing."
        server.behaviour = lambda _: RIGHT
        assert failure(await answer(backend, going_on))[0] == "invalid_answer"
        await backend.close()
    assert len(server.bodies) == 2
