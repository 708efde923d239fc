"""Following runs: streams, resuming them, leaving them, cancelling them."""

import time
from typing import Any

import httpx2
import pytest

from tests.server import RunningServer, events, parsed

SLOW = "\n".join(f"say: word{number}\nwait: 0.05" for number in range(40))
"""A script that takes two seconds."""


def first_event(lines: Any) -> dict[str, Any]:
    """The first event of a stream that is open."""
    return next(event for line in lines for event in parsed(line))


def status_of(server: RunningServer, id: str) -> str:
    """The status that GET shows."""
    with server.client() as client:
        return str(client.get(f"/v1/interactions/{id}").json()["status"])


def ended_within(server: RunningServer, id: str, seconds: float) -> str:
    """The status once the interaction is no longer in progress."""
    deadline = time.monotonic() + seconds
    while (status := status_of(server, id)) == "in_progress" and time.monotonic() < deadline:
        pass
    return status


def test_the_order_of_a_stream(server: RunningServer) -> None:
    """Created, status, then each step's start, deltas and stop, then completed; cursors grow by one."""
    stream = server.stream(input="think: hm\nsay: yes")
    assert [event["event_type"] for event in stream] == [
        "interaction.created",
        "interaction.status_update",
        *("step.start", "step.delta", "step.stop"),
        *("step.start", "step.delta", "step.stop"),
        "interaction.completed",
    ]
    id = stream[0]["interaction"]["id"]
    assert [event["event_id"] for event in stream] == [f"{id}.{number}" for number in range(1, 10)]
    assert "steps" not in stream[-1]["interaction"]


@pytest.mark.parametrize("seen", range(10))
def test_resuming_after_the_end_gives_exactly_the_rest(server: RunningServer, seen: int) -> None:
    """From any cursor, the events behind it and no others; without one, all of them."""
    whole = server.stream(input="think: hm\nsay: yes")
    id = whole[0]["interaction"]["id"]
    cursor = {"last_event_id": whole[seen - 1]["event_id"]} if seen else {}
    with server.client() as client:
        rest = events(client, "GET", f"/v1/interactions/{id}", params={"stream": "true"} | cursor)
    assert rest == whole[seen:]


def test_resuming_while_it_runs(server: RunningServer) -> None:
    """Readers that come at any time see one log: the late ones catch up and follow to the same end."""
    with server.client() as client, server.client() as other:
        request = {"model": "scripted", "input": SLOW, "stream": True}
        with client.stream("POST", "/v1/interactions", json=request) as answer:
            lines = answer.iter_lines()
            created = first_event(lines)
            id = created["interaction"]["id"]
            params = {"stream": "true", "last_event_id": created["event_id"]}
            followed = events(other, "GET", f"/v1/interactions/{id}", params=params)
            own = parsed("\n".join(lines))
    assert followed == own
    assert followed[-1]["interaction"]["status"] == "completed"


def test_leaving_a_foreground_stream_cancels_it(server: RunningServer) -> None:
    """Nobody waits for it any more, so it stops within a second, and what was said stays."""
    with server.client() as client:
        request = {"model": "scripted", "input": SLOW, "stream": True}
        with client.stream("POST", "/v1/interactions", json=request) as answer:
            id = first_event(answer.iter_lines())["interaction"]["id"]
    assert ended_within(server, id, 1) == "cancelled"


def test_leaving_an_unary_request_cancels_it(own_server: RunningServer) -> None:
    """A client that hangs up on a plain create leaves no run behind."""
    with own_server.client() as client, pytest.raises(httpx2.ReadTimeout):
        client.post("/v1/interactions", json={"model": "scripted", "input": "wait: 30"}, timeout=0.3)
    deadline = time.monotonic() + 2
    with own_server.client() as client:
        while 'status="cancelled"' not in client.get("/metrics").text:
            assert time.monotonic() < deadline


def test_one_reader_leaving_does_not_stop_another(server: RunningServer) -> None:
    """A foreground run that somebody else follows goes on to its end."""
    with server.client() as client, server.client() as other:
        request = {"model": "scripted", "input": SLOW, "stream": True}
        with client.stream("POST", "/v1/interactions", json=request) as answer:
            own = answer.iter_lines()  # kept, since the stream is closed with its iterator
            id = first_event(own)["interaction"]["id"]
            with other.stream("GET", f"/v1/interactions/{id}", params={"stream": "true"}) as follow:
                lines = follow.iter_lines()
                first_event(lines)
                answer.close()
                assert parsed("\n".join(lines))[-1]["interaction"]["status"] == "completed"


def test_a_background_run_belongs_to_the_server(server: RunningServer) -> None:
    """It answers at once, nobody need stay, and its log is the same for whoever comes."""
    started = server.create(input=SLOW, background=True)
    assert started["status"] == "in_progress"
    with server.client() as client:
        stream = events(client, "GET", f"/v1/interactions/{started['id']}", params={"stream": "true"})
        assert stream[-1]["interaction"]["status"] == "completed"
        kept = client.get(f"/v1/interactions/{started['id']}").json()
    said = "".join(event["delta"]["text"] for event in stream if event["event_type"] == "step.delta")
    assert kept["steps"][-1]["content"][0]["text"] == said


def test_a_background_stream_survives_its_reader(server: RunningServer) -> None:
    """The creator of a background stream may leave; the run goes on."""
    with server.client() as client:
        request = {"model": "scripted", "input": SLOW, "stream": True, "background": True}
        with client.stream("POST", "/v1/interactions", json=request) as answer:
            id = first_event(answer.iter_lines())["interaction"]["id"]
    assert ended_within(server, id, 10) == "completed"


def test_chaining_on_a_run_in_progress_is_refused(server: RunningServer) -> None:
    """A turn that has not ended is no history yet: 400 with its status."""
    started = server.create(input="wait: 30", background=True)
    with server.client() as client:
        request = {"model": "scripted", "input": "x", "previous_interaction_id": started["id"]}
        answer = client.post("/v1/interactions", json=request)
        assert answer.status_code == 400
        assert "in_progress" in answer.json()["error"]["message"]
        client.post(f"/v1/interactions/{started['id']}/cancel")


def test_cancelling(server: RunningServer) -> None:
    """Cancel ends the run, its followers hear of it, doing it again changes nothing, and an ended run is refused."""
    started = server.create(input="say: partly\nwait: 30", background=True)
    path = f"/v1/interactions/{started['id']}"
    with server.client() as client:
        cancelled = client.post(f"{path}/cancel", json={})
        assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
        assert client.get(path).json() == cancelled.json()
        assert client.post(f"{path}/cancel").json() == cancelled.json()
        stream = events(client, "GET", path, params={"stream": "true"})
        assert stream[-1]["interaction"]["status"] == "cancelled"
        ended = server.create(input="x")["id"]
        refused = client.post(f"/v1/interactions/{ended}/cancel")
    assert refused.status_code == 400
    assert "completed" in refused.json()["error"]["message"]


def test_deleting(server: RunningServer) -> None:
    """A deleted interaction is gone, in progress or not; the turns after it go on without what it said."""
    first = server.create(input="first")
    second = server.create(input="second", previous_interaction_id=first["id"])
    running = server.create(input="wait: 30", background=True)
    with server.client() as client:
        for id in (first["id"], running["id"]):
            assert client.delete(f"/v1/interactions/{id}").status_code == 200
            assert client.get(f"/v1/interactions/{id}").status_code == 404
            assert client.delete(f"/v1/interactions/{id}").status_code == 404
    third = server.create(input="recall: 1", previous_interaction_id=second["id"])
    assert third["steps"][0]["content"][0]["text"] == "second"


def test_a_silent_stream_shows_that_it_lives(tmp_path_factory: pytest.TempPathFactory) -> None:
    """While the model is silent, comments keep the connection warm; they are not events."""
    settings = '[server]\nheartbeat_seconds = 0.1\n[[models]]\nmatch = "scripted"\nbackend = "scripted"\n'
    request = {"model": "scripted", "input": "wait: 1\nsay: done", "stream": True}
    with RunningServer(tmp_path_factory.mktemp("beat"), settings) as server, server.client() as client:
        text = client.post("/v1/interactions", json=request).text
    assert text.count(": ping\n\n") >= 3
    assert parsed(text)[-1]["interaction"]["status"] == "completed"
