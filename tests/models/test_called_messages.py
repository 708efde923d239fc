"""Calls and their results in the words of the chat-completions protocol."""

import msgspec
import pytest

from interplay.models.chat.messages import Called, Message, ToolCall, joined, messages
from interplay.models.results import NOT_YET
from interplay.wire import Step, ThoughtStep
from tests.models.asking import model, request
from tests.models.calling import called, returned


def call(number: int, city: str, name: str = "get_weather") -> ToolCall:
    """A call as it is sent."""
    return ToolCall(f"call{number:05}", Called(name, f'{{"city":"{city}"}}'))


def tool(number: int, content: str) -> Message:
    """A result as it is sent."""
    return Message("tool", content, tool_call_id=f"call{number:05}")


def assistant(content: str, *calls: ToolCall) -> Message:
    """What the model said and called."""
    return Message("assistant", content, tool_calls=calls)


def sent(*steps: Step | str) -> list[Message]:
    """The conversation as it is sent."""
    return messages(request("m", *steps))


def test_a_call_and_its_result() -> None:
    """An assistant message with the call, a tool message right behind it; thoughts in between do no harm."""
    assert sent("Weather?", ThoughtStep(), called("a", city="Paris"), ThoughtStep(), returned("a", "12 degrees")) == [
        Message("user", "Weather?"),
        assistant("", call(1, "Paris")),
        tool(1, "12 degrees"),
    ]


def test_a_call_on_the_wire() -> None:
    """As JSON; a plain message has the plain fields only."""
    chat = msgspec.json.decode(msgspec.json.encode(sent("Weather?", called("a", city="Paris"), returned("a", "cold"))))
    assert chat == [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "call00001",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
                }
            ],
        },
        {"role": "tool", "content": "cold", "tool_call_id": "call00001"},
    ]


def test_calls_that_follow_each_other_are_one_message() -> None:
    """With the text around them; results stand in the order of the calls, in whatever order they came."""
    steps = (model("Let me see."), called("a", city="Paris"), called("b", city="Oslo"), model("Wait."))
    assert sent("Weather?", *steps, returned("b", "snow"), returned("a", "sun"), "And now?") == [
        Message("user", "Weather?"),
        assistant("Let me see.\n\nWait.", call(1, "Paris"), call(2, "Oslo")),
        tool(1, "sun"),
        tool(2, "snow"),
        Message("user", "And now?"),
    ]


def test_a_call_after_a_result_is_another_message() -> None:
    """The model saw the result before it called again."""
    steps = (called("a", city="Paris"), returned("a", "sun"), called("b", city="Oslo"), returned("b", "snow"))
    assert sent("Weather?", *steps, model("Sun and snow.")) == [
        Message("user", "Weather?"),
        assistant("", call(1, "Paris")),
        tool(1, "sun"),
        assistant("", call(2, "Oslo")),
        tool(2, "snow"),
        assistant("Sun and snow."),
    ]


def test_a_call_without_a_result_is_answered() -> None:
    """Servers refuse a call that nothing answers, whether it is the last word or not."""
    assert sent("Weather?", called("a", city="Paris"), "Never mind.") == [
        Message("user", "Weather?"),
        assistant("", call(1, "Paris")),
        tool(1, NOT_YET),
        Message("user", "Never mind."),
    ]
    assert sent("Weather?", called("a", city="Paris"))[-1] == tool(1, NOT_YET)


def test_a_result_behind_words_of_the_user_stands_in_its_place() -> None:
    """The model has said nothing since the call, so all of it is new to the model."""
    assert sent("Weather?", called("a", city="Paris"), "Here it is:", returned("a", "sun")) == [
        Message("user", "Weather?"),
        assistant("", call(1, "Paris")),
        tool(1, "sun"),
        Message("user", "Here it is:"),
    ]


@pytest.mark.parametrize("since", [(model("I wait."),), (called("b", city="Oslo"), returned("b", "snow"))])
def test_a_result_that_the_model_went_on_without_is_said_twice(since: tuple[Step, ...]) -> None:
    """Behind its call, where the protocol wants it, and where it came, so that the newest is also the last."""
    chat = sent("Weather?", called("a", city="Paris"), "Hurry up.", *since, returned("a", "sun"))
    assert chat[2] == tool(1, "sun")
    assert chat[-1] == Message("user", 'The result of get_weather({"city":"Paris"}) has come only now: sun')


def test_ids_that_repeat_are_told_apart() -> None:
    """A client that counts its calls anew in every turn gets each result behind its own call."""
    steps = (called("1", city="Paris"), returned("1", "sun"), "Oslo?", called("1", city="Oslo"), returned("1", "snow"))
    assert [message for message in sent("Weather?", *steps) if message.role == "tool"] == [
        tool(1, "sun"),
        tool(2, "snow"),
    ]


def test_a_result_whose_call_was_deleted_is_the_users() -> None:
    """Turns can be deleted; a tool message without its call would be refused."""
    assert sent("Weather?", returned("a", "sun")) == [
        Message("user", "Weather?\n\nThe result of get_weather: sun"),
    ]


TEXT = {"type": "text", "text": "12 degrees"}


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("12 degrees", "12 degrees"),
        ("", ""),
        ([TEXT, TEXT], "12 degrees\n12 degrees"),
        ([], ""),
        ({"content": [TEXT]}, "12 degrees"),
        ({"content": [TEXT], "isError": False}, "12 degrees"),
        ({"content": [TEXT], "isError": True}, "Error: 12 degrees"),
        ({"result": [TEXT]}, "12 degrees"),
        ({"result": "sunny"}, '{"result":"sunny"}'),
        ({"result": [1, 2]}, '{"result":[1,2]}'),
        ({"result": [TEXT], "unit": "C"}, '{"result":[{"type":"text","text":"12 degrees"}],"unit":"C"}'),
        ({"degrees": 12.5, "wind": {"from": "Südost"}}, '{"degrees":12.5,"wind":{"from":"Südost"}}'),
        ({}, "{}"),
        ([{"type": "function", "name": "f"}], '{"type":"function","name":"f"}'),
    ],
)
def test_the_text_of_a_result(result: object, text: str) -> None:
    """Text as it is, blocks joined, wrappers taken off, any other object as JSON."""
    assert sent("Weather?", called("a"), returned("a", result))[-1] == tool(1, text)


@pytest.mark.parametrize(
    ("result", "text"), [("no such city", "Error: no such city"), ({"code": 404}, 'Error: {"code":404}')]
)
def test_a_failed_function_says_so(result: object, text: str) -> None:
    """The model must not take an error for an answer."""
    assert sent("Weather?", called("a"), returned("a", result, is_error=True))[-1] == tool(1, text)


def test_numbers_of_a_result_keep_their_digits() -> None:
    """What goes to the model is what the client's function returned."""
    raw = msgspec.Raw(b'{"pi": 3.141592653589793238462643}')
    step = msgspec.structs.replace(returned("a", ""), result=raw)
    assert sent("Pi?", called("a"), step)[-1].content == '{"pi":3.141592653589793238462643}'


def test_what_is_added_to_a_chat_keeps_its_turns() -> None:
    """The user does not speak twice in a row; tool messages may."""
    chat = [Message("user", "a")]
    more = [Message("user", "b"), tool(1, "c"), tool(2, "d"), Message("user", "e")]
    assert joined(chat, more) == [Message("user", "a\n\nb"), *more[1:]]
    assert chat == [Message("user", "a")]
