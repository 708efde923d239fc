"""`interplay usage`, as people and programs see it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Postgres
from tests.server import SCRIPTED, RunningServer
from tests.waiting import until

SAID = "say: hello\ncount: input=1200 output=34 cached=200 thought=5"
QUESTIONS = {"sure": {"type": "noul", "instructions": "weigh: yes=0.7 no=0.3\ncount: input=7 output=1"}}


@pytest.fixture(params=["sqlite", "postgres"])
def metered(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    """A server over each kind of store; `usage` and `keys` are told of the same store."""
    if request.param == "sqlite":
        with RunningServer(tmp_path) as running:
            yield running
        return
    database: Postgres = request.getfixturevalue("postgres_server")
    with RunningServer(tmp_path, SCRIPTED, "--database", database.database()) as running:
        yield running


def _command(server: RunningServer, *arguments: str) -> str:
    return server.command(*arguments, *(server._arguments if "--database" in server._arguments else ()))


def _used(server: RunningServer, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_command(server, "usage", "--json", *arguments))
    return found


def _requests(server: RunningServer) -> int:
    return sum(int(line["requests"]) for line in _used(server))


def test_everything_that_has_used_tokens_is_shown_while_the_server_runs(metered: RunningServer) -> None:
    """Stored or not, deleted, streamed, in the background, and decisions; for the key that has asked."""
    server = metered
    server.create(input=SAID)
    server.create(input=SAID, store=False)
    server.stream(input=SAID, store=False)
    with server.client() as client:
        client.delete(f"/v1/interactions/{server.create(input=SAID)['id']}")
        body = {"model": "scripted", "input": "x", "questions": QUESTIONS}
        answer = client.post("/v1/decisions", json=body)
        assert answer.status_code == 200, answer.text
        usage = answer.json()["usage"]
    until(lambda: _requests(server) == 5)
    [line] = _used(server)
    assert line["key"].startswith("key_")
    assert line["key_ends_in"] == server.key[-4:]
    assert (line["project"], line["model"]) == ("default", "scripted")
    assert line["input_tokens"] == 4 * 1200 + usage["total_input_tokens"]
    assert line["output_tokens"] == 4 * 34 + usage["total_output_tokens"]
    assert (line["cached_tokens"], line["thought_tokens"]) == (800, 20)
    assert line["total_tokens"] == line["input_tokens"] + line["output_tokens"] + 20


def test_people_see_a_table(metered: RunningServer) -> None:
    """A line for each project, key and model, then all of it; a revoked key still says which it was."""
    server = metered
    server.create(input=SAID)
    other = _command(server, "keys", "create", "--project", "shop").split()[-1]
    with server.client(other) as client:
        client.post("/v1/interactions", json={"model": "scripted", "input": SAID})
    id = next(line for line in _command(server, "keys", "list").splitlines() if "shop" in line).split()[1]
    _command(server, "keys", "revoke", id)
    shown = _command(server, "usage").splitlines()
    assert [re.split(r"  +", line.strip()) for line in shown[0:1]] == [
        ["project", "key", "model", "requests", "input", "(cached)", "output", "thought", "total"]
    ]
    assert re.fullmatch(r"default +key_\w+ \(\.\.\..{4}\) +scripted +1 +1,200 +200 +34 +5 +1,239", shown[1])
    assert re.fullmatch(
        rf"shop +{id} \(\.\.\.{re.escape(other[-4:])}\) +scripted +1 +1,200 +200 +34 +5 +1,239", shown[2]
    )
    assert re.fullmatch(r"all +2 +2,400 +400 +68 +10 +2,478", shown[3])
    assert len({len(line) for line in shown}) == 1
    assert other not in "\n".join(shown)


def test_what_a_stopping_server_has_not_written_yet_is_written_at_its_end(own_server: RunningServer) -> None:
    """Runs that are not stored are counted with the next batch, and the last batch comes before the end."""
    own_server.create(input=SAID, store=False)
    own_server.stop()
    assert _requests(own_server) == 1


def test_days_and_groups_can_be_chosen(own_server: RunningServer) -> None:
    """`--since` and `--until` are days, both included; `--by` says what lines are told apart by."""
    own_server.create(input=SAID)
    [line] = _used(own_server, "--by", "day")
    today = line.pop("day")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", today)
    assert "project" not in line
    assert _used(own_server, "--by", "model", "--since", today, "--until", today)[0]["model"] == "scripted"
    assert _used(own_server, "--until", "2020-01-01") == []
    assert _command(own_server, "usage", "--until", "2020-01-01") == "Nothing was used in these days.\n"
    by_two = _command(own_server, "usage", "--by", "project", "--by", "day").splitlines()
    assert by_two[1].split()[:2] == ["default", today]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "'--since' 'yesterday' is not a day: expected one as 2026-11-27."),
        (["--until", "2026-2-3"], "'--until' '2026-2-3' is not a day: expected one as 2026-11-27."),
        (["--since", "2026-02-03", "--until", "2026-02-02"], "'--since' 2026-02-03 is after '--until' 2026-02-02"),
    ],
)
def test_a_day_that_is_none_is_a_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    """On standard error, with exit status 1."""
    command = [sys.executable, "-m", "interplay", "usage", "--data", str(tmp_path), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"interplay: {said}")


def test_nothing_used_is_said(tmp_path: Path) -> None:
    """In words for people, as an empty list for programs."""
    command = [sys.executable, "-m", "interplay", "usage", "--data", str(tmp_path)]
    subprocess.run([*command[:3], "keys", "create", *command[4:]], capture_output=True, check=True)
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "Nothing has been used yet.\n"
    assert json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout) == []


def test_a_models_name_tells_a_terminal_nothing(tmp_path: Path) -> None:
    """Where a pattern takes any name, a client may have asked for one with control characters."""
    with RunningServer(tmp_path, SCRIPTED.replace('"scripted"', '"*"', 1), "--no-auth") as server:
        server.create(model="a\x1b[31mb", input=SAID)
        shown = _command(server, "usage").splitlines()[1]
    assert shown.split()[:3] == ["default", "none", "a\ufffd[31mb"]
