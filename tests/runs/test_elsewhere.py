"""Runs that another server answers: seen, cancelled and deleted as if there were one server."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.postgres import Postgres
from tests.runs.servers import ended_on, stream, until_said
from tests.server import RunningServer, events, parsed
from tests.waiting import until

Two = tuple[RunningServer, RunningServer]
SILENT = "say: half of\nwait: 600\nsay: an answer"


@contextmanager
def paused(server: RunningServer) -> Iterator[None]:
    """A server that does nothing for the length of the block, as if it were dead."""
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


def wished(server: RunningServer, id: str) -> Any:
    """The answer to a cancel."""
    with server.client() as client:
        return client.post(f"/v1/interactions/{id}/cancel")


def test_get_shows_the_steps_so_far(two: Two) -> None:
    """Of a run on another server, as its own server shows them, with the input if that is asked for."""
    own, other = two
    with own.client() as here, other.client() as there, stream(here, SILENT) as lines:
        id = until_said(lines)[0]["interaction"]["id"]
        query = {"include_input": "true"}
        until(lambda: bool(there.get(f"/v1/interactions/{id}").json().get("steps")))
        shown = [client.get(f"/v1/interactions/{id}", params=query).json() for client in (here, there)]
    assert shown[0] == shown[1]
    assert (shown[1]["status"], shown[1]["input"]) == ("in_progress", SILENT)
    assert [step["type"] for step in shown[1]["steps"]] == ["user_input", "model_output"]
    assert [step["content"][0]["text"] for step in shown[1]["steps"]] == [SILENT, "half of"]


def test_any_server_cancels(two: Two) -> None:
    """Within a second, though the model says nothing; the answer is the Interaction, and all readers see the end."""
    own, other = two
    with own.client() as here, other.client() as there, stream(here, SILENT) as lines:
        id = until_said(lines)[0]["interaction"]["id"]
        with there.stream("GET", f"/v1/interactions/{id}", params={"stream": "true"}) as answer:
            elsewhere = answer.iter_lines()
            until_said(elsewhere)
            began = time.monotonic()
            cancelled = wished(other, id)
            assert time.monotonic() - began < 1
            assert parsed("\n".join(elsewhere))[-1]["interaction"]["status"] == "cancelled"
        assert parsed("\n".join(lines))[-1]["interaction"]["status"] == "cancelled"
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.json()["steps"][0]["content"][0]["text"] == "half of"
    assert _got(own, id) == _got(other, id) == wished(other, id).json() == cancelled.json()
    assert '"status": "cancelled"' in own.log()


def test_what_has_ended_on_another_server_cannot_be_cancelled(two: Two) -> None:
    """It is the 400 that its own server gives, and nothing changes."""
    own, other = two
    done = own.create(input="say: done")
    assert [wished(server, done["id"]).status_code for server in two] == [400, 400]
    assert wished(other, done["id"]).json() == wished(own, done["id"]).json()
    assert _got(other, done["id"]) == done


def test_any_server_deletes(two: Two) -> None:
    """A run is cancelled first, so its readers on every server see an end; then nothing of it is left."""
    own, other = two
    with own.client() as here, other.client() as there, stream(here, SILENT) as lines:
        id = until_said(lines)[0]["interaction"]["id"]
        with other.client() as third, there.stream("GET", f"/v1/interactions/{id}?stream=true") as answer:
            elsewhere = answer.iter_lines()
            until_said(elsewhere)
            began = time.monotonic()
            assert third.delete(f"/v1/interactions/{id}").status_code == 200
            assert time.monotonic() - began < 1
            assert parsed("\n".join(elsewhere))[-1]["interaction"]["status"] == "cancelled"
        assert parsed("\n".join(lines))[-1]["interaction"]["status"] == "cancelled"
        assert [client.get(f"/v1/interactions/{id}").status_code for client in (here, there)] == [404, 404]


def test_a_wish_whose_signal_was_lost_is_met(two: Two, address: str) -> None:
    """Whoever asked may have died with it: the wish is in the database, and the owner looks."""
    own, _ = two
    id = own.create(input=SILENT, background=True)["id"]
    Postgres.execute(address, f"INSERT INTO cancels VALUES ('{id}', 0)")  # noqa: S608 - an id of ours
    assert ended_on(own, id, 3)["status"] == "cancelled"


def test_a_run_whose_server_is_dead_is_cancelled(two: Two) -> None:
    """By whoever takes it over, which the cancel waits for; what its model had said is kept, and its log has an end."""
    own, other = two
    with own.client() as here, stream(here, SILENT) as lines:
        id = until_said(lines)[0]["interaction"]["id"]
        own.create(input="x")  # younger than what was said, and so is the batch of events that holds both
        own.kill()
    cancelled = wished(other, id)
    while cancelled.status_code == 503:  # as long as it takes to be sure that the server is dead
        assert "noted" in cancelled.json()["error"]["message"]
        cancelled = wished(other, id)
    assert cancelled.json()["status"] == "cancelled"
    assert cancelled.json()["steps"][0]["content"][0]["text"] == "half of"
    with other.client() as there:
        log = events(there, "GET", f"/v1/interactions/{id}", params={"stream": "true"})
    assert [event["event_type"] for event in log[-2:]] == ["step.stop", "interaction.completed"]


def test_a_zombie_stops_at_once(two: Two) -> None:
    """Paused and taken over, its models silent: awake, it ends its runs within two seconds and writes nothing."""
    zombie, other = two
    with zombie.client() as client, stream(client, SILENT) as lines:
        id = until_said(lines)[0]["interaction"]["id"]
        until(lambda: bool(_got(other, id).get("steps")))
        with paused(zombie):
            ended = ended_on(other, id, 30)
            began = time.monotonic()
        *_, error, last = parsed("\n".join(lines))
        assert time.monotonic() - began < 2
    assert (error["error"]["code"], last["interaction"]["status"]) == ("unavailable", "failed")
    assert _got(zombie, id) == _got(other, id) == ended


@pytest.mark.parametrize("end", ["", "wait: 0.3\n"])
def test_a_follower_elsewhere_sees_every_end(two: Two, end: str) -> None:
    """The same log as on its own server, however soon the run ends."""
    own, other = two
    id = own.create(input=f"say: one\n{end}say: two", background=True)["id"]
    with own.client() as here, other.client() as there:
        logs = [events(each, "GET", f"/v1/interactions/{id}", params={"stream": "true"}) for each in (there, here)]
    assert logs[0] == logs[1]


def _got(server: RunningServer, id: str) -> Any:
    with server.client() as client:
        return client.get(f"/v1/interactions/{id}").json()
