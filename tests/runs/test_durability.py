"""What survives: crashes, restarts, a full disk, an orderly stop."""

import os
import random
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.server import SCRIPTED, RunningServer, events, parsed

LONG = "say: half of\nwait: 60\nsay: an answer"


def test_a_crash_in_mid_stream_fails_the_run_visibly(own_server: RunningServer) -> None:
    """After kill -9 and a restart the run is failed, holds what was said, and its log ends as every log does."""
    earlier = own_server.create(input="remember the milk")
    with own_server.client() as client:
        request = {"model": "scripted", "input": LONG, "stream": True}
        with client.stream("POST", "/v1/interactions", json=request) as answer:
            seen: list[dict[str, Any]] = []
            lines = answer.iter_lines()
            while not any(event["event_type"] == "step.delta" for event in seen):
                seen += parsed(next(lines))
            # A batch of events is written every 10 ms. Another interaction, durable when it is answered, is
            # younger than this delta, and so is the batch that holds both.
            own_server.create(input="x")
            own_server.kill()
    own_server.start()
    id = seen[0]["interaction"]["id"]
    with own_server.client() as client:
        kept = client.get(f"/v1/interactions/{id}").json()
        log = events(client, "GET", f"/v1/interactions/{id}", params={"stream": "true"})
        resumed = events(
            client, "GET", f"/v1/interactions/{id}", params={"stream": "true", "last_event_id": seen[-1]["event_id"]}
        )
        assert client.get(f"/v1/interactions/{earlier['id']}").json() == earlier
    assert kept["status"] == "failed"
    assert kept["errors"][0]["code"] == "unavailable"
    assert kept["steps"][0]["content"][0]["text"].startswith("half")
    assert log[: len(seen)] == seen
    assert resumed == log[len(seen) :]
    assert [event["event_type"] for event in log[-3:]] == ["step.stop", "error", "interaction.completed"]
    recalled = own_server.create(input="recall: 1", previous_interaction_id=earlier["id"])
    assert recalled["steps"][0]["content"][0]["text"] == "remember the milk"


@pytest.mark.parametrize("seed", range(5))
def test_whatever_was_answered_is_whole_after_a_crash(own_server: RunningServer, seed: int) -> None:
    """Kill -9 at a random moment under load: every answer that a client got is there, and nothing is left running."""
    moment = random.Random(seed).uniform(0.3, 0.9)
    answered: list[dict[str, Any]] = []
    first = threading.Event()

    def talk() -> None:
        previous: dict[str, str] = {}
        with own_server.client() as client:
            while True:
                try:
                    request = {"model": "scripted", "input": "say: hello\nwait: 0.001"} | previous
                    answer = client.post("/v1/interactions", json=request).json()
                except (httpx2.HTTPError, ValueError):
                    return
                answered.append(answer)
                first.set()
                previous = {"previous_interaction_id": answer["id"]}

    talkers = [threading.Thread(target=talk) for _ in range(4)]
    for talker in talkers:
        talker.start()
    assert first.wait(30)
    threading.Event().wait(moment)
    own_server.kill()
    for talker in talkers:
        talker.join()
    own_server.start()
    with own_server.client() as client:
        for answer in answered:
            assert client.get(f"/v1/interactions/{answer['id']}").json() == answer
            log = events(client, "GET", f"/v1/interactions/{answer['id']}", params={"stream": "true"})
            assert log[-1]["interaction"]["status"] == "completed"
    assert answered


def test_an_orderly_stop_lets_answers_finish(own_server: RunningServer) -> None:
    """SIGTERM: a stream in progress is finished, new requests find no server, the exit status is 0."""
    with own_server.client() as client:
        request = {"model": "scripted", "input": "say: a\nwait: 0.5\nsay: b", "stream": True}
        with client.stream("POST", "/v1/interactions", json=request) as answer:
            lines = answer.iter_lines()
            first = next(line for line in lines if line.startswith("data: "))
            stopping = threading.Thread(target=own_server.stop)
            stopping.start()
            rest = parsed("\n".join([first, *lines]))
            stopping.join()
    assert rest[-1]["interaction"]["status"] == "completed"
    own_server.start()
    with own_server.client() as client:
        assert client.get(f"/v1/interactions/{rest[0]['interaction']['id']}").json()["status"] == "completed"


def costly(number: int) -> dict[str, Any]:
    """A function whose schema takes long to compile."""
    ways = [{"anyOf": [{"type": "integer", "minimum": low}, {"type": "integer", "maximum": 99}]} for low in range(8)]
    places = {f"q{place}": {"allOf": [{"$ref": "#/$defs/p"}], "title": str(place)} for place in range(20)}
    schema = {"type": "object", "$defs": {"p": {"allOf": ways}}, "properties": places, "title": str(number)}
    return {"type": "function", "name": f"f{number}", "parameters": schema}


def processor_seconds(pid: int) -> float:
    """What a process has used of the processor."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux how busy a process is")
def test_a_request_that_is_being_read_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    """SIGTERM while many schemas compile: the request is refused at the end of the grace period, and all is over."""
    with RunningServer(tmp_path, "[server]\ngrace_seconds = 0.5\n" + SCRIPTED) as server, server.client() as client:
        answers: list[httpx2.Response] = []
        body = {"model": "scripted", "input": "hello", "tools": [costly(number) for number in range(150)]}
        asking = threading.Thread(target=lambda: answers.append(client.post("/v1/interactions", json=body)))
        before = processor_seconds(server.pid)
        asking.start()
        while processor_seconds(server.pid) < before + 0.5:
            assert asking.is_alive(), answers
        started = time.monotonic()
        assert server.stop() == 0
        stopped = time.monotonic() - started
        asking.join()
    assert (answers[0].status_code, answers[0].json()["error"]["code"]) == (503, "unavailable")
    assert stopped < 5  # all of them take four times as long


def test_the_grace_period_ends(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is not finished within the grace period is failed with the reason, and its reader is told."""
    settings = "[server]\ngrace_seconds = 0.2\n" + SCRIPTED
    with RunningServer(tmp_path_factory.mktemp("grace"), settings) as server, server.client() as client:
        request = {"model": "scripted", "input": LONG, "stream": True}
        with client.stream("POST", "/v1/interactions", json=request) as answer:
            lines = answer.iter_lines()
            first = next(line for line in lines if line.startswith("data: "))
            stopping = threading.Thread(target=server.stop)
            stopping.start()
            *_, error, last = parsed("\n".join([first, *lines]))
            stopping.join()
    assert error["error"]["code"] == "unavailable"
    assert last["interaction"]["status"] == "failed"


def test_a_second_server_on_the_same_data_is_refused(own_server: RunningServer) -> None:
    """Two servers on one folder would end each other's runs: the second says so in one sentence."""
    second = RunningServer(own_server.folder)
    with pytest.raises(AssertionError, match="Another server is running on the data folder"):
        second.start()
    second.stop()


def test_nothing_is_left_of_what_was_not_stored(own_server: RunningServer) -> None:
    """With `store` false, no file of the server's holds what was said."""
    own_server.create(input="say: unforgettable-nonsense", store=False)
    own_server.create(input="x")
    own_server.stop()
    for file in own_server.data.rglob("*"):
        if file.is_file():
            assert b"unforgettable-nonsense" not in file.read_bytes(), file


def test_nothing_is_left_of_what_was_deleted(own_server: RunningServer) -> None:
    """After DELETE, at once and while the server runs, no file of the server's holds what was said."""
    id = own_server.create(input="say: unforgettable-nonsense")["id"]
    with own_server.client() as client:
        client.delete(f"/v1/interactions/{id}")
    for file in own_server.data.rglob("*"):
        if file.is_file():
            assert b"unforgettable-nonsense" not in file.read_bytes(), file


def test_a_full_disk_is_a_clear_refusal(tmp_path: Path) -> None:
    """When nothing more can be written, new requests are a 507 that says so, and all that was answered stays whole."""
    answered: list[dict[str, Any]] = []
    with RunningServer(tmp_path, file_limit=1 << 20) as server, server.client() as client:
        status = 200
        while status == 200:
            request = {"model": "scripted", "input": f"say: {len(answered)}", "labels": {"n": "x" * 63}}
            answer = client.post("/v1/interactions", json=request | {"system_instruction": "x" * 20_000})
            status = answer.status_code
            answered += [answer.json()] if status == 200 else []
        assert status == 507
        assert answer.json()["error"]["code"] == "storage_full"
        assert client.get(f"/v1/interactions/{answered[0]['id']}").json() == answered[0]
        not_stored = client.post("/v1/interactions", json={"model": "scripted", "input": "x", "store": False})
        assert not_stored.status_code == 200
    with RunningServer(tmp_path) as server, server.client() as client:
        for interaction in answered:
            assert client.get(f"/v1/interactions/{interaction['id']}").json() == interaction
        assert server.create(input="x")["status"] == "completed"
