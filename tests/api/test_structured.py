"""Structured output over HTTP: what is asked for reaches the model compiled, and only what meets it is completed."""

import json
from typing import Any

import pytest

from tests.server import RunningServer

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": ["integer", "null"], "minimum": 0}},
    "required": ["name", "age"],
}
FORMATS: list[dict[str, Any]] = [
    {"response_format": {"type": "text", "mime_type": "application/json", "schema": SCHEMA}},
    {"response_format": [{"type": "text", "mime_type": "application/json", "schema": SCHEMA}]},
    {"response_format": {"type": "text", "schema": SCHEMA}},
    {"response_format": SCHEMA},
    {"response_format": SCHEMA, "response_mime_type": "application/json"},
    {"response_format": {key: SCHEMA[key] for key in ("properties", "required")} | {"type": "text"}},
]
GOOD = 'say: {"name": "Ada", "age": 36}'
BAD = 'say: {"name": "Ada", "age": -1}'


@pytest.mark.parametrize("format", FORMATS)
def test_every_form_of_a_format_is_enforced(server: RunningServer, format: dict[str, Any]) -> None:
    """In each form the SDKs send, an answer that meets the schema is completed, and one that does not has failed."""
    good, bad = server.create(input=GOOD, **format), server.create(input=BAD, **format)
    assert good["status"] == "completed"
    assert json.loads(good["steps"][0]["content"][0]["text"]) == {"name": "Ada", "age": 36}
    assert bad["status"] == "failed"
    assert bad["errors"][0]["code"] == "invalid_answer"
    assert "'age' is -1, expected at least 0" in bad["errors"][0]["message"]


def test_schema_reaches_the_model(server: RunningServer) -> None:
    """The model is given the compiled schema; without a format it is given none."""
    said = server.create(input="format:", response_format=SCHEMA)["steps"][0]["content"][0]["text"]
    assert json.loads(said)["required"] == ["name", "age"]
    assert server.create(input="format:")["steps"][0]["content"][0]["text"] == "null"


def test_stream_joins_to_the_answer(server: RunningServer) -> None:
    """The deltas of a stream join to the JSON; its last event says completed."""
    events = server.stream(input=GOOD, response_format=SCHEMA)
    text = "".join(event["delta"]["text"] for event in events if event["event_type"] == "step.delta")
    assert json.loads(text) == {"name": "Ada", "age": 36}
    assert events[-1]["interaction"]["status"] == "completed"


def test_failed_stream_says_why(server: RunningServer) -> None:
    """What has been shown when it turns out wrong is followed by an error event and the status failed."""
    events = server.stream(input=BAD, response_format=SCHEMA)
    assert [event["event_type"] for event in events[-2:]] == ["error", "interaction.completed"]
    assert events[-2]["error"]["code"] == "invalid_answer"
    assert events[-1]["interaction"]["status"] == "failed"


def test_answer_of_nothing_is_a_failed_interaction(server: RunningServer) -> None:
    """An answer without any text is a failed interaction that can be read, not an error that the SDKs send again."""
    answer = server.create(input="think: hm", response_format=SCHEMA)
    assert answer["status"] == "failed"
    with server.client() as client:
        assert client.get(f"/v1beta/interactions/{answer['id']}").json() == answer


def test_cut_answer_is_incomplete(server: RunningServer) -> None:
    """An answer that the token limit cut is incomplete, whether or not it can be parsed."""
    answer = server.create(input=GOOD, response_format=SCHEMA, generation_config={"max_output_tokens": 2})
    assert answer["status"] == "incomplete"


def test_json_without_a_schema(server: RunningServer) -> None:
    """JSON without a schema is any object or list, and nothing else."""
    format = {"type": "text", "mime_type": "application/json"}
    for more in ({}, {"response_mime_type": "application/json"}):
        asked = {"response_format": format} | more
        statuses = [server.create(input=f"say: {text}", **asked)["status"] for text in ("[1]", "{}", "5")]
        assert statuses == ["completed", "completed", "failed"]


def test_plain_text_is_not_judged(server: RunningServer) -> None:
    """Plain text, asked for or not, may be anything."""
    for format in ({}, {"response_format": {"type": "text"}}, {"response_mime_type": "text/plain"}):
        assert server.create(input="say: {", **format)["status"] == "completed"


def test_format_is_shown_and_not_inherited(server: RunningServer) -> None:
    """The interaction shows its format; the next turn of the conversation has none."""
    first = server.create(input=GOOD, response_format=SCHEMA)
    assert first["response_format"] == SCHEMA
    second = server.create(input="say: plain", previous_interaction_id=first["id"])
    assert second["status"] == "completed"
