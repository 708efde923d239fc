import json
import subprocess
from typing import Any

from tests.server import RunningServer, parsed


def test_curl_needs_the_address_and_the_key_only(server: RunningServer) -> None:
    """A plain POST is answered with JSON for people: an object with the answer in its steps."""
    answer = json.loads(_curl(server, "/v1beta/interactions", {"model": "scripted", "input": "say: hello"}))
    assert (answer["object"], answer["status"]) == ("interaction", "completed")
    assert answer["steps"][0]["content"][0]["text"] == "hello"


def test_curl_reads_a_stream(server: RunningServer) -> None:
    """With `stream`, and `?alt=sse` as Google's examples have it, curl prints the events up to `[DONE]`."""
    body = {"model": "scripted", "input": "say: hello there", "stream": True}
    text = _curl(server, "/v1beta/interactions?alt=sse", body)
    deltas = [event["delta"]["text"] for event in parsed(text) if event["event_type"] == "step.delta"]
    assert deltas == ["hello", " there"]
    assert text.endswith("data: [DONE]\n\n")


def test_curl_replays_steps_by_pasting_them(server: RunningServer) -> None:
    """A stateless conversation is text put together: the first answer's `steps` go into the second request as is."""
    question = {"type": "user_input", "content": "think: hm\nsay: 2 dogs"}
    first = {"model": "scripted", "store": False, "input": [question]}
    steps = json.loads(_curl(server, "/v1beta/interactions", first))["steps"]
    history = [question, *steps, {"type": "user_input", "content": "history:"}]
    second = json.loads(_curl(server, "/v1beta/interactions", first | {"input": history}))
    assert "assistant: 2 dogs" in second["steps"][0]["content"][0]["text"]


def _curl(server: RunningServer, path: str, body: dict[str, Any]) -> str:
    headers = ["-H", f"x-goog-api-key: {server.key}", "-H", "Content-Type: application/json"]
    command = ["curl", "-sS", "--no-buffer", "-X", "POST", server.url + path, *headers, "-d", json.dumps(body)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
