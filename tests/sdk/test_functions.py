"""Function calling as the SDKs' users write it: the loop over calls, with and without state, and in a stream."""

from typing import Any

import pytest
from google.genai import types

from tests.sdk.client import Client, Json

TOOLS = [
    {
        "type": "function",
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
    {"type": "function", "name": "get_time"},
]
SCRIPT = """\
think: the weather, and the time
call: get_weather {"city": "Oslo"}
call: get_time
then:
result: 1
result: 2
"""
RESULTS = {"get_weather": {"degrees": 7}, "get_time": [{"type": "text", "text": "noon"}]}
SAID = 'noon\n{"degrees":7}'


def results(interaction: Json) -> list[Json]:
    """What a program sends back: the result of every call, the last one first."""
    calls = [step for step in interaction["steps"] if step["type"] == "function_call"]
    return [
        {"type": "function_result", "call_id": call["id"], "name": call["name"], "result": RESULTS[call["name"]]}
        for call in reversed(calls)
    ]


def test_loop_with_state(client: Client) -> None:
    """The program answers all calls of a turn by their ids until nothing is called any more."""
    interaction = client.create(model="scripted", input=SCRIPT, tools=TOOLS)
    assert interaction["status"] == "requires_action"
    calls = [step for step in interaction["steps"] if step["type"] == "function_call"]
    assert {call["name"]: call["arguments"] for call in calls} == {"get_weather": {"city": "Oslo"}, "get_time": {}}
    interaction = client.create(
        model="scripted", input=results(interaction), tools=TOOLS, previous_interaction_id=interaction["id"]
    )
    assert (interaction["status"], interaction["output_text"]) == ("completed", SAID)


def test_loop_without_state(client: Client) -> None:
    """The program keeps the steps as the SDK gave them, signatures included, and sends all of them back."""
    steps: list[Json] = [{"type": "user_input", "content": [{"type": "text", "text": SCRIPT}]}]
    interaction = client.create(model="scripted", store=False, input=steps, tools=TOOLS)
    steps += [*interaction["steps"], *results(interaction)]
    assert steps[1]["type"] == "thought"
    interaction = client.create(model="scripted", store=False, input=steps, tools=TOOLS)
    assert (interaction["status"], interaction["output_text"]) == ("completed", SAID)


def test_stream_of_calls(client: Client) -> None:
    """Each call starts with its id and name; its arguments arrive as deltas; the end requires action."""
    events = list(client.stream(model="scripted", input=SCRIPT, tools=TOOLS))
    started = {event["index"]: event["step"] for event in events if event["event_type"] == "step.start"}
    assert [step["type"] for step in started.values()] == ["thought", "function_call", "function_call"]
    assert started[1]["name"] == "get_weather"
    assert started[1]["id"] != started[2]["id"]
    deltas: list[Any] = [event for event in events if event["event_type"] == "step.delta" and event["index"] == 1]
    assert [delta["delta"]["type"] for delta in deltas] == ["arguments_delta"]
    assert deltas[0]["delta"]["arguments"] == '{"city": "Oslo"}'
    assert events[-1]["interaction"]["status"] == "requires_action"


def test_choice_is_the_clients(client: Client) -> None:
    """`tool_choice` in each form that the SDKs take decides what the model is offered."""
    one = {"allowed_tools": {"mode": "validated", "tools": ["get_time"]}}
    for choice, offered in (("none", ""), ("auto", "get_weather get_time"), (one, "get_time")):
        answer = client.create(
            model="scripted", input="functions:", tools=TOOLS, generation_config={"tool_choice": choice}
        )
        assert answer.get("output_text", "") == offered


def test_schema_in_each_form(client: Client) -> None:
    """A typed format, a list of one, and a bare schema are met, or the interaction has failed and says why."""
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    typed = {"type": "text", "mime_type": "application/json", "schema": schema}
    bare = {"properties": schema["properties"], "required": ["age"]}
    for format in (typed, [typed], schema, bare):
        good = client.create(model="scripted", input='say: {"age": 5}', response_format=format)
        assert (good["status"], good["output_text"]) == ("completed", '{"age": 5}')
        bad = client.create(model="scripted", input='say: {"age": "5"}', response_format=format)
        assert bad["status"] == "failed"
        assert "age" in bad["errors"][0]["message"]


BOOKING = types.Schema(
    type=types.Type.OBJECT,
    properties={
        "city": types.Schema(type=types.Type.STRING, description="Where."),
        "unit": types.Schema(type=types.Type.STRING, format="enum", enum=["C", "F"], nullable=True),
        "days": types.Schema(
            type=types.Type.ARRAY,
            min_items=1,
            items=types.Schema(any_of=[types.Schema(type=types.Type.INTEGER), types.Schema(ref="#/defs/Day")]),
        ),
    },
    defs={"Day": types.Schema(type=types.Type.STRING, enum=["today"])},
    required=["city"],
    property_ordering=["unit", "city"],
)


@pytest.mark.parametrize("written", [{"exclude_none": True}, {"exclude_none": True, "by_alias": True}, {}])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ('{"city": "Oslo", "unit": null, "days": [1, "today"]}', "requires_action"),
        ('{"city": null}', "failed"),
        ('{"city": "Oslo", "days": []}', "failed"),
        ('{"city": "Oslo", "days": ["tomorrow"]}', "failed"),
    ],
)
def test_parameters_made_of_the_sdks_own_schema(client: Client, written: Any, arguments: str, status: str) -> None:
    """The SDK's `Schema` and `Type`, dumped in any way, mean what they say: arguments are held to all of it."""
    tool = {"type": "function", "name": "book", "parameters": BOOKING.model_dump(mode="json", **written)}
    assert client.create(model="scripted", input=f"call: book {arguments}", tools=[tool])["status"] == status


def test_loop_that_sends_the_calls_again(client: Client) -> None:
    """A program that sends the model's turn beside the results, as agent kits do, has the conversation once."""
    first = client.create(model="scripted", input=SCRIPT, tools=TOOLS)
    sent = [*first["steps"], *results(first)]
    second = client.create(model="scripted", input=sent, tools=TOOLS, previous_interaction_id=first["id"])
    assert (second["status"], second["output_text"]) == ("completed", SAID)
