"""The local engine dies in mid-answer: the run fails visibly, the engine comes back, the next request is served."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.server import RunningServer, engine_of, parsed

SMALL = """
[[models]]
match = "small"
backend = "local"
model = "smollm2-135m-instruct"
"""


@pytest.mark.model
def test_the_engine_dying_fails_the_run_and_not_the_server(tmp_path: Path) -> None:
    """Kill -9 of the engine: an `error` event, a failed interaction, a new engine, and an answer from it."""
    request = {"model": "small", "input": "Count from one to two hundred in words.", "stream": True}
    with RunningServer(tmp_path, SMALL) as server, server.client() as client:
        with client.stream("POST", "/v1/interactions", json=request) as answer:
            lines = answer.iter_lines()
            seen = [next(line for line in lines if '"step.delta"' in line and line.startswith("data: "))]
            os.kill(engine_of(server), signal.SIGKILL)
            *_, error, last = parsed("\n".join([*seen, *lines]))
        assert (error["event_type"], error["error"]["code"]) == ("error", "unavailable")
        assert "engine" in error["error"]["message"]
        assert (last["event_type"], last["interaction"]["status"]) == ("interaction.completed", "failed")
        kept = client.get(f"/v1/interactions/{last['interaction']['id']}").json()
        assert (kept["status"], kept["errors"]) == ("failed", [error["error"]])
        assert kept["steps"][0]["content"][0]["text"]
        assert server.create(model="small", input="Say hello.")["status"] in ("completed", "incomplete")


@pytest.mark.model
def test_the_engine_goes_with_the_server(tmp_path: Path) -> None:
    """However the server ends, its engine ends too."""
    with RunningServer(tmp_path, SMALL) as server:
        server.create(model="small", input="Say hello.", generation_config={"max_output_tokens": 3})
        engine = engine_of(server)
        server.kill()
        assert ended_within(5, engine), "the engine outlived its server"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ended_within(seconds: float, pid: int) -> bool:
    """Whether the process ends in time."""
    deadline = time.monotonic() + seconds
    while _alive(pid) and time.monotonic() < deadline:
        pass
    return not _alive(pid)
