"""Triggers of real servers: two over one database, and one that dies in between."""

import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.postgres import Postgres
from tests.server import SCRIPTED, RunningServer
from tests.waiting import until

TRIGGER = {"schedule": "0 0 1 1 *", "time_zone": "UTC", "interaction": {"model": "scripted", "input": "say: x"}}


def history(server: RunningServer, id: str) -> list[dict[str, Any]]:
    """The executions of a trigger."""
    with server.client() as client:
        found: list[dict[str, Any]] = client.get(f"/v1/triggers/{id}/executions").json()["trigger_executions"]
    return found


def _shared(folder: Path, address: str) -> RunningServer:
    folder.mkdir()
    return RunningServer(folder, SCRIPTED, "--database", address)


def _kill_in_between(place: str, where: str) -> None:
    command = [sys.executable, "-m", "tests.triggers.dying_server", place, where]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        child.kill()


def test_two_servers_execute_a_tick_once(postgres_server: Postgres, tmp_path: Path) -> None:
    """Both are woken when twenty triggers are due: each has one execution and one interaction, on either server."""
    address = postgres_server.database()
    with _shared(tmp_path / "one", address) as one, _shared(tmp_path / "two", address) as two:
        two.key = one.key
        with one.client() as client:
            ids = [client.post("/v1/triggers", json=TRIGGER).json()["id"] for _ in range(20)]
        due = time.time() // 60 * 60 - 60
        postgres_server.execute(address, f"UPDATE triggers SET schedule = '* * * * *', next = {due}")  # noqa: S608
        wakers = [threading.Thread(target=_wake, args=(server, ids[0])) for server in (one, two)]
        for waker in wakers:
            waker.start()
        for waker in wakers:
            waker.join()
        until(lambda: all(history(two, id) for id in ids))
        # The next full minute may have come meanwhile, and is the last; each time has one execution all the same.
        postgres_server.execute(address, "UPDATE triggers SET next = NULL")
        until(lambda: all(each["status"] == "completed" for id in ids for each in history(two, id)))
        times = {id: [each["scheduled_time"] for each in history(one, id)] for id in ids}
        assert all(len(each) == len(set(each)) for each in times.values())
        started = {each["interaction_id"] for id in ids for each in history(one, id)}
        count = postgres_server.execute(address, "SELECT count(*) FROM interactions")[0][0]
        assert count == len(started) == sum(map(len, times.values()))


def _wake(server: RunningServer, id: str) -> None:
    with server.client() as client:
        client.patch(f"/v1/triggers/{id}", json={"display_name": "woken"})


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_kill_between_record_and_start(tmp_path: Path, where: str) -> None:
    """The next server starts what was only recorded, knows what was started, and starts nothing twice."""
    _kill_in_between(str(tmp_path / "data"), where)
    with RunningServer(tmp_path) as server:
        [execution] = _ended(server)
        assert execution["status"] in ({"completed"} if where == "before" else {"completed", "failed"})
        with server.client() as client:
            assert client.get(f"/v1/interactions/{execution['interaction_id']}").status_code == 200
    with closing(apsw.Connection(str(tmp_path / "data" / "app.db"))) as rows:
        assert rows.execute("SELECT count(*) FROM interactions").fetchall() == [(1,)]


def test_another_server_starts_what_a_killed_one_has_recorded(postgres_server: Postgres, tmp_path: Path) -> None:
    """Once, although two look for it."""
    address = postgres_server.database()
    with _shared(tmp_path / "one", address) as one, _shared(tmp_path / "two", address) as two:
        two.key = one.key
        _kill_in_between(address, "before")
        assert [each["status"] for each in _ended(two)] == ["completed"]
    assert postgres_server.execute(address, "SELECT count(*) FROM interactions") == [(1,)]


def test_an_execution_goes_on_after_a_stop(tmp_path: Path) -> None:
    """Stopped in the middle of one and started again, the server finishes it, and knows that it has."""
    with RunningServer(tmp_path) as server:
        with server.client() as client:
            body = TRIGGER | {"interaction": {"model": "scripted", "input": "wait: 1\nsay: x"}}
            id = client.post("/v1/triggers", json=body).json()["id"]
            client.post(f"/v1/triggers/{id}/executions")
        server.stop()
        server.start()
        assert [each["status"] for each in _ended(server)] == ["completed"]


def _ended(server: RunningServer) -> list[dict[str, Any]]:
    """The executions of the only trigger, once the first has ended."""
    with server.client() as client:
        [trigger] = client.get("/v1/triggers").json()["triggers"]
    until(lambda: history(server, trigger["id"])[-1]["status"] != "in_progress")
    return history(server, trigger["id"])
