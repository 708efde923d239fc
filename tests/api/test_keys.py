"""Keys: who gets in, and that projects are apart."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.server import SCRIPTED, RunningServer

GOOD = {"model": "scripted", "input": "x"}


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that asks for no keys."""
    with RunningServer(tmp_path_factory.mktemp("open"), SCRIPTED, "--no-auth") as running:
        yield running


@pytest.mark.parametrize("way", ["x-goog-api-key", "Authorization", "?key="])
def test_a_key_opens_in_three_ways(server: RunningServer, way: str) -> None:
    """A header of Google's, a bearer token and a query item are the same key."""
    headers = {
        "x-goog-api-key": {"x-goog-api-key": server.key},
        "Authorization": {"Authorization": f"Bearer {server.key}"},
    }
    with server.client("") as client:
        query = {"key": server.key} if way == "?key=" else {}
        answer = client.post("/v1/interactions", json=GOOD, headers=headers.get(way, {}), params=query)
    assert answer.status_code == 200


@pytest.mark.parametrize("key", ["", "wrong", "interplay-" + "x" * 43])
@pytest.mark.parametrize("path", ["/v1/interactions", "/v1/interactions/v1_a", "/v1/models", "/v1/models/scripted"])
def test_no_key_opens_nothing(server: RunningServer, key: str, path: str) -> None:
    """Without a key of ours every resource is a 401 that says what to do, and does not repeat the key."""
    with server.client(key) as client:
        answer = client.post(path, json=GOOD) if path == "/v1/interactions" else client.get(path)
    assert answer.status_code == 401
    assert not key or key not in answer.text
    assert "key" in answer.json()["error"]["message"]


def test_projects_do_not_see_each_other(server: RunningServer) -> None:
    """Another project's interaction is a 404 to every operation, as if it were not there."""
    mine = server.create(input="x")["id"]
    other = server.command("keys", "create", "--project", "other").split()[-1]
    with server.client(other) as client:
        answers = [
            client.get(f"/v1/interactions/{mine}"),
            client.get(f"/v1/interactions/{mine}?stream=true"),
            client.delete(f"/v1/interactions/{mine}"),
            client.post(f"/v1/interactions/{mine}/cancel"),
            client.post("/v1/interactions", json=GOOD | {"previous_interaction_id": mine}),
        ]
    assert [answer.status_code for answer in answers] == [404] * 5
    with server.client() as client:
        assert client.get(f"/v1/interactions/{mine}").status_code == 200


def test_a_key_made_while_the_server_runs_works_until_it_is_revoked(own_server: RunningServer) -> None:
    """`keys create` and `keys revoke` need no restart; the listing never shows a secret."""
    made = own_server.command("keys", "create", "--project", "late").split()[-1]
    with own_server.client(made) as client:
        assert client.post("/v1/interactions", json=GOOD).status_code == 200
        listing = own_server.command("keys", "list")
        assert made not in listing
        id = next(line for line in listing.splitlines() if "late" in line).split()[1]
        own_server.command("keys", "revoke", id)
        for _ in range(200):  # the server trusts a key it has just looked up for a second
            if client.post("/v1/interactions", json=GOOD).status_code == 401:
                return
    pytest.fail("the revoked key still works")


def test_secrets_are_kept_nowhere(own_server: RunningServer) -> None:
    """No file of the server's state but its own key file, and no log line, holds a key."""
    made = own_server.command("keys", "create").split()[-1]
    with own_server.client() as client:
        client.post(f"/v1/interactions?key={made}", json=GOOD)
    own_server.stop()
    for file in own_server.folder.rglob("*"):
        if file.is_file():
            assert made.encode() not in file.read_bytes(), file


def test_a_project_is_listed_by_its_own_name(own_server: RunningServer) -> None:
    """What looks like markup is a name; what cannot be printed is none."""
    own_server.command("keys", "create", "--project", "[/b] [red]x[/red]")
    assert "[/b] [red]x[/red]" in own_server.command("keys", "list")
    for name in ("", " ", "a\x1b[31m", "a\nb"):
        done = _without_a_server("keys", "create", "--project", name, "--data", str(own_server.data))
        assert (done.returncode, "expected printable characters" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:1234"}, 200),
        ({"origin": "http://127.0.0.1:3000"}, 200),
        ({"host": "rebound.example"}, 403),
        ({"origin": "https://example.org"}, 403),
    ],
)
def test_without_keys_only_this_machine_is_answered(
    open_server: RunningServer, headers: dict[str, str], status: int
) -> None:
    """With --no-auth, a web page of somebody else's in a local browser gets nothing done."""
    with open_server.client("") as client:
        assert client.post("/v1/interactions", json=GOOD, headers=headers).status_code == status


def test_no_auth_is_refused_on_a_public_address(tmp_path: Path) -> None:
    """A server without keys does not listen to the network: it says so and does not start."""
    server = RunningServer(tmp_path, SCRIPTED, "--no-auth", "--host", "0.0.0.0")  # noqa: S104
    with pytest.raises(AssertionError, match="Without keys the server listens on this machine only"):
        server.start()
    server.stop()


@pytest.mark.parametrize(
    "command",
    ["usage", "keys list", "keys revoke key_1", "webhooks dead", "webhooks replay --all", "webhooks rotate-key"],
)
def test_a_folder_in_which_no_server_was_is_not_made(tmp_path: Path, command: str) -> None:
    """A command for state that is not there says so in one sentence, and makes nothing."""
    missing = tmp_path / "typo"
    done = _without_a_server(*command.split(), "--data", str(missing))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"interplay: There is no state of a server in {missing}: name its folder with --data")
    assert not missing.exists()


def test_a_database_in_which_no_server_was_stays_empty(postgres_server: Postgres) -> None:
    """It is told by its place, without the password, and gets no tables; `keys create` makes them."""
    address = postgres_server.empty_database()
    done = _without_a_server("keys", "list", "--database", address)
    assert done.returncode == 1
    assert done.stderr.startswith("interplay: There is no state of a server in the database at ")
    assert Postgres.execute(address, "SELECT to_regclass('alembic_version')") == [(None,)]
    assert _without_a_server("keys", "create", "--database", address).returncode == 0
    assert _without_a_server("keys", "list", "--database", address).returncode == 0


def test_a_server_that_cannot_show_a_key_says_where_there_is_one(postgres_server: Postgres, tmp_path: Path) -> None:
    """The second server of a database knows only hashes: its greeting says whose keys hold, and how to make one."""
    database = ("--database", postgres_server.empty_database())
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        RunningServer(tmp_path / "one", SCRIPTED, *database) as one,
        RunningServer(tmp_path / "two", SCRIPTED, *database) as two,
    ):
        assert "'interplay keys create'" in two.greeting
        assert "first-key" in two.greeting
        assert "'interplay keys create'" not in one.greeting
        with two.client(one.key) as client:
            assert client.post("/v1/interactions", json=GOOD).status_code == 200


def _without_a_server(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "interplay", *arguments], capture_output=True, text=True, check=False)
