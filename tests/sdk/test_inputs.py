from typing import Any

import pytest

from tests.sdk.client import Client, SdkError
from tests.sdk.javascript import JavaScriptClient

TEXT = {"type": "text", "text": "say: hello"}
STEP = {"type": "user_input", "content": [TEXT]}


@pytest.mark.parametrize("input", ["say: hello", TEXT, [TEXT], [STEP]], ids=["string", "content", "contents", "steps"])
def test_every_shape_of_input_is_taken(client: Client, input: Any) -> None:
    """A string, a block, a list of blocks and a list of steps are the same input; so is what each SDK makes of it."""
    assert client.create(model="scripted", input=input)["output_text"] == "hello"


def test_a_step_may_hold_a_bare_string(javascript: JavaScriptClient) -> None:
    """REST examples write a step's content as a string; the Python SDK does not, but JavaScript sends it."""
    step = {"type": "user_input", "content": "say: hello"}
    assert javascript.create(model="scripted", input=[step])["output_text"] == "hello"


def test_blocks_of_text_are_one_input(client: Client) -> None:
    """A list of blocks is one thing said, not several."""
    blocks = [{"type": "text", "text": "say: one\n"}, {"type": "text", "text": "say: two"}]
    assert client.create(model="scripted", input=blocks)["output_text"] == "one\ntwo"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"input": "a"}, "model"),
        ({"model": "scripted", "agent": "researcher", "input": "a"}, "agent"),
        ({"model": "scripted"}, "input"),
        ({"model": "scripted", "input": []}, "input"),
        ({"model": "scripted", "input": 5}, "input"),
        ({"model": "scripted", "input": [{"role": "user", "content": "a"}]}, r"input\[0\].*role"),
        ({"model": "scripted", "input": [TEXT, STEP]}, r"input\[1\]"),
        ({"model": "scripted", "input": [{"type": "function_result", "name": "f", "result": {}}]}, "call_id"),
        ({"model": "scripted", "input": [{"type": "function_result", "call_id": "c", "result": 5}]}, "result"),
        ({"model": "scripted", "input": [{"type": "txt", "text": "a"}]}, r'Did you mean "text"'),
        ({"model": "scripted", "input": "a", "temprature": 1}, "temprature"),
        ({"model": "scripted", "input": "a", "generation_config": {"max_tokens": 1}}, r"max_tokens"),
        ({"model": "scripted", "input": "a", "generation_config": {"seed": "x"}}, r"seed"),
        ({"model": "scripted", "input": "a", "labels": {"Upper": "a"}}, "Upper"),
        ({"model": "scripted", "input": "a", "continuation_token": "t"}, "continuation_token"),
        ({"model": "scripted", "input": "a", "background": True, "store": False}, "background"),
        ({"model": "scripted", "input": "a", "agent_config": {"type": "dynamic"}}, "agent_config"),
    ],
)
def test_what_javascript_does_not_check_the_server_does(
    javascript: JavaScriptClient, body: dict[str, Any], expected: str
) -> None:
    """The JavaScript SDK sends whatever it is given: what is wrong with it is a bad request that names the field."""
    with pytest.raises(SdkError, match=expected) as refusal:
        javascript.create(**body)
    assert (refusal.value.name, refusal.value.status) == ("BadRequestError", 400)


def test_nulls_are_absent(javascript: JavaScriptClient) -> None:
    """JavaScript sends explicit nulls; they mean what leaving the field out means."""
    body = {"system_instruction": None, "generation_config": None, "tools": None, "previous_interaction_id": None}
    assert javascript.create(model="scripted", input="say: hello", **body)["output_text"] == "hello"


@pytest.mark.parametrize(
    "field",
    [
        {"tools": [{"type": "google_search"}]},
        {"response_format": {"type": "image"}},
        {"input": [TEXT, {"type": "image", "data": "aGk=", "mime_type": "image/png"}]},
    ],
    ids=["tool", "image output", "image"],
)
def test_what_is_not_served_yet_is_refused(client: Client, field: dict[str, Any]) -> None:
    """A field is done or refused by its name: nothing is taken and then ignored."""
    with pytest.raises(SdkError, match=next(iter(field))) as refusal:
        client.create(**({"model": "scripted", "input": "say: hello"} | field))
    assert refusal.value.name == "BadRequestError"
