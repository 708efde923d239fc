"""What a client sends again is told from what is new, by what it is and not by how it is written."""

from typing import Any

import msgspec
import pytest

from interplay import wire
from interplay.engine.history import history
from interplay.engine.repeats import difference, fresh, same
from interplay.wire.decode_input import sent_steps

ASKED = {"type": "user_input", "content": "Weather?"}
THOUGHT = {"type": "thought", "signature": "AAAA"}
SAYS = {"type": "model_output", "content": [{"type": "text", "text": "I look."}]}
CALL = {"type": "function_call", "id": "c1", "name": "f", "arguments": {"a": 1, "b": {"c": [True, None]}}}
RESULT = {"type": "function_result", "call_id": "c1", "result": {"degrees": 7}}
NEXT = {"type": "user_input", "content": "And now?"}


def steps(*values: dict[str, Any]) -> tuple[wire.Step, ...]:
    """Steps as a conversation holds them."""
    return tuple(sent.step for sent in sent_steps(msgspec.Raw(msgspec.json.encode(values))))


def left(past: tuple[wire.Step, ...], *values: dict[str, Any]) -> list[str]:
    """Where the steps stand that are new to the conversation."""
    return [sent.where for sent in fresh(past, sent_steps(msgspec.Raw(msgspec.json.encode(values))))]


PAST = steps(ASKED, THOUGHT, SAYS, CALL)


@pytest.mark.parametrize(
    ("sent", "new"),
    [
        ([CALL, RESULT], ["input[1]"]),
        ([{**CALL, "arguments": {"b": {"c": [True, None]}, "a": 1.0}}, RESULT], ["input[1]"]),
        ([THOUGHT, SAYS, CALL, RESULT], ["input[3]"]),
        ([{"type": "thought"}, SAYS, CALL, RESULT], ["input[3]"]),
        (
            [CALL, {"type": "user_input", "content": [RESULT, {"type": "text", "text": "Please."}]}],
            ["input[1].content[0]", "input[1]"],
        ),
        ([THOUGHT, CALL], []),
    ],
)
def test_a_turn_that_is_sent_again_is_there_once(sent: list[dict[str, Any]], new: list[str]) -> None:
    """The call, the thought before it and what the model said beside it are those that the conversation has."""
    assert left(PAST, *sent) == new


@pytest.mark.parametrize(
    "changed",
    [
        {**CALL, "name": "g"},
        {**CALL, "arguments": {"a": 2, "b": {"c": [True, None]}}},
        {**CALL, "arguments": {"a": 1, "b": {"c": [1, None]}}},
        {**CALL, "id": "c2"},
    ],
)
def test_a_call_that_differs_is_another_one(changed: dict[str, Any]) -> None:
    """It is left in, to be refused or to be a call of its own."""
    assert left(PAST, changed, RESULT) == ["input[0]", "input[1]"]


def test_text_without_a_step_that_is_known_is_new() -> None:
    """The same words may be said twice, and other words beside a call are no repetition."""
    assert left(PAST, SAYS, NEXT) == ["input[0]", "input[1]"]
    other = {"type": "model_output", "content": [{"type": "text", "text": "Something else."}]}
    assert left(PAST, other, CALL, RESULT) == ["input[0]", "input[2]"]


def test_the_whole_conversation_is_there_once() -> None:
    """Everything from the beginning, thoughts or not, and what is new behind it; a part of it is no such thing."""
    said = {"type": "model_output", "content": [{"type": "text", "text": "Rain."}]}
    past = steps(ASKED, THOUGHT, said)
    assert left(past, ASKED, said, NEXT) == ["input[2]"]
    assert left(past, ASKED, THOUGHT, said, NEXT) == ["input[3]"]
    assert left(past, ASKED, said, ASKED) == ["input[2]"]
    assert left(past, ASKED, NEXT) == ["input[0]", "input[1]"]
    assert left(past, said, NEXT) == ["input[0]", "input[1]"]
    assert left(past, ASKED, SAYS, NEXT) == ["input[0]", "input[1]", "input[2]"]
    assert left(steps(ASKED), ASKED, said, NEXT) == ["input[0]", "input[1]", "input[2]"]


RAIN = {"type": "model_output", "content": [{"type": "text", "text": "Rain."}]}
IN_PARTS = {**SAYS, "content": [{"type": "text", "text": "I "}, {"type": "text", "text": "look."}]}


@pytest.mark.parametrize(
    ("place", "changed", "new"),
    [
        (0, ASKED, [5]),
        (1, IN_PARTS, [5]),
        (3, {**RESULT, "name": "f"}, [5]),
        (0, {**ASKED, "content": "Wether?"}, [0, 4, 5]),
        (1, {**SAYS, "content": [{"type": "text", "text": "I lo"}]}, [0, 1, 4, 5]),
        (2, {**CALL, "id": "c2"}, [0, 1, 2, 4, 5]),
        (2, {**CALL, "arguments": {}}, [0, 1, 2, 4, 5]),
        (3, {**RESULT, "call_id": "c2"}, [0, 3, 4, 5]),
        (3, {**RESULT, "result": "8"}, [0, 3, 4, 5]),
        (3, NEXT, [0, 3, 4, 5]),
    ],
)
def test_only_the_same_conversation_is_the_whole(place: int, changed: dict[str, Any], new: list[int]) -> None:
    """One step is another one, and what has no name of its own is new with it; how a text is cut is no difference."""
    said: list[dict[str, Any]] = [ASKED, SAYS, CALL, RESULT, RAIN]
    again = [*said[:place], changed, *said[place + 1 :]]
    assert left(steps(*said), *again, NEXT) == [f"input[{each}]" for each in new]


def test_a_part_of_the_conversation_is_new() -> None:
    """What was said may be said again; only all of it is what the server has already."""
    past = steps(ASKED, SAYS, NEXT, RAIN)
    assert left(past, ASKED, SAYS, NEXT, RAIN, NEXT) == ["input[4]"]
    assert left(past, ASKED, SAYS, NEXT) == ["input[0]", "input[1]", "input[2]"]
    assert left(past, NEXT, RAIN, NEXT) == ["input[0]", "input[1]", "input[2]"]


def test_what_differs_is_named() -> None:
    """The refusal of a changed call says its field."""
    changes: tuple[dict[str, Any], ...] = ({"name": "g", "arguments": {}}, {"arguments": {}}, {"id": "c2"})
    again = steps(CALL, *({**CALL, **change} for change in changes))
    call, *others = (step for step in again if isinstance(step, wire.FunctionCallStep))
    assert [difference(call, other) for other in others] == ["name", "arguments", None]


def test_a_result_that_is_sent_again_is_there_once() -> None:
    """A client that sends the whole exchange again adds nothing; another result for the same call is left in."""
    past = (*PAST, *steps(RESULT))
    assert left(past, CALL, RESULT, NEXT) == ["input[2]"]
    assert left((*PAST, *steps({**RESULT, "name": "g"})), {**RESULT, "name": "f"}) == ["input[0]"]
    assert left(past, CALL, {**RESULT, "name": "f", "is_error": False}, NEXT) == ["input[2]"]
    assert left(past, {**RESULT, "result": "8"}, NEXT) == ["input[0]", "input[1]"]
    assert left(past, {**RESULT, "is_error": True}, NEXT) == ["input[0]", "input[1]"]


def test_stored_turns_are_read_the_same_way() -> None:
    """The input is kept as it was sent, and the conversation that is loaded from it has everything once."""
    turns = [((ASKED,), (THOUGHT, CALL)), ((THOUGHT, CALL, RESULT), (SAYS,))]
    stored = [(msgspec.json.encode(sent), msgspec.json.encode({"steps": answer})) for sent, answer in turns]
    assert [step.__struct_config__.tag for step in history(stored)] == [
        *("user_input", "thought", "function_call", "function_result", "model_output")
    ]
    without_the_first = history(stored[1:])
    assert [step.__struct_config__.tag for step in without_the_first][:3] == [
        "thought",
        "function_call",
        "function_result",
    ]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], [2, 1], False),
        (1, 1.0, True),
        (1234567890123456789, 1234567890123456800, True),
        (10**400, 10**400, True),
        (10**400, 1.0, False),
        (2**1024, 2**1024 + 1, False),
        (2**1023 - 1, float(2**1023), True),
        (2**1023 + 1, float(2**1023), False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": 1, "b": 1}, False),
        ([1], [1, 2], False),
        ("a", "a", True),
        (1, True, False),
        (0, False, False),
        (None, False, False),
        ({"a": None}, {}, False),
        ("1", 1, False),
        ([], {}, False),
    ],
)
def test_values_are_compared_as_json(one: Any, other: Any, equal: bool) -> None:
    """Keys have no order, and numbers are those that a client in JavaScript can hold and send back."""
    assert same(one, other) is equal
    assert same({"x": [one]}, {"x": [other]}) is equal
