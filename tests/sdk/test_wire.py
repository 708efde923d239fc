"""What the SDKs depend on and their users never see: statuses, headers, bytes."""

import pytest

from tests.server import RunningServer

BODY = {"model": "scripted", "input": "think: a\nsay: hello"}


def test_every_answer_is_exactly_200_with_json(server: RunningServer) -> None:
    """The SDKs take 200 only, and a body without a JSON content type for an error; delete answers `{}`."""
    with server.client() as http:
        created = http.post("/v1/interactions", json=BODY)
        path = f"/v1/interactions/{created.json()['id']}"
        running = http.post("/v1/interactions", json=BODY | {"input": "wait: 600", "background": True})
        cancelled = http.post(f"/v1/interactions/{running.json()['id']}/cancel")
        answers = [created, running, cancelled, http.get(path), http.delete(path)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert all(answer.headers["content-type"] == "application/json" for answer in answers)
    assert answers[-1].json() == {}


def test_a_request_without_a_body_may_call_itself_json(server: RunningServer) -> None:
    """The SDKs label get, delete and cancel as JSON though nothing is in them."""
    with server.client() as http:
        interaction_id = http.post("/v1/interactions", json=BODY | {"input": "wait: 600", "background": True}).json()[
            "id"
        ]
        label = {"content-type": "application/json"}
        assert http.get(f"/v1/interactions/{interaction_id}", headers=label).status_code == 200
        assert http.post(f"/v1/interactions/{interaction_id}/cancel", headers=label).status_code == 200
        assert http.request("DELETE", f"/v1/interactions/{interaction_id}", headers=label).status_code == 200


def test_the_value_of_stream_counts(server: RunningServer) -> None:
    """Every plain `get` of the SDKs says `stream=false`."""
    with server.client() as http:
        interaction_id = http.post("/v1/interactions", json=BODY).json()["id"]
        plain = http.get(f"/v1/interactions/{interaction_id}", params={"stream": "false"})
        streamed = http.get(f"/v1/interactions/{interaction_id}", params={"stream": "true"})
    assert plain.json()["id"] == interaction_id
    assert streamed.headers["content-type"].startswith("text/event-stream")


def test_what_the_sdks_compute_is_not_sent(server: RunningServer) -> None:
    """`output_*`, `continuation_ids` and `initial_input_tokens` are the SDKs' own to fill in."""
    with server.client() as http:
        text = http.post("/v1/interactions", json=BODY).text
    assert "output_text" not in text
    assert "continuation_ids" not in text
    assert "initial_input_tokens" not in text


@pytest.mark.parametrize("script", ["say: a", "say: a\nfail: internal oh", "wait: 1.1\nfail: internal oh"])
def test_the_last_event_ends_with_a_blank_line(server: RunningServer, script: str) -> None:
    """JavaScript drops an event without one; after the last comes `[DONE]`, once."""
    with server.client() as http:
        text = http.post("/v1/interactions", json=BODY | {"input": script, "stream": True}).text
    *events, done, rest = text.split("\n\n")
    assert done == "event: done\ndata: [DONE]"
    assert rest == ""
    assert events[-1].startswith('event: interaction.completed\ndata: {"event_type":"interaction.completed"')


def test_an_api_revision_is_neither_needed_nor_minded(server: RunningServer) -> None:
    """Scripts of older guides send the header; it changes nothing."""
    with server.client() as http:
        answer = http.post("/v1beta/interactions", json=BODY, headers={"Api-Revision": "2026-05-20"})
    assert [step["type"] for step in answer.json()["steps"]] == ["thought", "model_output"]


def test_permanent_faults_are_never_retried_statuses(server: RunningServer) -> None:
    """What sending again cannot mend is 400, 401, 404 or 413, never 408, 409, 429 or 5xx."""
    with server.client() as http:
        done = http.post("/v1/interactions", json=BODY).json()["id"]
        answers = [
            http.post("/v1/interactions", content=b"{not json"),
            http.post("/v1/interactions", json=[]),
            http.post("/v1/interactions", content=b'{"model": "scripted", "input": "\xff"}'),
            http.post("/v1/interactions", json=BODY | {"model": "nothing"}),
            http.post(f"/v1/interactions/{done}/cancel"),
            http.patch(f"/v1/interactions/{done}"),
            http.get(f"/v1/interactions/{done}", params={"streem": "true"}),
            http.get(f"/v1/interactions/{done}", params={"last_event_id": "x"}),
            http.get("/v1/interactions"),
            http.get("/v1/nothing"),
        ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 404, 400, 400, 400, 400, 400, 404]
    assert all(set(answer.json()["error"]) == {"code", "message"} for answer in answers)
