"""Creating interactions: what the answer holds, and what goes on with a conversation."""

from typing import Any

import pytest

from tests.runs.background import HELD, begun, cancel
from tests.server import RunningServer, events
from tests.waiting import until

FAILING = "say: half\nfail: bad_gateway it broke"
USER_INPUT = {"type": "user_input", "content": [{"type": "text", "text": "remember me"}]}


def text_of(interaction: dict[str, Any]) -> str:
    """The text of the last step."""
    return str(interaction["steps"][-1]["content"][0]["text"])


def test_the_answer_is_a_whole_interaction(server: RunningServer) -> None:
    """Everything that the SDKs rely on is there, and the model is the one asked for."""
    answer = server.create(input="Hello there")
    assert answer["id"].startswith("v1_")
    assert (answer["status"], answer["object"], answer["model"]) == ("completed", "interaction", "scripted")
    assert answer["steps"] == [{"type": "model_output", "content": [{"type": "text", "text": "Hello there"}]}]
    assert answer["created"].endswith("Z")
    assert answer["updated"] >= answer["created"]
    assert answer["usage"]["total_tokens"] == answer["usage"]["total_input_tokens"] + 2


def test_what_was_asked_is_echoed(server: RunningServer) -> None:
    """Labels and settings come back, in the answer and in GET."""
    asked = {"labels": {"team": "a-1"}, "system_instruction": "Be brief.", "generation_config": {"seed": 7}}
    answer = server.create(input="x", **asked)
    assert {name: answer[name] for name in asked} == asked
    with server.client() as client:
        assert client.get(f"/v1/interactions/{answer['id']}").json() == answer


@pytest.mark.parametrize("tier", ["flex", "standard", "priority"])
def test_the_tier_served_is_said(server: RunningServer, tier: str) -> None:
    """There is one class of service, and the answer says so whatever was asked."""
    assert server.create(input="x", service_tier=tier)["service_tier"] == "standard"


@pytest.mark.parametrize(
    "input",
    [
        "remember me",
        {"type": "text", "text": "remember me"},
        [{"type": "text", "text": "remember me"}],
        [{"type": "user_input", "content": "remember me"}],
        [{"type": "user_input", "content": [{"type": "text", "text": "remember me"}]}],
    ],
)
def test_every_shape_of_input_is_the_same_input(server: RunningServer, input: object) -> None:
    """A string, a block, a list of blocks and a list of steps say the same; GET gives it back as sent, and as steps."""
    answer = server.create(input=input)
    assert text_of(answer) == "remember me"
    kept = shown(server, answer["id"])
    assert kept["input"] == input
    assert kept["steps"] == [USER_INPUT, *answer["steps"]]


def shown(server: RunningServer, id: str) -> Any:
    """The Interaction with its input."""
    with server.client() as client:
        return client.get(f"/v1/interactions/{id}", params={"include_input": "true"}).json()


def test_the_input_of_a_turn_is_its_own(server: RunningServer) -> None:
    """With `include_input` the steps begin with what this turn was sent: a result, not the conversation before it."""
    tool = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {"a": {}}}}
    first = server.create(input='call: f {"a": 1}', tools=[tool])
    call = first["steps"][-1]
    result = {"type": "function_result", "call_id": call["id"], "name": "f", "result": "7"}
    second = server.create(input=[result], previous_interaction_id=first["id"], tools=[tool])
    assert shown(server, second["id"])["steps"] == [result, *second["steps"]]
    again = [{"type": "user_input", "content": 'call: f {"a": 1}'}, call, result]
    whole = server.create(input=again, tools=[tool])
    steps = shown(server, whole["id"])["steps"]
    assert [step["type"] for step in steps] == ["user_input", "function_call", "function_result", "model_output"]
    assert steps[1:] == [call, result, *whole["steps"]]


def test_the_input_is_shown_whatever_became_of_the_run(server: RunningServer) -> None:
    """While it runs, when it was cancelled, and when it failed, the steps so far follow it."""
    id = begun(server, HELD)
    until(lambda: len(shown(server, id)["steps"]) == 2)
    running = shown(server, id)
    cancel(server, id)
    failed = server.stream(input=FAILING)[0]["interaction"]
    for interaction, status, input in (
        (running, "in_progress", HELD),
        (shown(server, id), "cancelled", HELD),
        (shown(server, failed["id"]), "failed", FAILING),
    ):
        assert interaction["status"] == status
        assert interaction["input"] == input
        assert [step["type"] for step in interaction["steps"]] == ["user_input", "model_output"]
        assert interaction["steps"][0]["content"] == [{"type": "text", "text": input}]


def test_a_conversation_goes_on_from_any_turn(server: RunningServer) -> None:
    """Each turn sees its own past: two answers to one turn do not see each other."""
    first = server.create(input="first")
    left = server.create(input="left", previous_interaction_id=first["id"])
    right = server.create(input="right", previous_interaction_id=first["id"])
    for turn, expected in ((left, "left"), (right, "right")):
        assert text_of(server.create(input="recall: 1", previous_interaction_id=turn["id"])) == "first"
        assert text_of(server.create(input="recall: 2", previous_interaction_id=turn["id"])) == expected


def test_instructions_are_not_carried_over(server: RunningServer) -> None:
    """`system_instruction` holds for its own turn only."""
    first = server.create(input="system:", system_instruction="Be brief.")
    assert text_of(first) == "Be brief."
    second = server.create(input="system:", previous_interaction_id=first["id"])
    assert "Be brief." not in str(second["steps"])


def test_a_conversation_can_be_the_clients(server: RunningServer) -> None:
    """With `store` false the client sends the steps again, unknown fields included, and nothing is kept."""
    question = {"type": "user_input", "content": [{"type": "text", "text": "think: hm\nsay: hello"}]}
    first = server.create(store=False, input=[question])
    replayed = [step | {"from_elsewhere": {"a": 1}} for step in first["steps"]]
    again = {"type": "user_input", "content": [{"type": "text", "text": "recall: 1"}]}
    second = server.create(store=False, input=[question, *replayed, again])
    assert text_of(second) == "think: hm\nsay: hello"
    with server.client() as client:
        for turn in (first, second):
            assert client.get(f"/v1/interactions/{turn['id']}").status_code == 404
            following = {"model": "scripted", "input": "x", "previous_interaction_id": turn["id"]}
            assert client.post("/v1/interactions", json=following).status_code == 404


def test_the_token_limit_leaves_it_incomplete(server: RunningServer) -> None:
    """An answer cut by `max_output_tokens` is `incomplete`, and the conversation goes on from it."""
    answer = server.create(input="one two three", generation_config={"max_output_tokens": 2})
    assert (answer["status"], text_of(answer)) == ("incomplete", "one two")
    assert server.create(input="more", previous_interaction_id=answer["id"])["status"] == "completed"


def test_thinking_is_shown_only_when_asked_for(server: RunningServer) -> None:
    """A thought step has a signature always, and a summary with `thinking_summaries` auto."""
    hidden = server.create(input="think: hm\nsay: yes")["steps"][0]
    assert hidden["type"] == "thought"
    assert set(hidden) == {"type", "signature"}
    shown = server.create(input="think: hm\nsay: yes", generation_config={"thinking_summaries": "auto"})["steps"][0]
    assert shown["summary"] == [{"type": "text", "text": "hm"}]


def test_a_failure_before_any_output_is_an_error_answer(server: RunningServer) -> None:
    """What the model refuses at once has the failure's own status, so that the SDKs treat it as what it is."""
    with server.client() as client:
        answer = client.post("/v1/interactions", json={"model": "scripted", "input": "fail: rate_limited slow down"})
    assert answer.status_code == 429
    assert answer.json() == {"error": {"code": "rate_limited", "message": "slow down"}}
    assert answer.headers["retry-after"] == "1"


def test_a_failure_in_mid_answer_is_a_failed_interaction(server: RunningServer) -> None:
    """What was said stays, with the reason, and it is not a turn to go on from."""
    *_, error, last = server.stream(input="say: half of\nfail: bad_gateway the model is gone")
    assert error["event_type"] == "error"
    assert error["error"] == {"code": "bad_gateway", "message": "the model is gone"}
    assert (last["event_type"], last["interaction"]["status"]) == ("interaction.completed", "failed")
    with server.client() as client:
        kept = client.get(f"/v1/interactions/{last['interaction']['id']}").json()
        assert (kept["status"], text_of(kept)) == ("failed", "half of")
        assert kept["errors"] == [error["error"]]
        following = {"model": "scripted", "input": "x", "previous_interaction_id": kept["id"]}
        assert client.post("/v1/interactions", json=following).status_code == 400


def test_a_stream_goes_on_after_the_event_in_the_header(server: RunningServer) -> None:
    """`Last-Event-ID`, as readers of event streams send it, is `last_event_id`; both may say the same."""
    id = server.create(input="say: one two")["id"]
    path = f"/v1/interactions/{id}?stream=true"
    with server.client() as client:
        every = events(client, "GET", path)
        cursor = every[2]["event_id"]
        assert events(client, "GET", path, headers={"Last-Event-ID": cursor}) == every[3:]
        assert events(client, "GET", f"{path}&last_event_id={cursor}", headers={"Last-Event-ID": cursor}) == every[3:]
