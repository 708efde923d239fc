"""Whole answers as they stand on the wire. A change here is a change that clients see."""

import json
from typing import Any

import pytest

from tests.golden.transcript import agrees, exchange, normalised
from tests.server import RunningServer, parsed

_PATH = "/v1beta/interactions"

RUNS: dict[str, dict[str, Any]] = {
    "plain": {"input": "say: Hello, world.", "labels": {"team": "docs"}},
    "thought": {
        "input": 'think: "First this.\\n\\nThen that."\nsay: Done.',
        "system_instruction": "Think aloud.",
        "generation_config": {"thinking_level": "low", "thinking_summaries": "auto"},
    },
    "signed": {"input": "think: quietly\nsay: Done."},
    "incomplete": {"input": "say: one two three four", "generation_config": {"max_output_tokens": 2}},
    "failed": {"input": "say: half an\nfail: bad_gateway the model broke"},
    "empty": {"input": "stop:"},
    "refused": {"input": "say: hello", "temperature": 1},
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_reads_as_it_did(server: RunningServer, name: str) -> None:
    """The stream, the stored interaction behind it and the unary answer of a run are byte for byte what they were."""
    body = {"model": "scripted"} | RUNS[name]
    with server.client() as http:
        streamed = http.post(_PATH, json=body | {"stream": True})
        answers = [exchange(streamed, body | {"stream": True})]
        if events := parsed(streamed.text):
            answers.append(exchange(http.get(f"{_PATH}/{events[0]['interaction']['id']}")))
        answers.append(exchange(http.post(_PATH, json=body), body))
    agrees(f"{name}.txt", normalised("\n".join(answers)))


def test_a_cancelled_run_reads_as_it_did(server: RunningServer) -> None:
    """A stream that another client cancels ends with its open step stopped, and without an error."""
    body = {"model": "scripted", "input": "say: begun\nwait: 600\nsay: never", "stream": True}
    with server.client() as http, server.client() as other:
        with http.stream("POST", _PATH, json=body) as stream:
            lines = stream.iter_lines()
            read = [next(lines)]
            while '"text":"begun"' not in read[-1]:
                read.append(next(lines))
            path = f"{_PATH}/{parsed(read[1])[0]['interaction']['id']}"
            cancelled = other.post(f"{path}/cancel")
            text = "\n".join([*read, *lines])
        asked = f"> POST {_PATH}\n> {json.dumps(body)}\n< 200 {stream.headers['content-type']}\n{text.rstrip()}\n"
        answers = [asked, exchange(cancelled), exchange(http.delete(path)), exchange(http.get(path))]
    agrees("cancelled.txt", normalised("\n".join(answers)))


def test_a_conversation_reads_as_it_did(server: RunningServer) -> None:
    """Two turns, and the second one read back with its input."""
    first = {"model": "scripted", "input": [{"type": "text", "text": "I have 2 dogs."}]}
    with server.client() as http:
        begun = http.post(_PATH, json=first)
        second = {"model": "scripted", "input": "history:", "previous_interaction_id": begun.json()["id"]}
        continued = http.post(_PATH, json=second)
        again = http.get(f"{_PATH}/{continued.json()['id']}", params={"include_input": "true"})
        answers = [exchange(begun, first), exchange(continued, second), exchange(again)]
    agrees("conversation.txt", normalised("\n".join(answers)))


def test_the_models_read_as_they_did(server: RunningServer) -> None:
    """The list, one model, a count, and the error of Google's older style."""
    count = {"contents": [{"parts": [{"text": "four words are here"}]}]}
    with server.client() as http:
        answers = [
            exchange(http.get("/v1beta/models")),
            exchange(http.get("/v1beta/models/scripted")),
            exchange(http.post("/v1beta/models/scripted:countTokens", json=count), count),
            exchange(http.get("/v1beta/models/nothing")),
        ]
    agrees("models.txt", "\n".join(answers))


def test_the_openapi_document_reads_as_it_did(server: RunningServer) -> None:
    """The document is served without a key, and changes only on purpose."""
    with server.client() as http:
        del http.headers["x-goog-api-key"]
        document = http.get("/openapi.json").json()
    document["info"]["version"] = "VERSION"
    agrees("openapi.json", json.dumps(document, indent=1, sort_keys=True) + "\n")
