"""A rolling restart: one server or worker after the other is stopped and started again, under load."""

import os
import re
import signal
import time
from pathlib import Path

from tests.load import WORDS, Load, Log
from tests.place import Place
from tests.server import SCRIPTED, RunningServer, events, parsed
from tests.waiting import until

from .background import HELD, begun, cancel, log_of, said_in, text_of

FEW = "[server]\nbackground_runs = 1\n" + SCRIPTED
"""Leaves work to the worker."""

NONE = "[server]\nbackground_runs = 0\n" + SCRIPTED
"""Leaves all of it."""


def test_a_rolling_restart_loses_nothing(place: Place) -> None:
    """Twice around, every accepted run ends once and whole, and no stream that a server began is broken off."""
    servers = [place.server(FEW), place.server(FEW)]
    worker = place.worker()
    with Load(servers) as load:
        for process in (*servers, worker) * 2:
            restart(process, load)
    assert not load.faults
    assert all(whole(log) for log in load.streams)
    assert all(text_of(answer).split() == WORDS for answer in load.answers)
    until(lambda: place.rows("SELECT count(*) FROM work") == [(0,)])
    check_background(servers[0], load)
    check_database(place)


def test_a_stop_lets_go_of_who_follows_a_run_elsewhere(place: Place) -> None:
    """At once, without the end of a stream: the run goes on, and so does its reader, on another server."""
    leaving, other = place.server(NONE), place.server()
    id = begun(leaving, HELD)
    with (
        leaving.client() as client,
        client.stream("GET", f"/v1/interactions/{id}", params={"stream": "true"}) as answer,
    ):
        lines = answer.iter_lines()
        seen = parsed(next(line for line in lines if '"go"' in line))
        began = time.monotonic()
        assert leaving.stop() == 0
        assert time.monotonic() - began < 8
        assert "data: [DONE]" not in list(lines)
    cancel(other, id)
    assert log_of(other, id, seen[-1]["event_id"])[-1]["interaction"]["status"] == "cancelled"


def test_a_server_says_that_it_leaves_while_it_still_serves(tmp_path: Path) -> None:
    """So that a load balancer sends nothing to a server that takes nothing."""
    with RunningServer(tmp_path, "[server]\nleave_seconds = 60\n" + SCRIPTED) as server, server.client() as client:
        assert client.get("/readyz").status_code == 200
        os.kill(server.pid, signal.SIGTERM)
        until(lambda: client.get("/readyz").status_code == 503)
        assert client.get("/readyz").json()["parts"]["serving"] is False
        assert server.create(input="say: still here")["status"] == "completed"
        os.kill(server.pid, signal.SIGINT)  # enough
    assert "Traceback" not in server.log()


def restart(process: RunningServer, load: Load) -> None:
    """Stop it while it works, well within the grace period; the others go on meanwhile. Then start it again."""
    until(lambda: running(process) > 0)
    began = time.monotonic()
    assert process.stop() == 0
    assert time.monotonic() - began < 8
    load.goes_on()
    process.start()


def running(process: RunningServer) -> float:
    """How many interactions a process is answering."""
    with process.client("") as client:
        return float(re.findall(r"\ninterplay_runs_in_progress (\S+)", client.get("/metrics").text)[0])


def check_background(server: RunningServer, load: Load) -> None:
    """All of it is completed, and its log is whole, also for those who read it while it was handed around."""
    with server.client(load.key) as client:
        for id in [*load.left, *load.followed]:
            assert text_of(client.get(f"/v1/interactions/{id}").json()).split() == WORDS
            log = events(client, "GET", f"/v1/interactions/{id}", params={"stream": "true"})
            assert whole(log)
            assert load.followed.get(id, log) == log


def check_database(place: Place) -> None:
    """What no client has seen ended well too; each was counted once, and some were indeed handed over."""
    assert place.rows("SELECT DISTINCT status FROM interactions") == [("completed",)]
    assert place.rows("SELECT sum(interactions) FROM usage") == place.rows("SELECT count(*) FROM interactions")
    assert place.rows("SELECT count(*) > 0 FROM events.events WHERE attempt > 1") == [(True,)]


def whole(log: Log) -> bool:
    """Whether a log has every event once, all of what was said, and its end."""
    numbers = [int(event["event_id"].rpartition(".")[2]) for event in log]
    completed = [event for event in log if event["event_type"] == "interaction.completed"]
    return (
        numbers == list(range(1, len(log) + 1))
        and said_in(log).split() == WORDS
        and completed == log[-1:]
        and completed[0]["interaction"]["status"] == "completed"
    )
