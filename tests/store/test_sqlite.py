"""What the SQLite adapter does beyond the port: files, full disks, group commit, other processes."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import msgspec
import pytest

from interplay.errors import Failure
from interplay.store.interactions import NewInteraction
from interplay.store.sqlite import SqliteStore, turns
from tests.limits import no_file_longer_than

from .samples import ended, key, line, log, new


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """An open store in `tmp_path / "data"`."""
    store = SqliteStore(tmp_path / "data")
    await store.open()
    yield store
    await store.close()


# Files


async def test_only_this_user_may_read_the_files(store: SqliteStore, tmp_path: Path) -> None:
    """The directory is 0700 and every file in it 0600, the logs beside the databases included."""
    await ended(store, "a")
    await store.append(log("a", 1, 1), owner="me")
    files = list((tmp_path / "data").iterdir())
    assert {file.name for file in files} >= {"app.db", "app.db-wal", "events.db", "events.db-wal"}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_closing_leaves_two_whole_files(store: SqliteStore, tmp_path: Path) -> None:
    """After a clean stop a copy of the two files is a backup."""
    await ended(store, "a")
    await store.append(log("a", 1, 1), owner="me")
    await store.close()
    assert {file.name for file in (tmp_path / "data").iterdir()} == {"app.db", "events.db"}
    await store.open()


async def test_deleted_words_are_in_no_file(store: SqliteStore, tmp_path: Path) -> None:
    """After the next round of retention neither database nor log holds a byte of what was deleted."""
    await store.insert(new("secret words"))
    await store.append([each for n in range(50) for each in log("secret words", n, n)], owner="me")
    await ended(store, "kept words")
    await store.delete("home", "secret words")
    await store.expire(0.0)
    content = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    assert b"kept words" in content
    assert b"secret words" not in content
    assert b"event 7" not in content


async def test_no_key_is_kept(store: SqliteStore, tmp_path: Path) -> None:
    """A key's row holds its digest and hint."""
    await store.add_key(key("k"), b"d" * 32)
    rows = store._point.execute("SELECT id, project, digest, hint FROM keys").fetchall()
    assert rows == [("k", "home", b"d" * 32, "abcd")]
    assert (tmp_path / "data").exists()


async def test_a_place_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    """A clear sentence instead of a trace."""
    (tmp_path / "data").write_text("a file")
    with pytest.raises(Failure, match=r"data directory .* cannot be used"):
        await SqliteStore(tmp_path / "data").open()


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """A file that is no database stops the start with a sentence."""
    (tmp_path / "app.db").write_bytes(b"not a database " * 1000)
    with pytest.raises(Failure, match="damaged"):
        await SqliteStore(tmp_path).open()


# Rows


async def test_deleting_everything_leaves_no_rows(store: SqliteStore) -> None:
    """Emptied turns stay only as long as something goes on from them, forks included."""
    parents = [None, 0, 1, 1, 3, 0, 5, 5, 2, 8, 8, 4]
    for number, parent in enumerate(parents):
        await ended(store, str(number), None if parent is None else str(parent))
    for number in (3, 0, 8, 5, 1, 11, 4, 2, 6, 10, 9, 7):
        await store.delete("home", str(number))
    for table in ("interactions", "branches"):
        assert store._point.execute(f"SELECT count(*) FROM {table}").get == 0  # noqa: S608


async def test_an_interrupted_deletion_is_finished_by_retention(store: SqliteStore) -> None:
    """Between the two files a crash can leave events of a deleted interaction; the next `expire` removes them."""
    await ended(store, "a")
    await store.append(log("a", 1, 3), owner="me")
    await store._main.do(lambda main: turns.delete(main, "home", "a"))
    assert await store.get("home", "a") is None
    assert await store.expire(0.0) == 0
    assert await store.events("a") == []
    assert store._point.execute("SELECT count(*) FROM interactions").get == 0


async def test_history_reads_by_range(store: SqliteStore) -> None:
    """A conversation loads by the (branch, depth) index, never by a scan of the table."""
    plan = store._point.execute(f"EXPLAIN QUERY PLAN {turns._HISTORY}", ("a", "home")).fetchall()
    steps = [str(step[3]) for step in plan]
    assert "SEARCH interactions USING INDEX sqlite_autoindex_interactions_1 (branch=? AND depth<?)" in steps
    assert not [step for step in steps if step.startswith("SCAN interactions") or "TEMP B-TREE" in step]


async def test_a_project_is_listed_by_range(store: SqliteStore) -> None:
    """Pages of a project's interactions, the newest first, come from the index in its order."""
    page = (
        "SELECT id, resource FROM interactions WHERE project = ? AND state < 2 AND (created, id) < (?, ?)"
        " ORDER BY created DESC, id DESC LIMIT 50"
    )
    plan = store._point.execute(f"EXPLAIN QUERY PLAN {page}", ("home", 1.0, "a")).fetchall()
    assert [str(step[3]) for step in plan] == [
        "SEARCH interactions USING INDEX ix_interactions_project (project=? AND created<?)",
        "USE TEMP B-TREE FOR LAST TERM OF ORDER BY",  # among those of one moment
    ]


# Group commit


async def test_waiting_writes_share_a_transaction(store: SqliteStore) -> None:
    """A hundred writes asked for at once take a few commits, not a hundred."""
    commits = 0

    def count() -> bool:
        nonlocal commits
        commits += 1
        return False

    store._main._connection.set_commit_hook(count)
    await asyncio.gather(*[store.insert(new(str(n))) for n in range(100)])
    assert commits <= 10


async def test_failing_writes_do_not_harm_those_they_travel_with(store: SqliteStore) -> None:
    """In one transaction each caller gets its own outcome."""
    await ended(store, "a")
    wishes = [new(str(n), "missing" if n % 7 == 3 else "a") for n in range(50)]
    outcomes = await asyncio.gather(*[store.insert(wish) for wish in wishes], return_exceptions=True)
    assert [n for n in range(50) if isinstance(outcomes[n], Failure)] == [n for n in range(50) if n % 7 == 3]
    for n in range(50):
        assert (await store.get("home", str(n)) is None) == (n % 7 == 3)


# Full disks


async def test_a_full_database_is_said_and_got_over(store: SqliteStore) -> None:
    """SQLITE_FULL becomes `storage_full`, leaves nothing half-done, and the store works again once there is room."""
    await ended(store, "a")
    await _room(store, pages=0)
    with pytest.raises(Failure) as caught:
        await store.insert(_large("b"))
    assert caught.value.code == "storage_full"
    assert "room" in caught.value.message
    assert await store.get("home", "b") is None
    await _room(store, pages=10_000)
    await store.insert(_large("b"))
    assert await store.get("home", "b") is not None


async def test_a_full_database_refuses_only_what_does_not_fit(store: SqliteStore) -> None:
    """Small writes that travel with a large one are kept."""
    await ended(store, "a")
    await _room(store, pages=8)
    wishes = [_large(str(n)) if n == 5 else new(str(n)) for n in range(10)]
    outcomes = await asyncio.gather(*[store.insert(wish) for wish in wishes], return_exceptions=True)
    assert [n for n in range(10) if outcomes[n] is not None] == [5]
    assert [n for n in range(10) if await store.get("home", str(n)) is None] == [5]


async def test_a_full_event_log_is_said_and_got_over(store: SqliteStore) -> None:
    """The same for events: all or nothing, and on with it."""
    await store.insert(new("a"))
    await store._events.do(lambda writer: writer.pragma("max_page_count", 3))
    with pytest.raises(Failure) as caught:
        await store.append(log("a", 1, 5000), owner="me")
    assert caught.value.code == "storage_full"
    assert await store.events("a") == []
    await store._events.do(lambda writer: writer.pragma("max_page_count", 10_000))
    await store.append(log("a", 1, 5000), owner="me")
    assert len(await store.events("a", limit=9999)) == 5000


async def test_a_disk_that_takes_no_more_is_said_and_got_over(store: SqliteStore) -> None:
    """A write that the operating system refuses is `storage_full` too, for rows and for events."""
    await ended(store, "a")
    with no_file_longer_than(0):
        for attempt in range(3):
            with pytest.raises(Failure) as caught:
                await store.insert(_large(f"b{attempt}"))
            assert caught.value.code == "storage_full"
            with pytest.raises(Failure) as caught:
                await store.append(log("a", 1, 100), owner="me")
            assert caught.value.code == "storage_full"
        assert await line(store, "a") == ["a"]
    await ended(store, "b", "a")
    await store.append(log("a", 1, 100), owner="me")
    assert await line(store, "b") == ["a", "b"]
    assert len(await store.events("a")) == 100


async def test_a_start_on_a_full_disk_is_said(tmp_path: Path) -> None:
    """A store that cannot write its tables does not open, says why, and opens once there is room."""
    store = SqliteStore(tmp_path)
    with no_file_longer_than(0), pytest.raises(Failure, match=r"could not be made .*; its files are unchanged"):
        await store.open()
    await store.open()
    await store.close()


async def _room(store: SqliteStore, pages: int) -> None:
    def limit(main: apsw.Connection) -> None:
        main.pragma("max_page_count", int(main.pragma("page_count")) + pages)

    await store._main.do(limit)


def _large(id: str) -> NewInteraction:
    return msgspec.structs.replace(new(id), input=b"x" * 100_000)


# Other processes

_ADD_KEYS = """
import asyncio, sys
from pathlib import Path
from interplay.store.keys import Key
from interplay.store.sqlite import SqliteStore, turns

async def main():
    for n in range(10):
        store = SqliteStore(Path(sys.argv[1]))
        await store.open()
        key = Key(id=f"{sys.argv[2]}.{n}", project="p", hint="abcd", created=1.0)
        await store.add_key(key, sys.argv[2].encode() + bytes([n]))
        await store.close()

asyncio.run(main())
"""


async def test_other_processes_may_write_while_a_server_runs(store: SqliteStore, tmp_path: Path) -> None:
    """`interplay keys create` beside a busy server: both get through, and the server sees the key."""
    others = [await _add_keys(tmp_path / "data", name) for name in ("x", "y")]
    number = 0
    while any(other.returncode is None for other in others):
        await asyncio.gather(*[ended(store, f"{number}.{n}") for n in range(8)])
        number += 1
    assert [await other.wait() for other in others] == [0, 0]
    assert len(await store.keys()) == 20
    assert await store.find_key(b"x\0") is not None


async def test_processes_may_open_a_new_directory_at_once(tmp_path: Path) -> None:
    """One of them creates the tables, the others wait for it."""
    others = [await _add_keys(tmp_path / "data", name) for name in ("x", "y", "z")]
    assert [await other.wait() for other in others] == [0, 0, 0]
    store = SqliteStore(tmp_path / "data")
    await store.open()
    assert len(await store.keys()) == 30
    await store.close()


async def _add_keys(directory: Path, name: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", _ADD_KEYS, str(directory), name)
