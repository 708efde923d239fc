"""Hints of a request: taken where their absence cannot make an answer wrong, and the answer says so, once."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.models.sloppy_server import Body, Refusal, Reply, said, sloppy_server
from tests.server import RunningServer
from tests.waiting import until

HEADER = "x-interplay-notes"
FUNCTION = {"type": "function", "name": "f"}
TAKEN: list[tuple[dict[str, Any], str]] = [
    ({"safety_settings": [{"type": "harassment", "threshold": "off"}]}, "safety_settings: nothing is blocked here"),
    (
        {"safety_settings": [{"type": t, "threshold": "BLOCK_NONE", "method": "severity"} for t in ("jailbreak", "x")]},
        "safety_settings: nothing is blocked here",
    ),
    (
        {"generation_config": {"thinking_level": "xhigh"}},
        'generation_config.thinking_level: "xhigh" asked for, "high" given',
    ),
    (
        {"generation_config": {"speech_config": [{"voice": "Kore"}]}},
        "generation_config.speech_config: there is no audio in the answer",
    ),
    (
        {"generation_config": {"image_config": {"aspect_ratio": "1:1"}, "video_config": {"task": "edit"}}},
        (
            "generation_config.video_config: there is no video in the answer; "
            "generation_config.image_config: there is no image in the answer"
        ),
    ),
    (
        {"generation_config": {"transcription_config": {"language_codes": ["pl"]}}},
        "generation_config.transcription_config: there is no audio in the input",
    ),
    ({"service_tier": "flex"}, 'service_tier: "flex" asked for, "standard" given'),
    ({"tools": [FUNCTION, FUNCTION | {"name": "g", "short_description": "g"}]}, "tools[1].short_description: "),
]
DONE: list[dict[str, Any]] = [
    {},
    {"safety_settings": []},
    {"service_tier": "standard", "response_modalities": ["TEXT"], "labels": {"a": "b"}},
    {"generation_config": dict.fromkeys(("thinking_level",), "low") | {"thinking_summaries": "auto"}},
    {"generation_config": {"seed": 1, "top_k": 2, "top_p": 0.5, "temperature": 0, "stop_sequences": ["x"]}},
    {"generation_config": {"speech_config": None, "image_config": None}, "cached_content": "", "environment": ""},
    {"tools": [FUNCTION | {"description": "d", "defer_loading": False}], "system_instruction": "Be kind."},
]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"safety_settings": [{"type": "a", "threshold": "block_medium_and_above"}]}, "'safety_settings[0].threshold'"),
    ({"response_modalities": ["text", "audio"]}, "'response_modalities'"),
    ({"response_format": {"type": "image"}, "generation_config": {"image_config": {}}}, "'response_format'"),
    ({"cached_content": "cachedContents/1"}, "'cached_content'"),
    ({"environment": "remote"}, "'environment'"),
    ({"tools": [FUNCTION | {"defer_loading": True}]}, "'tools[0].defer_loading'"),
]
HINTS: dict[str, Any] = {"model": "scripted", "input": "say: hi", "generation_config": {"thinking_level": "xhigh"}}
NOTE = 'generation_config.thinking_level: "xhigh" asked for, "high" given'


@pytest.mark.parametrize(("more", "note"), TAKEN)
def test_a_hint_is_taken_and_the_answer_says_so(server: RunningServer, more: dict[str, Any], note: str) -> None:
    """The answer is the one without the hint; the resource shows the request as it was sent."""
    with server.client() as client:
        answer = client.post("/v1beta/interactions", json={"model": "scripted", "input": "say: hi"} | more)
    assert answer.status_code == 200, answer.text
    assert answer.headers[HEADER].startswith(note)
    assert answer.json()["steps"][0]["content"] == [{"type": "text", "text": "hi"}]
    assert answer.json().get("generation_config") == more.get("generation_config")


@pytest.mark.parametrize("more", DONE)
def test_what_is_done_has_no_note(server: RunningServer, more: dict[str, Any]) -> None:
    """The header is there only where something comes to nothing."""
    with server.client() as client:
        answer = client.post("/v1beta/interactions", json={"model": "scripted", "input": "say: hi"} | more)
    assert answer.status_code == 200, answer.text
    assert HEADER not in answer.headers


@pytest.mark.parametrize(("more", "where"), REFUSED)
def test_what_a_client_relies_on_is_refused(server: RunningServer, more: dict[str, Any], where: str) -> None:
    """An answer without it would not be what was asked for."""
    with server.client() as client:
        answer = client.post("/v1beta/interactions", json={"model": "scripted", "input": "say: hi"} | more)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(where)


@pytest.mark.parametrize(
    "how",
    [{}, {"stream": True}, {"background": True}, {"background": True, "stream": True}, {"store": False}],
    ids=["unary", "stream", "background", "background stream", "not stored"],
)
def test_every_kind_of_answer_says_so_and_the_log_once(own_server: RunningServer, how: dict[str, Any]) -> None:
    """The header comes with the head of an answer; the log has a line for the request, with its interaction."""
    with own_server.client() as client:
        answer = client.post("/v1beta/interactions", json=HINTS | how)
        assert (answer.status_code, answer.headers[HEADER]) == (200, NOTE)
        client.post("/v1beta/interactions", json={"model": "scripted", "input": "say: hi"})
    until(lambda: own_server.log().count('"run"') >= 2)
    lines = [line for line in map(json.loads, own_server.log().splitlines()) if line["event"] == "hints taken"]
    assert [line["notes"] for line in lines] == [NOTE]
    assert lines[0]["interaction"] in answer.text


@pytest.mark.parametrize("how", [{}, {"stream": True}], ids=["unary", "stream"])
async def test_the_answer_that_taught_what_an_upstream_refuses_says_so(tmp_path: Path, how: dict[str, Any]) -> None:
    """And so do those that follow; the log has it once, without the name that only the client knows the model by."""

    def behaviour(body: Body) -> Reply | Refusal:
        return Refusal(400, "Unrecognized request argument supplied: seed") if "seed" in body else said("Yes.")

    def asked(url: str) -> list[str | None]:
        entry = f'[[models]]\nmatch = "*"\nbackend = "openai"\nbase_url = "{url}"\n'
        body = {"model": "mine", "input": "Hi", **how}
        with RunningServer(tmp_path, entry) as ours, ours.client() as client:
            configs = ({"seed": 1}, {"seed": 1}, {"top_p": 0.5})
            answers = [client.post("/v1beta/interactions", json=body | {"generation_config": c}) for c in configs]
            lines = [{name: line[name] for name in line if name != "timestamp"} for line in ours.logged("learnt")]
            assert lines == [{"event": "learnt", "level": "info", "upstream": f"* at {url}", "without": "seed"}]
            return [answer.headers.get(HEADER) for answer in answers]

    async with sloppy_server(behaviour) as server:
        notes = await asyncio.to_thread(asked, server.url)
    assert notes == [*["generation_config.seed: the upstream does not take it"] * 2, None]


def test_a_trigger_says_so_when_it_is_made(server: RunningServer) -> None:
    """What its interactions will not have is known from the beginning."""
    trigger = {"interaction": HINTS, "schedule": "0 0 1 1 *", "time_zone": "UTC"}
    with server.client() as client:
        made = client.post("/v1beta/triggers", json=trigger)
        assert (made.status_code, made.headers[HEADER]) == (200, NOTE)
        client.delete(f"/v1beta/triggers/{made.json()['id']}")
