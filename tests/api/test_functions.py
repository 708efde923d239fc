"""Function calling over HTTP: calls, their results in every shape, conversations with and without state."""

import json
from typing import Any

import pytest

from interplay.schemas import limits
from tests.server import RunningServer

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
TIME = {"type": "function", "name": "get_time"}
TOOLS = [WEATHER, TIME]
OSLO = 'call: get_weather {"city": "Oslo"}'
SHAPES: list[tuple[Any, str]] = [
    ("22 degrees", "22 degrees"),
    ({"degrees": 22}, '{"degrees":22}'),
    ([{"type": "text", "text": "22"}, {"type": "text", "text": "degrees"}], "22\ndegrees"),
    ({"content": [{"type": "text", "text": "22 degrees"}]}, "22 degrees"),
    ({"content": [{"type": "text", "text": "22"}], "structuredContent": {"degrees": 22}, "isError": False}, "22"),
    ({"content": [1, 2]}, '{"content":[1,2]}'),
    ([WEATHER], json.dumps(WEATHER, separators=(",", ":"))),
    ([], ""),
]


def result(call: dict[str, Any], value: Any = "fine", **more: Any) -> dict[str, Any]:
    """What the client sends back for a call."""
    return {"type": "function_result", "call_id": call["id"], "name": call["name"], "result": value, **more}


def text(interaction: dict[str, Any]) -> str:
    """All text of an answer."""
    outputs = [step for step in interaction["steps"] if step["type"] == "model_output"]
    return "".join(block["text"] for step in outputs for block in step["content"])


def calls(interaction: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of an answer."""
    return [step for step in interaction["steps"] if step["type"] == "function_call"]


def test_call_waits_for_its_result(server: RunningServer) -> None:
    """A call ends the turn with requires_action; its result goes to the model, and the answer completes."""
    first = server.create(input=f"{OSLO}\nthen:\nsay: It is\nresult: 1", tools=TOOLS)
    assert first["status"] == "requires_action"
    (call,) = calls(first)
    assert (call["name"], call["arguments"]) == ("get_weather", {"city": "Oslo"})
    second = server.create(input=[result(call, "22")], previous_interaction_id=first["id"], tools=TOOLS)
    assert (second["status"], text(second)) == ("completed", "It is\n22")


def test_stream_of_a_call(server: RunningServer) -> None:
    """In a stream the call starts with its id, name and no arguments, and its deltas join to them."""
    events = server.stream(input=OSLO, tools=TOOLS)
    start = next(event for event in events if event["event_type"] == "step.start")
    assert start["step"] | {"id": ""} == {"type": "function_call", "id": "", "name": "get_weather", "arguments": {}}
    deltas = [event["delta"] for event in events if event["event_type"] == "step.delta"]
    assert {delta["type"] for delta in deltas} == {"arguments_delta"}
    assert json.loads("".join(delta["arguments"] for delta in deltas)) == {"city": "Oslo"}
    assert events[-1]["interaction"]["status"] == "requires_action"


@pytest.mark.parametrize(("value", "told"), SHAPES)
def test_every_shape_of_a_result_reaches_the_model(server: RunningServer, value: Any, told: str) -> None:
    """A string, an object, blocks, a wrapper of blocks and functions are all read by the model as text."""
    first = server.create(input=f"{OSLO}\nthen:\nresult: 1", tools=TOOLS)
    second = server.create(input=[result(calls(first)[0], value)], previous_interaction_id=first["id"], tools=TOOLS)
    assert text(second) == told


def test_failed_function_is_called_that(server: RunningServer) -> None:
    """The model sees that a result is an error."""
    first = server.create(input=OSLO, tools=TOOLS)
    answer = result(calls(first)[0], "no such city", is_error=True)
    second = server.create(input=[answer], previous_interaction_id=first["id"], tools=TOOLS)
    assert text(second) == "Error: no such city"


def test_parallel_calls_in_any_order(server: RunningServer) -> None:
    """Several calls have ids of their own, and their results are told apart by them, in whichever order they come."""
    script = f'{OSLO}\ncall: get_weather {{"city": "Rome"}}\ncall: get_time\nthen:\nresult: 1\nresult: 2\nresult: 3'
    first = server.create(input=script, tools=TOOLS)
    assert [call["arguments"] for call in calls(first)] == [{"city": "Oslo"}, {"city": "Rome"}, {}]
    assert len({call["id"] for call in calls(first)}) == 3
    results = [result(call, call["arguments"].get("city", "noon")) for call in reversed(calls(first))]
    second = server.create(input=results, previous_interaction_id=first["id"], tools=TOOLS)
    assert text(second) == "noon\nRome\nOslo"


def test_some_results_now_and_others_later(server: RunningServer) -> None:
    """A turn may answer some of the calls; the others can still be answered later, each once."""
    first = server.create(input=f"{OSLO}\ncall: get_time", tools=TOOLS)
    weather, time = calls(first)
    second = server.create(input=[result(weather, "22")], previous_interaction_id=first["id"], tools=TOOLS)
    assert text(second) == "22"
    third = server.create(input=[result(time, "noon")], previous_interaction_id=second["id"], tools=TOOLS)
    assert text(third) == "noon"
    again = {"model": "scripted", "input": [result(weather)], "previous_interaction_id": third["id"]}
    with server.client() as client:
        refused = client.post("/v1beta/interactions", json=again)
    assert refused.status_code == 400
    assert weather["id"] in refused.json()["error"]["message"]


def test_calls_over_several_turns(server: RunningServer) -> None:
    """A result may lead to the next call, as often as it takes."""
    script = f"{OSLO}\nthen:\ncall: get_time\nthen:\nresult: 1\nresult: 2"
    first = server.create(input=script, tools=TOOLS)
    second = server.create(input=[result(calls(first)[0], "22")], previous_interaction_id=first["id"], tools=TOOLS)
    assert (second["status"], calls(second)[0]["name"]) == ("requires_action", "get_time")
    third = server.create(input=[result(calls(second)[0], "noon")], previous_interaction_id=second["id"], tools=TOOLS)
    assert (third["status"], text(third)) == ("completed", "22\nnoon")


def test_without_state_the_client_sends_all_back(server: RunningServer) -> None:
    """Without state the steps are replayed as they came, thoughts with their signatures among them."""
    asked = {"type": "user_input", "content": f"think: hm\n{OSLO}\nthen:\nresult: 1"}
    first = server.create(input=[asked], store=False, tools=TOOLS)
    assert [step["type"] for step in first["steps"]] == ["thought", "function_call"]
    history = [asked, *first["steps"], result(calls(first)[0], "22")]
    second = server.create(input=history, store=False, tools=TOOLS)
    assert (second["status"], text(second)) == ("completed", "22")


@pytest.mark.parametrize(
    ("choice", "offered"),
    [
        (None, "get_weather get_time"),
        ("auto", "get_weather get_time"),
        ("validated", "get_weather get_time"),
        ("any", "any get_weather get_time"),
        ("none", ""),
        ({"allowed_tools": {"mode": "auto", "tools": ["get_time"]}}, "get_time"),
        ({"allowed_tools": {"mode": "any", "tools": ["get_time"]}}, "any get_time"),
        ({"allowed_tools": {"mode": "none", "tools": ["get_time"]}}, ""),
        ({"allowed_tools": {"tools": ["get_time"]}}, "get_time"),
        ({"allowed_tools": {"tools": []}}, ""),
        ({"allowed_tools": {"mode": "any"}}, "any get_weather get_time"),
    ],
)
def test_tool_choice_decides_what_is_offered(server: RunningServer, choice: Any, offered: str) -> None:
    """The model is offered what the choice lets through, and told where it must call."""
    script = "functions:" + ("\ncall: get_time" if offered.startswith("any") else "")
    answer = server.create(input=script, tools=TOOLS, generation_config={"tool_choice": choice})
    assert text(answer) == offered
    assert answer["status"] == ("requires_action" if calls(answer) else "completed")


@pytest.mark.parametrize(
    ("script", "choice", "reason"),
    [
        ("call: get_wether", "auto", "get_wether"),
        ("call: get_weather", "auto", "city"),
        ('call: get_weather {"city": "Os', "auto", "not JSON"),
        ("call: get_time", {"allowed_tools": {"tools": ["get_weather"]}}, "get_time"),
        ("call: get_time", "none", "get_time"),
        ("say: no", "any", "called no function"),
    ],
)
def test_wrong_call_fails_the_run(server: RunningServer, script: str, choice: Any, reason: str) -> None:
    """A call that the request does not allow is not shown; the interaction has failed and says why."""
    answer = server.create(input=script, tools=TOOLS, generation_config={"tool_choice": choice})
    assert (answer["status"], calls(answer)) == ("failed", [])
    assert reason in answer["errors"][0]["message"]


def test_calls_or_text_after_the_schema(server: RunningServer) -> None:
    """With functions and a schema an answer calls, or meets the schema, or has failed."""
    format = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    scripts = [OSLO, 'say: {"city": "Oslo"}', "say: Oslo"]
    statuses = [server.create(input=script, tools=TOOLS, response_format=format)["status"] for script in scripts]
    assert statuses == ["requires_action", "completed", "failed"]


def test_tools_are_shown_and_not_inherited(server: RunningServer) -> None:
    """The interaction shows its tools; the next turn is offered none unless it names them again."""
    first = server.create(input="say: hello", tools=TOOLS)
    assert first["tools"] == TOOLS
    second = server.create(input="functions:", previous_interaction_id=first["id"])
    assert text(second) == ""


def test_result_of_another_conversation_is_refused(server: RunningServer) -> None:
    """A call id means nothing outside its own conversation."""
    (call,) = calls(server.create(input=OSLO, tools=TOOLS))
    with server.client() as client:
        refused = client.post("/v1beta/interactions", json={"model": "scripted", "input": [result(call)]})
    assert refused.status_code == 400
    assert call["id"] in refused.json()["error"]["message"]


def declared(count: int, properties: int) -> list[dict[str, Any]]:
    """Functions, each with so many properties, and no two alike."""
    text = {"type": "string", "description": "What it is about, in a few words."}
    return [
        {
            "type": "function",
            "name": f"f{number}",
            "parameters": {"type": "object", "properties": {f"p{number}_{place}": text for place in range(properties)}},
        }
        for number in range(count)
    ]


def refusal(server: RunningServer, **body: Any) -> str:
    """Why a request is refused."""
    with server.client() as client:
        refused = client.post("/v1beta/interactions", json={"model": "scripted", "input": "say: {}"} | body)
    assert refused.status_code == 400
    return str(refused.json()["error"]["message"])


def test_many_functions_of_ordinary_size_are_taken(server: RunningServer) -> None:
    """128 functions with ten parameters each, a schema for the answer beside them."""
    format = {"type": "object", "properties": {"city": {"type": "string"}}}
    assert server.create(input="say: {}", tools=declared(128, 10), response_format=format)["status"] == "completed"


def wide(number: int) -> dict[str, Any]:
    """A function whose schema is short and becomes a large grammar: each property is an object like the whole."""
    properties = {f"p{place}": {"$ref": "#"} for place in range(300)}
    return {"type": "function", "name": f"f{number}", "parameters": {"type": "object", "properties": properties}}


def test_what_all_schemas_of_a_request_take_is_limited(server: RunningServer) -> None:
    """Each may be used, and those before the one that is too much; it is named, with what they take and the limit."""
    tools = [wide(number) for number in range(20)]
    said = refusal(server, tools=tools)
    first = int(said.partition("'tools[")[2].partition("].parameters' is too much")[0])
    assert f"may take {limits.EFFORT} steps to compile" in said
    assert int(said.split()[-1].rstrip(".")) > limits.EFFORT
    assert server.create(input="say: hello", tools=tools[:first])["status"] == "completed"
    format = tools[0]["parameters"]
    assert "'response_format' is too much" in refusal(server, tools=tools[:first], response_format=format)
    assert server.create(input="say: {}", response_format=format)["status"] == "completed"
