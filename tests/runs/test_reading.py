"""Reading the log of a run that is not here: woken by signals, whatever becomes of the run."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from interplay import wire
from interplay.errors import Failure
from interplay.runs import reading
from interplay.runs.log import Entry, numbered
from interplay.runs.reading import StoredReader
from interplay.store.interactions import LoggedEvent, StoredInteraction
from interplay.store.sqlite import SqliteStore
from tests.store.samples import ending, new

RESOURCE = msgspec.json.encode(wire.Interaction(id="a", status="in_progress", created="", updated="", steps=()))


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqliteStore]:
    """A store with a run in progress that is nobody's here; who is not woken waits for an hour."""
    monkeypatch.setattr(reading, "LOOK_SECONDS", 3600.0)
    store = SqliteStore(tmp_path)
    await store.open()
    await store.insert(msgspec.structs.replace(new("a"), resource=RESOURCE))
    yield store
    assert store.signals._followers == {}
    await store.close()


async def _reader(store: SqliteStore, cursor: str | None = None) -> StoredReader:
    stored = await store.get("home", "a")
    assert stored is not None
    return await StoredReader.open(store, stored, cursor)


async def _say(store: SqliteStore, *sequences: int) -> None:
    delta = wire.StepDelta(index=0, delta=wire.TextDelta(text="x"))
    entries = [numbered("a", sequence, delta) for sequence in sequences]
    await store.append([LoggedEvent("a", each.sequence, each.payload) for each in entries], owner="me")


async def _some(reader: StoredReader) -> list[Entry]:
    """What comes next, after as many wake-ups as it takes."""
    while (entries := await reader.next()) is not None:
        if entries:
            return entries
    return []


async def test_a_reader_is_woken_by_new_events(store: SqliteStore) -> None:
    """It gets each of them once, in order."""
    reader = await _reader(store)
    for sequence in range(1, 6):
        waiting = asyncio.create_task(_some(reader))
        await asyncio.sleep(0)
        await _say(store, sequence)
        assert [entry.sequence for entry in await waiting] == [sequence]
    reader.leave()


async def test_a_reader_is_woken_by_the_end(store: SqliteStore) -> None:
    """Also when the last event is not there yet: it is made from the Interaction."""
    reader = await _reader(store)
    await _say(store, 1, 2)
    assert len(await _some(reader)) == 2
    waiting = asyncio.create_task(_some(reader))
    await asyncio.sleep(0)
    await store.finish(ending("a", resource=RESOURCE))
    assert [(entry.sequence, entry.type) for entry in await waiting] == [(3, "interaction.completed")]
    assert await reader.next() is None
    reader.leave()


async def test_a_run_that_ends_between_two_looks_is_read_whole(store: SqliteStore) -> None:
    """A reader that finds no events, and then that it has ended, looks again before it makes an end."""
    reader = await _reader(store)
    get = store.get

    async def late_get(project: str, id: str) -> StoredInteraction | None:
        await _say(store, 1, 2)
        await store.finish(ending("a", resource=RESOURCE))
        return await get(project, id)

    store.get = late_get  # type: ignore[method-assign]
    assert [entry.sequence for entry in await _some(reader)] == [1, 2]
    reader.leave()


async def test_a_reader_is_woken_by_the_deletion(store: SqliteStore) -> None:
    """Its stream ends as cancelled."""
    reader = await _reader(store)
    waiting = asyncio.create_task(_some(reader))
    await asyncio.sleep(0)
    await store.delete("home", "a")
    assert b'"cancelled"' in (await waiting)[0].payload
    reader.leave()


async def test_a_cursor_is_waited_for(store: SqliteStore) -> None:
    """Its own server may have shown the event before it has written it; then the reader goes on behind it."""
    opening = asyncio.create_task(_reader(store, "a.2"))
    await asyncio.sleep(0)
    await _say(store, 1, 2, 3)
    reader = await opening
    assert [entry.sequence for entry in await _some(reader)] == [3]
    reader.leave()


async def test_a_cursor_that_never_comes_is_refused(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while, and nothing is left behind."""
    monkeypatch.setattr(reading, "_UNWRITTEN_SECONDS", 0.05)
    with pytest.raises(Failure, match=r"a\.7"):
        await _reader(store, "a.7")


async def test_who_leaves_gets_no_more(store: SqliteStore) -> None:
    """A reader that waits is let go at once."""
    reader = await _reader(store)
    assert await reader.next() == []
    waiting = asyncio.create_task(reader.next())
    await asyncio.sleep(0)
    reader.leave()
    assert await waiting is None
