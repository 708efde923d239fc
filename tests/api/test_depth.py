"""How deep things may be nested: whatever the server gives out or says it takes has room in a request."""

from typing import Any

import pytest

from interplay.nesting import DEEPEST_INSIDE
from interplay.schemas import limits
from tests.server import RunningServer

ANYTHING = {"type": "function", "name": "f", "parameters": {"type": "object", "additionalProperties": True}}


def deep(levels: int) -> str:
    """Objects in one another, as JSON."""
    return '{"a":' * (levels - 1) + "{}" + "}" * (levels - 1)


def properties(levels: int) -> dict[str, Any]:
    """Schemas in one another, each a property of the one around it; the innermost has a list too."""
    schema: dict[str, Any] = {"enum": ["a", "b"]}
    for _ in range(levels - 1):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def test_deepest_arguments_can_be_sent_back(server: RunningServer) -> None:
    """A call with arguments as deep as a call's may be is replayed by a client that keeps the conversation itself."""
    asked = {"type": "user_input", "content": f"call: f {deep(DEEPEST_INSIDE)}\nthen:\nsay: done"}
    first = server.create(input=[asked], tools=[ANYTHING], store=False)
    (call,) = first["steps"]
    result = {"type": "function_result", "call_id": call["id"], "result": "fine"}
    second = server.create(input=[asked, call, result], tools=[ANYTHING], store=False)
    assert second["status"] == "completed"


def test_deeper_arguments_are_not_given_out(server: RunningServer) -> None:
    """A call that could not be sent back is a failed answer, which says why."""
    failed = server.create(input=f"call: f {deep(DEEPEST_INSIDE + 1)}", tools=[ANYTHING])
    assert failed["status"] == "failed"
    assert f"more than {DEEPEST_INSIDE} levels deep" in failed["errors"][0]["message"]


@pytest.mark.parametrize("in_definitions", [False, True])
def test_deepest_schema_has_room_in_a_request(server: RunningServer, in_definitions: bool) -> None:
    """A schema as deep as the docs say is taken wherever schemas stand; one level more is refused."""
    for levels, status in ((limits.DEPTH, 200), (limits.DEPTH + 1, 400)):
        schema = properties(levels)
        if in_definitions:
            schema = {"type": "object", "properties": {"b": {"$ref": "#/$defs/d"}}, "$defs": {"d": schema}}
        tools = [{"type": "function", "name": "f", "parameters": schema}]
        formats = [{"type": "text", "mime_type": "application/json", "schema": schema}]
        for field in ({"tools": tools, "input": "hello"}, {"response_format": formats, "input": "say: {}"}):
            with server.client() as client:
                answer = client.post("/v1beta/interactions", json={"model": "scripted", **field})
            assert answer.status_code == status, answer.text
            assert status == 200 or "deep" in answer.json()["error"]["message"]


@pytest.mark.parametrize("field", ["input", "tools"])
def test_a_body_that_is_too_deep_is_refused_by_field(server: RunningServer, field: str) -> None:
    """What is over the limit of a whole request is named."""
    with server.client() as client:
        body = f'{{"model": "scripted", "{field}": [{deep(99)}]}}'.replace(
            '{"a"', '{"type": "function", "parameters"', 1
        )
        answer = client.post("/v1beta/interactions", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
    assert f"'{field}' is nested too deeply" in answer.json()["error"]["message"]
