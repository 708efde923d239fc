"""What public clients send, in requests of our own writing: each is answered as its author meant it."""

import json
from typing import Any

import pytest

from tests.server import RunningServer

WEATHER: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
LOOKS = 'call: get_weather {"city": "Oslo"}\nthen:\nresult: 1'


def text(interaction: dict[str, Any]) -> str:
    """All text of an answer."""
    outputs = [step for step in interaction["steps"] if step["type"] == "model_output"]
    return "".join(block["text"] for step in outputs for block in step["content"])


def call(interaction: dict[str, Any]) -> dict[str, Any]:
    """The call of an answer."""
    return next(step for step in interaction["steps"] if step["type"] == "function_call")


def said(content: str) -> dict[str, Any]:
    """A turn of the user's, as Vercel's SDK writes it."""
    return {"type": "user_input", "content": [{"type": "text", "text": content}]}


def returned(made: dict[str, Any], value: Any = "22", **more: Any) -> dict[str, Any]:
    """A function's result as a block."""
    return {"type": "function_result", "call_id": made["id"], "name": made["name"], "result": value, **more}


def refused(server: RunningServer, **body: Any) -> str:
    """Why the server answers 400."""
    with server.client() as client:
        answer = client.post("/v1beta/interactions", json={"model": "scripted"} | body)
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"]["message"])


def stored_input(server: RunningServer, id: str) -> Any:
    """The input as it is shown again."""
    with server.client() as client:
        return client.get(f"/v1beta/interactions/{id}", params={"include_input": "true"}).json()["input"]


@pytest.mark.parametrize("store", [True, False])
def test_vercel_sends_results_as_content(server: RunningServer, store: bool) -> None:
    """The AI SDK's second request of a tool loop: the whole conversation, the result a block of what the user says."""
    asked = said(f"think: hm\n{LOOKS}")
    first = server.create(input=[asked], tools=[WEATHER], store=store)
    thought, made = first["steps"]
    again = {"type": "thought", "signature": thought["signature"]}
    sent = [asked, again, made, {"type": "user_input", "content": [returned(made, signature="AAAA")]}]
    second = server.create(input=sent, tools=[WEATHER], store=store)
    assert (second["status"], text(second)) == ("completed", "22")
    if store:
        assert stored_input(server, second["id"]) == sent
        third = server.create(input="history:", previous_interaction_id=second["id"])
        assert text(third).count("22") == 2, text(third)


def test_vercel_sends_several_results_beside_text(server: RunningServer) -> None:
    """Parallel calls come back in one turn of the user's, with what the user adds before and behind them."""
    script = 'call: get_weather {"city": "Oslo"}\ncall: get_weather {"city": "Rome"}\nthen:\nresult: 1\nresult: 2'
    first = server.create(input=script, tools=[WEATHER])
    oslo, rome = (step for step in first["steps"] if step["type"] == "function_call")
    before, behind = {"type": "text", "text": "Here:"}, {"type": "text", "text": "Go on."}
    for sent in (
        [{"type": "user_input", "content": [returned(oslo, "7"), returned(rome, "17")]}],
        [returned(oslo, "7"), behind, returned(rome, "17")],
        [{"type": "user_input", "content": [before, returned(oslo, "7"), returned(rome, "17"), behind]}],
    ):
        second = server.create(input=[*sent], previous_interaction_id=first["id"], tools=[WEATHER])
        assert second["status"] == "completed"
        assert stored_input(server, second["id"]) == sent
        third = server.create(input="history:", previous_interaction_id=second["id"])
        assert ("Here:" in text(third)) == (before in sent[0].get("content", []))


@pytest.mark.parametrize("keys", ["as stored", "sorted"])
def test_adk_sends_the_call_with_its_result(server: RunningServer, keys: str) -> None:
    """google-adk for JavaScript sends the model's turn again beside the result, though the server has it."""
    script = 'think: hm\nsay: I look.\ncall: book {"to": "Oslo", "from": "Rome", "seats": 2.0}\nthen:\nresult: 1'
    tool = {"type": "function", "name": "book", "parameters": {"type": "object", "additionalProperties": True}}
    first = server.create(input=script, tools=[tool])
    made = call(first)
    arguments = {"seats": 2, "from": "Rome", "to": "Oslo"} if keys == "sorted" else made["arguments"]
    turn = [*first["steps"][:-1], {**made, "arguments": arguments}]
    sent = [*turn, returned(made, {"output": "22"})]
    second = server.create(input=sent, previous_interaction_id=first["id"], tools=[tool])
    assert (second["status"], text(second)) == ("completed", '{"output":"22"}')
    assert stored_input(server, second["id"]) == sent
    third = server.create(input="history:", previous_interaction_id=second["id"])
    assert text(third).count("I look.") == 2, text(third)  # in what was asked for, and in what was said


def test_adk_goes_on_over_many_turns_and_a_restart(own_server: RunningServer) -> None:
    """Every turn sends the call before it; the conversation has each once, also when it is loaded from the disk."""
    script = LOOKS.replace("result: 1", 'call: get_weather {"city": "Rome"}\nthen:\nresult: 1\nresult: 2')
    first = own_server.create(input=script, tools=[WEATHER])
    sent = [call(first), returned(call(first), "7")]
    second = own_server.create(input=sent, previous_interaction_id=first["id"], tools=[WEATHER])
    own_server.stop()
    own_server.start()
    sent = [call(second), returned(call(second), "17")]
    third = own_server.create(input=sent, previous_interaction_id=second["id"], tools=[WEATHER])
    assert (third["status"], text(third)) == ("completed", "7\n17")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "get_wether"}, "name"),
        ({"arguments": {"city": "Rome"}}, "arguments"),
        ({"arguments": {"city": "Oslo", "unit": None}}, "arguments"),
        ({"arguments": {}}, "arguments"),
    ],
)
def test_a_changed_call_is_refused(server: RunningServer, change: dict[str, Any], field: str) -> None:
    """A call is what the model made: another name or other arguments under its id are a 400 that shows both."""
    first = server.create(input=LOOKS, tools=[WEATHER])
    made = call(first)
    changed = {**made, **change}
    message = refused(server, input=[changed, returned(made)], previous_interaction_id=first["id"])
    assert message.startswith(f"'input[0].{field}' ")
    assert json.dumps(made[field], separators=(",", ":")) in message


def test_agno_sends_the_whole_conversation(server: RunningServer) -> None:
    """Some send everything from the beginning beside `previous_interaction_id`; nothing of it is there twice."""
    asked = said(f"think: hm\n{LOOKS}")
    first = server.create(input=[asked], tools=[WEATHER])
    made = call(first)
    exchange = [asked, made, returned(made, "22")]
    second = server.create(input=exchange, previous_interaction_id=first["id"], tools=[WEATHER])
    assert text(second) == "22"
    answer = {"type": "model_output", "content": [{"type": "text", "text": "22"}]}
    sent = [*exchange, answer, said("history:")]
    third = server.create(input=sent, previous_interaction_id=second["id"])
    once = server.create(input="history:", previous_interaction_id=second["id"])
    assert text(third) == text(once)
    same = refused(server, input=[*exchange, answer], previous_interaction_id=second["id"])
    assert same.startswith("'input' has nothing new")


def test_an_empty_name_of_a_result_is_none(server: RunningServer) -> None:
    """Kits that do not know the name of the function any more write an empty one; a wrong one is refused."""
    first = server.create(input=LOOKS, tools=[WEATHER])
    named = {**returned(call(first)), "name": ""}
    second = server.create(input=[named], previous_interaction_id=first["id"], tools=[WEATHER])
    assert text(second) == "22"
    wrong = refused(server, input=[{**named, "name": "other"}], previous_interaction_id=first["id"])
    assert wrong.startswith("'input[0].name' \"other\"")


ZOD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "city": {"type": "STRING", "description": "Where.", "nullable": False},
        "unit": {"type": "STRING", "format": "enum", "enum": ["C", "F"], "nullable": True},
        "days": {"type": "ARRAY", "items": {"type": "INTEGER"}, "minItems": "1", "maxItems": "3"},
        "place": {"anyOf": [{"type": "STRING"}, {"type": "OBJECT", "properties": {"type": {"type": "STRING"}}}]},
    },
    "required": ["city", "unit"],
    "propertyOrdering": ["city", "unit", "days", "place"],
}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"city": "Oslo", "unit": None, "days": [1]}, "requires_action"),
        ({"city": "Oslo", "unit": "C", "place": {"type": "STRING"}}, "requires_action"),
        ({"city": None, "unit": "C"}, "failed"),
        ({"city": "Oslo", "unit": "K"}, "failed"),
        ({"city": "Oslo", "unit": "C", "days": []}, "failed"),
    ],
)
def test_adk_sends_zod_schemas_in_capitals(server: RunningServer, arguments: dict[str, Any], status: str) -> None:
    """Functions whose parameters google-adk makes from zod are called, and their arguments held to them."""
    tool = WEATHER | {"parameters": ZOD}
    answer = server.create(input=f"call: get_weather {json.dumps(arguments)}", tools=[tool])
    assert answer["status"] == status, answer
    assert answer["tools"][0]["parameters"] == ZOD


@pytest.mark.parametrize(
    "format",
    [
        {"type": "text", "mime_type": "application/json", "schema": {"type": "ARRAY", "items": {"type": "INTEGER"}}},
        {"type": "ARRAY", "items": {"type": "INTEGER"}},
    ],
)
def test_formats_in_capitals(server: RunningServer, format: dict[str, Any]) -> None:
    """A schema made with the SDK's `Type` is one as a format too, bare or not."""
    assert server.create(input="say: [1]", response_format=format)["status"] == "completed"
    assert server.create(input='say: ["a"]', response_format=format)["status"] == "failed"


def test_a_type_that_is_none_is_refused(server: RunningServer) -> None:
    """The SDK's `TYPE_UNSPECIFIED` is no type that anything could be of."""
    tool = WEATHER | {"parameters": {"type": "OBJECT", "properties": {"city": {"type": "TYPE_UNSPECIFIED"}}}}
    message = refused(server, input="Hi", tools=[tool])
    assert message.startswith("Invalid value for 'tools[0].parameters.properties.city.type':")
    assert '"TYPE_UNSPECIFIED"' in message
