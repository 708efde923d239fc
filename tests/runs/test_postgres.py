"""Servers whose state is in Postgres: the same promises, the database's troubles, and several servers at once."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import PASSWORD, Postgres, postgres
from tests.server import SCRIPTED, RunningServer, events


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A Postgres server that a test may stop."""
    with postgres() as running:
        yield running


@pytest.fixture
def two(postgres_server: Postgres, tmp_path: Path) -> Iterator[tuple[RunningServer, RunningServer]]:
    """Two servers over one database, each with a folder of its own."""
    address = postgres_server.database()
    with _server(tmp_path / "one", address) as one, _server(tmp_path / "two", address) as two:
        two.key = one.key
        yield one, two


def _server(folder: Path, address: str) -> RunningServer:
    folder.mkdir()
    return RunningServer(folder, SCRIPTED, "--database", address)


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


def test_a_database_that_is_away_is_503_until_it_is_back(own_postgres: Postgres, tmp_path: Path) -> None:
    """No new start is needed, and the password is in no answer and in no log."""
    with _server(tmp_path / "one", own_postgres.database()) as server, server.client() as client:
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
