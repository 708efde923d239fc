"""Limits as clients meet them."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.postgres import Postgres
from tests.runs.background import HELD, begun, cancel, ended, get, text_of
from tests.server import SCRIPTED, RunningServer, events
from tests.waiting import until

GOOD = {"model": "scripted", "input": "say: hello\ncount: input=30 output=30"}
QUESTIONS = {"sure": {"type": "noul", "instructions": "weigh: yes=0.7 no=0.3"}}


def _limited(folder: Path, limits: str, *arguments: str) -> RunningServer:
    folder.mkdir(exist_ok=True)
    return RunningServer(folder, f"{SCRIPTED}\n{limits}\n", *arguments)


def _create(client: httpx2.Client, **body: Any) -> httpx2.Response:
    return client.post("/v1/interactions", json=GOOD | body)


def _refused(answer: httpx2.Response, limit: str) -> str:
    assert answer.status_code == 429, answer.text
    error = answer.json()["error"]
    assert error["code"] == "rate_limited"
    assert error["message"].startswith(f"The limit '{limit}' of ")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    return str(error["message"])


@pytest.mark.parametrize("body", [{}, {"stream": True}, {"store": False}, {"background": True}])
def test_a_request_beyond_the_limit_is_refused_before_anything_is_kept(tmp_path: Path, body: dict[str, bool]) -> None:
    """Whatever its form, it is a 429 as JSON; what is there can be read, cancelled and deleted all the same."""
    with _limited(tmp_path, "[limits]\nrequests_per_minute = 2") as server, server.client() as client:
        kept = _create(client).json()["id"]
        assert _create(client).status_code == 200
        assert 'of project "default" is 2' in _refused(_create(client, **body), "requests_per_minute")
        assert client.get(f"/v1/interactions/{kept}").status_code == 200
        assert client.delete(f"/v1/interactions/{kept}").status_code == 200
        assert client.post(
            "/v1/models/scripted:countTokens", json={"contents": [{"parts": [{"text": "a"}]}]}
        ).is_success
        metrics = client.get("/metrics").text
        assert 'interplay_requests_limited_total{limit="requests_per_minute"} 1.0' in metrics
        assert 'interplay_runs_ended_total{model="scripted",status="completed"} 2.0' in metrics
    assert '"event": "limited"' in server.log()


def test_decisions_are_requests_too(tmp_path: Path) -> None:
    """They are counted with interactions."""
    with _limited(tmp_path, "[limits]\nrequests_per_minute = 2") as server, server.client() as client:
        asked = {"model": "scripted", "input": "x", "questions": QUESTIONS}
        assert client.post("/v1/decisions", json=asked).status_code == 200
        assert _create(client).status_code == 200
        _refused(client.post("/v1/decisions", json=asked), "requests_per_minute")
        _refused(_create(client), "requests_per_minute")


def test_tokens_of_decisions_are_counted_too(tmp_path: Path) -> None:
    """Each time that the model was asked: here twice, for a token of output each."""
    with _limited(tmp_path, "[limits]\ntokens_per_minute = 100") as server, server.client() as client:
        asked = {"model": "scripted", "input": "count: input=60", "questions": QUESTIONS}
        assert client.post("/v1/decisions", json=asked).status_code == 200
        assert "tokens used in the last minute: 122" in _refused(_create(client), "tokens_per_minute")
        _refused(client.post("/v1/decisions", json=asked), "tokens_per_minute")


def test_tokens_are_counted_at_the_end(tmp_path: Path) -> None:
    """A run may go over the limit; the next begins when the last minute is under it again."""
    with _limited(tmp_path, "[limits]\ntokens_per_minute = 100") as server, server.client() as client:
        assert [_create(client, store=store).status_code for store in (True, False)] == [200, 200]
        assert "tokens used in the last minute: 120" in _refused(_create(client), "tokens_per_minute")


def test_a_run_in_progress_is_counted_until_it_ends(tmp_path: Path) -> None:
    """Ended, cancelled, left by its client, or refused at its start: its place is free at once."""
    with _limited(tmp_path, "[limits]\nconcurrent_runs = 1") as server, server.client() as client:
        running = _create(client, input="wait: 60", background=True).json()["id"]
        refused = _create(client)
        _refused(refused, "concurrent_runs")
        assert refused.headers["retry-after"] == "2"
        assert client.post(f"/v1/interactions/{running}/cancel").status_code == 200
        assert _create(client).status_code == 200
        assert _create(client, input="").status_code == 400
        assert _create(client, model="unknown").status_code == 404
        assert _create(client, previous_interaction_id="v1_nothing").status_code == 404
        with pytest.raises(httpx2.ReadTimeout):
            client.post("/v1/interactions", json=GOOD | {"input": "wait: 60"}, timeout=0.3)
        until(lambda: _create(client).status_code == 200)
        assert len(events(client, "POST", "/v1/interactions", json=GOOD | {"stream": True})) > 3
        assert _create(client).status_code == 200


def test_a_background_run_waits_for_its_place(tmp_path: Path) -> None:
    """Beyond the limit it is queued, not refused, and begins when a run of its project ends; others are not held up."""
    with _limited(tmp_path, "[limits]\nconcurrent_runs = 1") as server:
        running, first, second = (begun(server, input) for input in (HELD, HELD, "say: hello"))
        assert [get(server, id)["status"] for id in (running, first, second)] == ["in_progress", "queued", "queued"]
        secret = server.command("keys", "create", "--project", "other").split()[-1]
        with server.client() as client, server.client(secret) as other:
            _refused(_create(client), "concurrent_runs")
            body = {"model": "scripted", "input": "say: hello", "background": True}
            id = other.post("/v1/interactions", json=body).json()["id"]
            until(lambda: other.get(f"/v1/interactions/{id}").json()["status"] == "completed")
        cancel(server, running)
        until(lambda: get(server, first)["status"] == "in_progress")
        assert get(server, second)["status"] == "queued"
        cancel(server, first)
        assert text_of(ended(server, second)) == "hello"


def test_a_background_run_begins_when_one_in_the_foreground_ends(tmp_path: Path) -> None:
    """They share their places."""
    with _limited(tmp_path, "[limits]\nconcurrent_runs = 1") as server, server.client() as client:
        with client.stream("POST", "/v1/interactions", json=GOOD | {"input": HELD, "stream": True}):
            id = begun(server, "say: hello")
            assert get(server, id)["status"] == "queued"
        assert text_of(ended(server, id)) == "hello"


def test_a_queue_that_is_full_takes_no_more(tmp_path: Path) -> None:
    """A background run is refused while as many as the limit wait for a server; others are not."""
    nobody = "[server]\nbackground_runs = 0\n"
    with _limited(tmp_path, f"{nobody}[limits]\nqueue_length = 2") as server, server.client() as client:
        for _ in range(2):
            begun(server, "say: hello")
        assert "background runs that wait: 2" in _refused(_create(client, background=True), "queue_length")
        assert _create(client).status_code == 200


def test_another_project_is_not_affected(tmp_path: Path) -> None:
    """Nor another key by what a key may ask for; each says whose limit it is."""
    limits = "[limits]\nrequests_per_minute = 3\n[limits.each_key]\nrequests_per_minute = 2\n"
    with _limited(tmp_path, f'{limits}[limits.projects."big"]\nrequests_per_minute = "none"') as server:
        secrets = [server.key] + [
            server.command("keys", "create", "--project", project).split()[-1] for project in ("default", "big", "big")
        ]
        answers = []
        for secret in secrets:
            with server.client(secret) as client:
                answers.append([_create(client) for _ in range(3)])
    assert [[answer.status_code for answer in each] for each in answers] == [
        [200, 200, 429],
        [200, 429, 429],
        [200, 200, 429],
        [200, 200, 429],
    ]
    assert 'of key "key_' in _refused(answers[0][2], "requests_per_minute")
    assert 'of project "default" is 3' in _refused(answers[1][1], "requests_per_minute")
    assert 'of key "key_' in _refused(answers[2][2], "requests_per_minute")


def test_a_key_can_have_limits_of_its_own(tmp_path: Path) -> None:
    """By its id; one that the server does not know stops the start, since nothing would hold it."""
    with RunningServer(tmp_path) as first:
        id = next(line for line in first.command("keys", "list").splitlines() if "default" in line).split()[1]
    with _limited(tmp_path, f'[limits.keys."{id}"]\nrequests_per_minute = 1') as server:
        key = (server.data / "first-key").read_text().strip()
        with server.client(key) as client:
            assert _create(client).status_code == 200
            assert f'of key "{id}" is 1' in _refused(_create(client), "requests_per_minute")
    unknown = _limited(tmp_path, '[limits.keys."key_typo"]\nrequests_per_minute = 1')
    with pytest.raises(AssertionError, match='limits for keys that this server does not know: "key_typo"'):
        unknown.start()
    unknown.stop()


def test_curl_is_told_in_one_line(tmp_path: Path) -> None:
    """The status, the pause and the reason."""
    with _limited(tmp_path, "[limits]\nrequests_per_minute = 1") as server:
        server.create(input="x")
        command = ["curl", "-si", f"{server.url}/v1/interactions", "-H", f"x-goog-api-key: {server.key}"]
        done = subprocess.run([*command, "-d", json.dumps(GOOD)], capture_output=True, text=True, check=True)
    head, _, body = done.stdout.partition("\n\n")
    assert head.startswith("HTTP/1.1 429")
    assert "retry-after: " in head
    assert json.loads(body)["error"]["message"].startswith(
        "The limit 'requests_per_minute' of project \"default\" is 1;"
    )


def test_a_restart_begins_the_minute_anew(tmp_path: Path) -> None:
    """Where one server counts in memory, which the documents say."""
    with _limited(tmp_path, "[limits]\nrequests_per_minute = 1") as server, server.client() as client:
        assert _create(client).status_code == 200
        _refused(_create(client), "requests_per_minute")
        server.stop()
        server.start()
        key = (server.data / "first-key").read_text().strip()
        with server.client(key) as again:
            assert _create(again).status_code == 200


@pytest.fixture
def two(postgres_server: Postgres, tmp_path: Path) -> Iterator[tuple[RunningServer, RunningServer]]:
    """Two servers over one database, with limits."""
    limits = "[limits]\nrequests_per_minute = 8\nconcurrent_runs = 2\ntokens_per_minute = 200"
    database = ("--database", postgres_server.database())
    with _limited(tmp_path / "one", limits, *database) as one, _limited(tmp_path / "two", limits, *database) as second:
        second.key = one.key
        yield one, second


def test_servers_hold_their_limits_together(two: tuple[RunningServer, RunningServer]) -> None:
    """Runs, tokens and requests of one are counted by the other; a server that died runs nothing."""
    one, second = two
    long = GOOD | {"input": HELD, "stream": True}
    with one.client() as first, second.client(one.key) as other, ExitStack() as running:
        for client in (first, other):
            running.enter_context(client.stream("POST", "/v1/interactions", json=long))
        _refused(_create(first), "concurrent_runs")
        _refused(_create(other), "concurrent_runs")
        one.kill()
        until(lambda: _create(other, input="say: x\ncount: output=1").status_code == 200)
        assert _create(other, input="count: input=200").status_code == 200
        _refused(_create(other), "tokens_per_minute")
        one.start()
        with one.client(second.key) as again:
            _refused(_create(again), "tokens_per_minute")


@pytest.mark.parametrize(
    ("limits", "arguments", "said"),
    [
        ("[limits]\nrequests_per_minute = 0", (), "Expected `int` >= 1 - at `$.limits.requests_per_minute`"),
        ('[limits]\ntokens_per_minute = "many"', (), "'^none$' - at `$.limits.tokens_per_minute`"),
        ("[limits]\nrequests = 3", (), "Unknown setting 'limits.requests'. Expected one of: concurrent_runs, each_key"),
        ("[limits]\nrequests_per_minutes = 3", (), "Did you mean 'requests_per_minute'?"),
        ('[limits.projects."shop"]\nqueue_lenght = 1', (), "Did you mean 'queue_length'?"),
        ('[limits.projects."shop"]\nqueue_length = -1', (), '>= 1 - at `$.limits.projects."shop".queue_length`'),
        ("[limits.keys]\nkey_1 = 3", (), 'got `int` - at `$.limits.keys."key_1"`'),
        (
            "[limits.each_key]\nconcurrent_runs = 1",
            ("--no-auth",),
            "The limits of keys in the command line would never",
        ),
    ],
)
def test_limits_that_cannot_be_held_stop_the_start(
    tmp_path: Path, limits: str, arguments: tuple[str, ...], said: str
) -> None:
    """One sentence says where and what was expected."""
    server = _limited(tmp_path, limits, *arguments)
    with pytest.raises(AssertionError) as refused:
        server.start()
    server.stop()
    assert said in str(refused.value)
