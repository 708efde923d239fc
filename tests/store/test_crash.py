"""SIGKILL at any moment: what the store has promised is there, and the files are sound."""

import random
import subprocess
import sys
from itertools import islice
from pathlib import Path

import apsw
import pytest

from interplay.store.sqlite import SqliteStore

from .endless_writer import payload

_WRITER = Path(__file__).with_name("endless_writer.py")


@pytest.mark.parametrize("seed", range(5))
async def test_what_was_promised_survives_a_kill(seed: int, tmp_path: Path) -> None:
    """Every interaction, batch of events and end that a call returned for is whole after the process was killed."""
    promises = _killed_after(random.Random(seed).randint(1, 1500), tmp_path)
    store = SqliteStore(tmp_path)
    await store.open()
    for promise in promises:
        await _check(store, *promise.split())
    await store.close()
    assert [_integrity(tmp_path / name) for name in ("app.db", "events.db")] == ["ok", "ok"]


def _killed_after(lines: int, directory: Path) -> list[str]:
    with subprocess.Popen([sys.executable, str(_WRITER), str(directory)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        promises = list(islice(child.stdout, lines))
        child.kill()
        promises += child.stdout
    assert len(promises) >= lines
    # The last line may have been cut off by the kill.
    return [promise for promise in promises if promise.endswith("\n")]


async def _check(store: SqliteStore, what: str, id: str) -> None:
    found = await store.get("home", id)
    assert found is not None
    assert found.input == payload(id, "input")
    if what == "finished":
        assert (found.status, found.resource) == ("completed", payload(id, "resource"))
    if what.startswith("appended-"):
        events = await store.events(id)
        assert len(events) >= int(what.removeprefix("appended-"))
        assert [each.payload for each in events] == [payload(id, f"event {n + 1}") for n in range(len(events))]


def _integrity(path: Path) -> object:
    connection = apsw.Connection(str(path))
    try:
        return connection.pragma("integrity_check")
    finally:
        connection.close()
