"""Servers whose state is in Postgres: the same promises, the database's troubles, and several servers at once."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import PASSWORD, Postgres, postgres
from tests.runs.servers import ended_on, sharing, stream, until_said
from tests.server import RunningServer, events, parsed
from tests.waiting import until


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A Postgres server that a test may stop."""
    with postgres() as running:
        yield running


def test_what_one_server_keeps_another_goes_on_from(two: tuple[RunningServer, RunningServer]) -> None:
    """Interactions, their logs, conversations and keys are the database's, not a server's."""
    one, other = two
    first = one.create(input="remember the milk")
    second = other.create(input="recall: 1", previous_interaction_id=first["id"])
    assert second["steps"][0]["content"][0]["text"] == "remember the milk"
    with one.client() as here, other.client() as there:
        path = f"/v1/interactions/{first['id']}"
        assert there.get(path).json() == first
        log = events(here, "GET", path, params={"stream": "true"})
        assert events(there, "GET", path, params={"stream": "true"}) == log
        assert there.delete(path).status_code == 200
        assert here.get(path).status_code == 404


def test_what_another_server_deleted_is_not_shown_to_a_model(two: tuple[RunningServer, RunningServer]) -> None:
    """A server remembers nothing of a conversation that another may have taken something away from."""
    one, other = two
    first = one.create(input="the secret is 1234")
    second = one.create(input="say: hello", previous_interaction_id=first["id"])
    with other.client() as there:
        assert there.delete(f"/v1/interactions/{first['id']}").status_code == 200
    third = one.create(input="history:", previous_interaction_id=second["id"])
    assert "hello" in str(third["steps"])
    assert "1234" not in str(third["steps"])


def test_a_turn_that_two_servers_fork_at_once(two: tuple[RunningServer, RunningServer]) -> None:
    """Every client gets its answer, and every answer can be gone on from with its own past."""
    first = two[0].create(input="the beginning")
    answers: list[Any] = []

    def fork(server: RunningServer, name: str) -> None:
        for number in range(10):
            said = server.create(input=f"say: {name} {number}", previous_interaction_id=first["id"])
            answers.append((f"{name} {number}", said))

    clients = [threading.Thread(target=fork, args=(server, f"{n}")) for n in range(4) for server in two]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert len(answers) == 80
    assert {answer["status"] for _, answer in answers} == {"completed"}
    for _, answer in answers[::10]:
        told = two[0].create(input="recall: 1", previous_interaction_id=answer["id"])
        assert told["steps"][0]["content"][0]["text"] == "the beginning"


def test_a_killed_servers_run_is_ended_by_another(two: tuple[RunningServer, RunningServer]) -> None:
    """Within 15 s after kill -9 in mid-stream: failed, with what was said, and a log that ends as every log does."""
    dying, other = two
    with dying.client() as client, stream(client) as lines:
        seen = until_said(lines)
        id = seen[0]["interaction"]["id"]
        dying.create(input="x")  # younger than what was said, and so is the batch of events that holds both
        dying.kill()
    ended = ended_on(other, id)
    assert ended["status"] == "failed"
    assert ended["errors"][0]["code"] == "unavailable"
    assert ended["steps"][0]["content"][0]["text"].startswith("half")
    with other.client() as client:
        log = events(client, "GET", f"/v1/interactions/{id}", params={"stream": "true"})
    assert log[: len(seen)] == seen
    assert [event["event_type"] for event in log[-3:]] == ["step.stop", "error", "interaction.completed"]


def test_a_server_that_wakes_up_writes_nothing(two: tuple[RunningServer, RunningServer], address: str) -> None:
    """Paused until others have ended its runs, it tells its clients so, and not a byte of them changes."""
    zombie, other = two
    with zombie.client() as client, stream(client, "say: half of\nwait: 0.2\n" * 200) as lines:
        id = until_said(lines)[0]["interaction"]["id"]
        silent = zombie.create(input="wait: 4\nsay: late", background=True)["id"]
        unary = threading.Thread(target=_refused, args=(zombie, "wait: 15\nsay: late"))
        unary.start()
        until(lambda: len(_rows(address)[0]) == 3)
        os.kill(zombie.pid, signal.SIGSTOP)
        try:
            ended = [ended_on(other, each) for each in (id, silent)]
            until(lambda: "in_progress" not in {row[6] for row in _rows(address)[0]})
            rows = _rows(address)
        finally:
            os.kill(zombie.pid, signal.SIGCONT)
        *_, error, last = parsed("\n".join(lines))
        assert (error["error"]["code"], last["interaction"]["status"]) == ("unavailable", "failed")
    unary.join()
    until(lambda: zombie.log().count('"event": "run"') == 2)
    until(lambda: zombie.log().count('"event": "run left"') == 1)
    assert _rows(address) == rows
    assert [each["status"] for each in ended] == ["failed", "completed"]
    for server in two:
        with server.client() as client:
            assert [client.get(f"/v1/interactions/{each}").json() for each in (id, silent)] == ended
    assert zombie.create(input="say: hello")["status"] == "completed"


def test_the_runs_of_living_servers_are_left_alone(two: tuple[RunningServer, RunningServer]) -> None:
    """A run that takes longer than a dead server is waited for goes on, whatever other servers come and go."""
    one, other = two
    long = one.create(input="wait: 16\nsay: done", background=True)["id"]
    other.stop()
    other.start()
    assert ended_on(one, long, 25)["status"] == "completed"


def test_a_run_on_another_server_can_be_followed(two: tuple[RunningServer, RunningServer]) -> None:
    """From the start or from any event that its own server has shown, to its end, with the same events."""
    own, other = two
    id = own.create(input="say: one\nwait: 0.2\n" * 5, background=True)["id"]
    path = f"/v1/interactions/{id}"
    with own.client() as here, other.client() as there:
        with here.stream("GET", path, params={"stream": "true"}) as answer:
            lines = answer.iter_lines()
            seen = until_said(lines)
            cursor = {"stream": "true", "last_event_id": seen[-1]["event_id"]}
            resumed = events(there, "GET", path, params=cursor)
            log = seen + parsed("\n".join(lines))
        assert resumed == log[len(seen) :]
        id = own.create(input="say: one\nwait: 0.2\n" * 5, background=True)["id"]
        followed = events(there, "GET", f"/v1/interactions/{id}", params={"stream": "true"})
        assert followed == events(here, "GET", f"/v1/interactions/{id}", params={"stream": "true"})
    assert followed[-1]["interaction"]["status"] == "completed"


def _refused(server: RunningServer, input: str) -> None:
    with server.client() as client:
        assert client.post("/v1/interactions", json={"model": "scripted", "input": input}).status_code == 503


def _rows(address: str) -> list[list[tuple[Any, ...]]]:
    queries = ("SELECT * FROM interactions ORDER BY turn", "SELECT * FROM events.events ORDER BY 1, 2")
    return [Postgres.execute(address, query) for query in queries]


def test_a_database_that_is_away_is_503_until_it_is_back(own_postgres: Postgres, tmp_path: Path) -> None:
    """No new start is needed, and the password is in no answer and in no log."""
    with sharing(tmp_path / "one", own_postgres.database()) as server, server.client() as client:
        kept = server.create(input="say: kept")
        own_postgres.stop()
        request = {"model": "scripted", "input": "x"}
        answers = [client.get(f"/v1/interactions/{kept['id']}"), client.post("/v1/interactions", json=request)]
        assert [answer.status_code for answer in answers] == [503, 503]
        assert {answer.json()["error"]["code"] for answer in answers} == {"unavailable"}
        not_stored = client.get("/healthz")
        assert not_stored.status_code == 200
        own_postgres.start()
        assert client.get(f"/v1/interactions/{kept['id']}").json() == kept
        assert server.create(input="x")["status"] == "completed"
        assert server.stop() == 0
    assert not [answer for answer in answers if PASSWORD in answer.text]
    assert PASSWORD not in server.log()


def test_a_database_that_cannot_be_reached_stops_the_start(tmp_path: Path) -> None:
    """One sentence on standard error and exit status 1, for the server and for other commands."""
    for command in (["serve", "--port", "0", "--data", str(tmp_path)], ["keys", "list"]):
        done = _run(*command, database="postgresql://me:secret@127.0.0.1:1/name")
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("interplay: The database at 127.0.0.1:1/name cannot be used:")
        assert done.stderr.count("\n") == 1
        assert "secret" not in done.stderr


def test_keys_are_made_in_the_database(postgres_server: Postgres, tmp_path: Path) -> None:
    """`interplay keys` takes the same setting, from the environment and from a settings file."""
    address = postgres_server.database()
    settings = tmp_path / "interplay.toml"
    settings.write_text(f'[server]\ndatabase = "{address}"\n')
    secret = _run("keys", "create", "--project", "mine", database=address).stdout.split()[-1]
    assert f"...{secret[-4:]}" in _run("keys", "list", "--config", str(settings)).stdout


def _run(*arguments: str, database: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200"} | ({"INTERPLAY_DATABASE": database} if database else {})
    command = [sys.executable, "-m", "interplay", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
