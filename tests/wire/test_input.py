import json
from typing import Any

import msgspec
import pytest

from interplay import wire
from interplay.errors import Failure
from interplay.wire.decode import function_result, input_steps

from .samples import STEPS, Json

HELLO = wire.TextContent(text="Hello")
TEXT = {"type": "text", "text": ""}
USER = {"type": "user_input"}
RESULT: Json = {"type": "function_result", "call_id": "a"}
SAID = (wire.UserInputStep(content=(HELLO,)),)


def raw(value: Any) -> msgspec.Raw:
    """A value as the request holds it."""
    return msgspec.Raw(json.dumps(value).encode())


def refusal(value: Any) -> str:
    """The message of the Failure for this input."""
    with pytest.raises(Failure) as caught:
        input_steps(raw(value))
    assert caught.value.code == "invalid_request"
    return caught.value.message


@pytest.mark.parametrize(
    ("few", "many", "message"),
    [
        ([USER] * 50_000, [USER] * 50_001, "'input' has 50001 steps and content blocks"),
        ([TEXT] * 50_000, [TEXT] * 50_001, "'input' has 50001 steps and content blocks"),
        (
            [USER | {"content": [TEXT] * 49_999}],
            [USER | {"content": [TEXT] * 24_999}] * 2 + [USER],
            "'input' has 50001 steps and content blocks",
        ),
        (
            [RESULT | {"result": [TEXT] * 50_000}],
            [RESULT | {"result": [TEXT] * 50_001}],
            "'input[0].result' has 50001 items",
        ),
    ],
    ids=["steps", "blocks", "blocks in steps", "blocks of a result"],
)
def test_an_input_has_so_many_parts_and_no_more(few: Any, many: Any, message: str) -> None:
    """Fifty thousand; the refusal of more says how many there are."""
    assert input_steps(raw(few))
    assert refusal(many) == f"{message}: expected at most 50000."


@pytest.mark.parametrize("nothing", [None, wire.ABSENT, raw(None), raw([])])
def test_no_input_gives_no_steps(nothing: msgspec.Raw | None) -> None:
    """Absent, null and the empty list are the same."""
    assert input_steps(nothing) == ()


@pytest.mark.parametrize(
    "value",
    [
        "Hello",
        {"type": "text", "text": "Hello"},
        [{"type": "text", "text": "Hello"}],
        [{"type": "user_input", "content": "Hello"}],
        [{"type": "user_input", "content": [{"type": "text", "text": "Hello"}]}],
    ],
)
def test_all_shapes_of_content_become_one_step(value: Any) -> None:
    """Whatever shape the client chose, the steps are the same."""
    assert input_steps(raw(value)) == SAID


def test_list_of_content_is_one_turn() -> None:
    """Blocks stay together and in order."""
    (step,) = input_steps(raw([{"type": "text", "text": "Hello"}, {"type": "image", "data": "aGk="}]))
    assert step == wire.UserInputStep(content=(HELLO, wire.ImageContent(data="aGk=")))


def test_steps_stay_in_order() -> None:
    """A conversation comes out as it went in."""
    assert [msgspec.to_builtins(step)["type"] for step in _without_raw(input_steps(raw(list(STEPS))))] == [
        step["type"] for step in STEPS if step["type"] not in {"function_result", "mcp_server_tool_result"}
    ]


OURS = [step for step in STEPS if step["type"] not in {"user_input", "function_result"}]
"""Steps that the server gives out."""


@pytest.mark.parametrize("step", OURS, ids=lambda step: step["type"])
def test_replayed_step_may_have_unknown_fields(step: Json) -> None:
    """What an earlier answer held is taken back, also where it came from a newer server."""
    assert len(input_steps(raw([{**step, "from_the_future": {"a": 1}}]))) == 1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, "Invalid value for 'input': expected a string, an object or a list, got 5."),
        ([5], "Invalid value for 'input[0]': expected a step or a content block, got 5."),
        ([None], "Invalid value for 'input[0]': expected a step or a content block, got null."),
        ({"type": "user_input"}, "'input' is a step (\"user_input\"); a step must stand in a list: [{...}]."),
        (
            [{"type": "text", "text": "a"}, {"type": "user_input", "content": "b"}],
            (
                '\'input[1]\' is a step ("user_input") in a list that starts with a content block ("text"): '
                "give only steps or only content blocks."
            ),
        ),
        (
            [{"type": "user_input", "content": "b"}, {"type": "text", "text": "a"}],
            (
                '\'input[1]\' is a content block ("text") in a list that starts with a step ("user_input"): '
                "give only steps or only content blocks."
            ),
        ),
        (
            [{"role": "user", "content": "b"}],
            (
                "'input[0]' is a turn with a 'role'; write "
                '{"type": "user_input", "content": [...]} for the user, '
                '{"type": "model_output", "content": [...]} for the model.'
            ),
        ),
        ([{"type": "text", "text": None}], "Invalid value for 'input[0].text': expected a string, got null."),
        ([{"type": "text"}], "Missing required parameter 'input[0].text'."),
        (
            [{"type": "user_input", "content": [{"type": "txt"}]}],
            (
                'Invalid value for \'input[0].content[0].type\': got "txt". Did you mean "text"? '
                'Valid values: "text", "image", "audio", "video", "document".'
            ),
        ),
        (
            [{"type": "user_input", "content": "a"}, {"type": "function_result", "call_id": "c", "result": 5}],
            "Invalid value for 'input[1].result': expected a string, a list of content blocks or an object, got 5.",
        ),
        (
            [{"type": "function_result", "call_id": "c", "result": None}],
            "Invalid value for 'input[0].result': expected a string, a list of content blocks or an object, got null.",
        ),
        ([{"type": "function_result", "result": {}}], "Missing required parameter 'input[0].call_id'."),
        (
            [{"type": "function_call", "id": "a", "name": "n", "arguments": None}],
            "Invalid value for 'input[0].arguments': expected an object, got null.",
        ),
    ],
)
def test_wrong_input_is_refused(value: Any, message: str) -> None:
    """The message names the place in the list."""
    assert refusal(value) == message


@pytest.mark.parametrize("value", [[{"type": "user_inputt"}], [{"text": "a"}], {"text": "a"}])
def test_unknown_type_is_refused_with_the_valid_types(value: Any) -> None:
    """Content and steps are listed, as either could have been meant."""
    message = refusal(value)
    assert 'Content: "audio", "document", "image", "text", "video". Steps: "code_execution_call", ' in message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            [{"type": "image", "data": "AA", "mimeType": "b"}],
            "Unknown parameter 'input[0].mimeType'. Did you mean 'mime_type'?",
        ),
        (
            {"type": "image", "data": "AA", "mimeType": "b"},
            "Unknown parameter 'input.mimeType'. Did you mean 'mime_type'?",
        ),
        (
            [{"type": "user_input", "content": "b", "contents": 1}],
            "Unknown parameter 'input[0].contents'. Did you mean 'content'?",
        ),
        (
            [{"type": "user_input", "content": [{"type": "text", "text": "b", "x": 1}]}],
            "Unknown parameter 'input[0].content[0].x'. Known parameters: annotations, text, type.",
        ),
        (
            [OURS[0], {"type": "function_result", "call_id": "c", "result": "b", "is_eror": True}],
            "Unknown parameter 'input[1].is_eror'. Did you mean 'is_error'?",
        ),
        (
            [{"type": "function_result", "call_id": "c", "result": [{"type": "text", "text": "b", "annotation": []}]}],
            "Unknown parameter 'input[0].result[0].annotation'. Did you mean 'annotations'?",
        ),
    ],
)
def test_unknown_field_of_the_client_is_refused(value: Any, message: str) -> None:
    """What the client writes itself is read strictly: its input, and the results of its functions."""
    assert refusal(value) == message


@pytest.mark.parametrize(
    "result",
    [
        "sunny",
        {"temperature": 23, "inner": {"anything": [1, None]}},
        [{"type": "text", "text": "b", "annotations": None}, {"type": "image", "data": "AA", "mime_type": "image/png"}],
        {"content": [{"type": "text", "text": "b", "meta": None}], "isError": False},
    ],
)
def test_every_official_form_of_a_function_result_is_read(result: Any) -> None:
    """All fields of the contract, and objects of the function's own making, wrapped content among them."""
    step = {"type": "function_result", "call_id": "c", "name": "f", "is_error": False, "result": result}
    assert len(input_steps(raw([step]))) == 1
    assert len(input_steps(raw([{**step, "name": None, "is_error": None}]))) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("sunny", "sunny"),
        ({"temperature": 23}, {"temperature": 23}),
        ([{"type": "text", "text": "Hello"}], (HELLO,)),
        ([], ()),
    ],
)
def test_function_result_has_three_shapes(value: Any, expected: Any) -> None:
    """Text, an object, or content blocks."""
    assert function_result(raw(value)) == expected


def test_function_result_list_needs_content_blocks() -> None:
    """A list of other objects is refused; the client can wrap it into an object."""
    message = refusal([{"type": "function_result", "call_id": "c", "result": [{"temperature": 23}]}])
    assert message.startswith("Missing required parameter 'input[0].result[0].type'. Valid values: \"text\", ")


def _without_raw(steps: tuple[wire.Step, ...]) -> list[wire.Step]:
    return [step for step in steps if not isinstance(step, wire.FunctionResultStep | wire.MCPServerToolResultStep)]


RETURNED = {"type": "function_result", "call_id": "c", "name": "f", "result": "7"}
SECOND = {**RETURNED, "call_id": "d", "signature": "AAAA"}
TEXT = {"type": "text", "text": "Hello"}


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ([{"type": "user_input", "content": [RETURNED]}], ["function_result"]),
        ([{"type": "user_input", "content": [RETURNED, SECOND]}], ["function_result"] * 2),
        ([{"type": "user_input", "content": [TEXT, RETURNED]}], ["user_input", "function_result"]),
        ([{"type": "user_input", "content": [RETURNED, TEXT, TEXT]}], ["function_result", "user_input"]),
        (
            [{"type": "user_input", "content": [TEXT, RETURNED, TEXT, SECOND, TEXT]}],
            ["user_input", "function_result", "user_input", "function_result", "user_input"],
        ),
        ([OURS[0], {"type": "user_input", "content": [RETURNED]}], ["model_output", "function_result"]),
        ([TEXT, RETURNED, TEXT], ["user_input", "function_result", "user_input"]),
        ([RETURNED, TEXT], ["function_result", "user_input"]),
        (RETURNED, ["function_result"]),
    ],
)
def test_results_among_content_are_steps_at_their_place(value: Any, kinds: list[str]) -> None:
    """A result of a function is the step that it means wherever it stands; what is said around it stays around it."""
    steps = input_steps(raw(value))
    assert [step.__struct_config__.tag for step in steps] == kinds
    results = [step for step in steps if isinstance(step, wire.FunctionResultStep)]
    assert [(step.call_id, bytes(step.result)) for step in results] == [("c", b'"7"'), ("d", b'"7"')][: len(results)]
    assert {block for step in steps if isinstance(step, wire.UserInputStep) for block in step.content or ()} <= {HELLO}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            [{"type": "user_input", "content": [TEXT, {**RETURNED, "is_eror": True}]}],
            "Unknown parameter 'input[0].content[1].is_eror'. Did you mean 'is_error'?",
        ),
        (
            [{"type": "user_input", "content": [{"type": "function_result", "result": "7"}]}],
            "Missing required parameter 'input[0].content[0].call_id'.",
        ),
        (
            [{"type": "user_input", "content": [RETURNED, {"type": "text", "txt": "a"}]}],
            "Missing required parameter 'input[0].content[1].text'.",
        ),
        (
            [{"type": "user_input", "content": [RETURNED], "contents": []}],
            "Unknown parameter 'input[0].contents'. Did you mean 'content'?",
        ),
        (
            [{"type": "user_input", "content": [RETURNED, 5]}],
            "Invalid value for 'input[0].content[1]': expected an object, got 5.",
        ),
        (
            [RETURNED, TEXT, OURS[0]],
            (
                "'input[2]' is a step (\"model_output\") in a list that starts with a content block "
                '("text"): give only steps or only content blocks.'
            ),
        ),
    ],
)
def test_wrong_result_among_content_is_refused(value: Any, message: str) -> None:
    """The message names the place of the block."""
    assert refusal(value) == message
