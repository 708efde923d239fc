"""What the Postgres adapter does beyond the port: tables, plans, lost connections, other processes."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from interplay.errors import Failure
from interplay.settings import SettingsError
from interplay.store import migrate, revisions, tables
from interplay.store.postgres import PostgresStore, schema, turns
from interplay.store.postgres.migrate import engine_over
from tests.postgres import PASSWORD, Postgres, postgres
from tests.waiting import until

from .samples import ended, key, line, log, new


@pytest.fixture
def address(postgres_server: Postgres) -> str:
    """A database with empty tables."""
    return postgres_server.database()


@pytest.fixture
def empty(postgres_server: Postgres) -> str:
    """A database without tables."""
    return postgres_server.empty_database()


@pytest.fixture
async def store(address: str) -> AsyncIterator[PostgresStore]:
    """An open store over it."""
    store = PostgresStore(address)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A Postgres server that a test may stop."""
    with postgres() as running:
        yield running


# Tables


def test_migrations_lead_to_the_tables(address: str) -> None:
    """Alembic finds nothing to do between the migrated database and the metadata."""
    engine = engine_over(address)
    with engine.connect() as connection:
        options = {"include_schemas": True, "compare_type": True, "include_name": _ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def _ours(name: str | None, kind: str, _: object) -> bool:
    return not (kind == "schema" and name not in {None, "events"})


def test_migrations_and_metadata_make_the_same_tables(address: str, empty: str) -> None:
    """Down to what alembic does not compare: conditions of indexes, checks, defaults."""
    engine = engine_over(empty)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA events")
        tables.metadata.create_all(connection)
    engine.dispose()
    assert _shape(address) == _shape(empty)


_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname IN ('public', 'events') ORDER BY 1"
_CONSTRAINTS = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace::regnamespace::text IN ('public', 'events') ORDER BY 1"
)
_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
    " WHERE table_schema IN ('public', 'events') ORDER BY 1, 2"
)


def _shape(address: str) -> list[tuple[object, ...]]:
    rows = [row for query in (_INDEXES, _CONSTRAINTS, _COLUMNS) for row in Postgres.execute(address, query)]
    return [row for row in rows if not str(row[0]).startswith("alembic")]


def test_a_start_with_tables_up_to_date_spares_alembic(address: str) -> None:
    """It imports neither alembic nor SQLAlchemy."""
    code = (
        "import sys; from interplay.store.postgres import schema; "
        "schema.prepare(sys.argv[1]); print({'alembic', 'sqlalchemy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, address], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("revision", revisions.REVISIONS[:-1])
async def test_an_older_database_is_brought_up_to_date(empty: str, revision: str) -> None:
    """From every earlier revision, with what is in it."""
    engine = engine_over(empty)
    with engine.begin() as connection:
        migrate.upgrade(connection, revision)
    engine.dispose()
    Postgres.execute(empty, r"INSERT INTO secrets VALUES ('kept', '\x01')")
    store = PostgresStore(empty)
    await store.open()
    assert await store.secret("kept", b"other") == b"\1"
    await ended(store, "a")
    await store.close()


async def test_a_newer_database_is_refused(empty: str) -> None:
    """One sentence names both revisions, and the database stays as it was."""
    schema.prepare(empty)
    Postgres.execute(empty, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Failure, match=f"revision 9999, and this release .* up to {revisions.REVISIONS[-1]}"):
        await PostgresStore(empty).open()
    assert Postgres.execute(empty, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_migration_that_fails_changes_nothing(empty: str) -> None:
    """Tables come in one transaction."""
    Postgres.execute(empty, "CREATE TABLE secrets (mine TEXT)")
    with pytest.raises(Failure, match="already exists"):
        schema.prepare(empty)
    names = Postgres.execute(empty, "SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'events')")
    assert names == [("secrets",)]


def test_servers_may_open_a_new_database_at_once(empty: str) -> None:
    """One of them creates the tables under a lock, and all the others wait for it."""
    code = "import sys; from interplay.store.postgres.schema import prepare; prepare(sys.argv[1])"
    with psycopg.connect(empty, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (schema.LOCK,))
        starts = [subprocess.Popen([sys.executable, "-c", code, empty], stderr=subprocess.PIPE) for _ in range(3)]
        until(lambda: _waiting(empty) == 3)
        assert Postgres.execute(empty, "SELECT to_regclass('alembic_version')") == [(None,)]
    assert [(start.communicate()[1], start.returncode) for start in starts] == [(b"", 0)] * 3


def _waiting(address: str) -> int:
    count: int = Postgres.execute(address, "SELECT count(*) FROM pg_locks WHERE NOT granted")[0][0]
    return count


def test_history_reads_by_range(address: str) -> None:
    """A conversation loads by the (branch, depth) index, however many there are, never by a scan of the table."""
    Postgres.execute(
        address,
        "INSERT INTO interactions (id, project, branch, depth, state, status, model, created, owner, input, resource)"
        " SELECT n::text, 'home', n / 100, n % 100, 1, 'completed', '', 0, '', '', '' FROM generate_series(0, 9999) n",
    )
    Postgres.execute(address, "ANALYZE")
    explain = "EXPLAIN " + turns.HISTORY.replace("%s", "'home'")
    plan = "\n".join(row[0] for row in Postgres.execute(address, explain))
    assert "Index Scan using uq_interactions_branch on interactions" in plan
    assert "Seq Scan on interactions" not in plan


@pytest.mark.parametrize("query", [turns._GET, turns._DELETE, turns.HISTORY])
def test_one_turn_is_found_by_its_id(empty: str, query: str) -> None:
    """Also by a plan that is made while the table is empty, and kept: not by all turns of the project."""
    schema.prepare(empty)
    plan = "\n".join(row[0] for row in Postgres.execute(empty, "EXPLAIN " + query.replace("%s", "'home'")))
    assert "uq_interactions_id" in plan
    assert "ix_interactions_project" not in plan


async def test_deleting_everything_leaves_no_rows(store: PostgresStore, address: str) -> None:
    """Emptied turns stay only as long as something goes on from them, forks included, however deletions meet."""
    parents = [None, 0, 1, 1, 3, 0, 5, 5, 2, 8, 8, 4]
    for number, parent in enumerate(parents):
        await ended(store, str(number), None if parent is None else str(parent))
    for number in (3, 0, 8, 5):
        await store.delete("home", str(number))
    await asyncio.gather(*[store.delete("home", str(number)) for number in (1, 11, 4, 2, 6, 10, 9, 7)])
    for table in ("interactions", "branches"):
        assert Postgres.execute(address, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608


@pytest.mark.parametrize(("emptied", "first", "last"), [("a", "b", "c"), (None, "a", "b"), (None, "b", "a")])
async def test_deletions_that_meet_leave_no_rows(
    store: PostgresStore, address: str, emptied: str | None, first: str, last: str
) -> None:
    """Of two neighbours deleted at once, siblings or parent and child, the last takes the emptied turns along."""
    for each, previous in [("a", None), ("b", "a"), ("c", "a")]:
        await ended(store, each, previous)
    await store.delete("home", emptied or "c")
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as other:
        async with other.transaction():
            assert await turns.delete(other, "home", first)
            deletion = asyncio.create_task(store.delete("home", last))
            await asyncio.to_thread(until, lambda: deletion.done() or _waiting(address) > 0)
        assert await deletion
    for table in ("interactions", "branches"):
        assert Postgres.execute(address, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608


async def test_deletions_in_different_projects_do_not_wait_for_each_other(store: PostgresStore, address: str) -> None:
    """What one project deletes never holds up another."""
    await ended(store, "a")
    await store.insert(new("b", project="other"))
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as other, other.transaction():
        assert await turns.delete(other, "home", "a")
        assert await asyncio.wait_for(store.delete("other", "b"), 5)


async def test_deleted_words_are_in_no_row(store: PostgresStore, address: str) -> None:
    """A turn that others go on from keeps its place and nothing of what it said."""
    await ended(store, "secret words")
    await store.append(log("secret words", 1, 3), owner="me")
    await ended(store, "b", "secret words")
    await store.delete("home", "secret words")
    rows = Postgres.execute(address, "SELECT * FROM interactions")
    assert len(rows) == 2
    assert not [row for row in rows if row[1] != "b" and any(value and b"words" in bytes(value) for value in row[-2:])]
    assert Postgres.execute(address, "SELECT count(*) FROM events.events") == [(0,)]


# Together


async def test_waiting_writes_share_a_transaction(store: PostgresStore, address: str) -> None:
    """A hundred writes asked for at once take a few commits, not a hundred."""
    await asyncio.gather(*[store.insert(new(str(n))) for n in range(100)])
    assert Postgres.execute(address, "SELECT count(DISTINCT xmin::text) <= 10 FROM interactions") == [(True,)]


async def test_batches_of_two_servers_do_not_wait_for_each_other_in_a_circle(
    store: PostgresStore, address: str
) -> None:
    """Forking many turns in opposite orders at once is no deadlock, which would take a second to be noticed."""
    other = PostgresStore(address)
    await other.open()
    turns = [str(n) for n in range(100)]
    await asyncio.gather(*[ended(store, each) for each in turns])
    mine = [store.insert(new(f"{each} mine", each)) for each in turns]
    theirs = [other.insert(new(f"{each} theirs", each)) for each in reversed(turns)]
    await asyncio.gather(*mine, *theirs)
    await other.close()
    await store.close()
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert Postgres.execute(address, deadlocks) == [(0,)]
    await store.open()


async def test_failing_writes_do_not_harm_those_they_travel_with(store: PostgresStore) -> None:
    """In one transaction each caller gets its own outcome, what breaks a constraint included."""
    await ended(store, "a")
    wishes = [new("a") if n == 20 else new(str(n), "missing" if n % 7 == 3 else "a") for n in range(50)]
    outcomes = await asyncio.gather(*[store.insert(wish) for wish in wishes], return_exceptions=True)
    bad = {20, *range(3, 50, 7)}
    assert {n for n in range(50) if isinstance(outcomes[n], Failure)} == bad
    assert {n for n in range(50) if await store.get("home", str(n)) is None} == bad


# Trouble


async def test_lost_connections_are_said_and_got_over(store: PostgresStore, address: str) -> None:
    """A read gets another connection; a write, which may be done or not, fails with `unavailable` once at most."""
    await ended(store, "a")
    _lose_all(address)
    assert await store.get("home", "a") is not None
    _lose_all(address)
    assert await line(store, "a") == ["a"]
    _lose_all(address)
    outcome = (await asyncio.gather(store.insert(new("b")), return_exceptions=True))[0]
    assert outcome is None or (isinstance(outcome, Failure) and outcome.code == "unavailable")
    for n in range(10):
        await ended(store, f"c{n}")


def _lose_all(address: str) -> None:
    Postgres.execute(
        address, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'interplay'"
    )


async def test_a_database_that_stops_is_said_and_got_over(own_postgres: Postgres) -> None:
    """While it is away everything fails with `unavailable`; once it is back everything works, without a new start."""
    store = PostgresStore(own_postgres.database())
    await store.open()
    await ended(store, "a")
    own_postgres.stop()
    wishes = (
        store.get("home", "a"),
        store.insert(new("b")),
        store.append(log("a", 1, 1), owner="me"),
        store.history("home", "a"),
    )
    for outcome in await asyncio.gather(*wishes, return_exceptions=True):
        assert isinstance(outcome, Failure)
        assert outcome.code == "unavailable"
        assert PASSWORD not in outcome.message
    own_postgres.start()
    await ended(store, "c", "a")
    await store.append(log("c", 1, 3), owner="me")
    assert await line(store, "c") == ["a", "c"]
    await store.close()


async def test_a_database_that_cannot_be_reached_is_refused() -> None:
    """One sentence says where it should be, without the password."""
    with pytest.raises(Failure, match=r"database at 127\.0\.0\.1:1/name cannot be used") as caught:
        await PostgresStore("postgresql://me:secret@127.0.0.1:1/name").open()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "bad",
    [
        "postgresql://me:sec@ret@127.0.0.1/name",
        "postgresql://me:sec/ret@127.0.0.1/name",
        "postgresql://me:12/ret@127.0.0.1/name",
        "postgresql://me:sec%zzret@127.0.0.1/name",
        "mysql://me:secret@127.0.0.1/name",
        "sec.ret",
    ],
)
async def test_an_address_that_is_none_is_refused(bad: str) -> None:
    """And nothing of it is repeated that may be a part of the password."""
    with pytest.raises(SettingsError, match="Expected postgresql://") as caught:
        await PostgresStore(bad).open()
    assert not [part for part in ("sec", "ret@", "12") if part in str(caught.value).replace("127", "")]
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


async def test_a_wrong_password_is_said(postgres_server: Postgres) -> None:
    """The database's own word for it, without the password."""
    with pytest.raises(Failure, match="password authentication failed") as caught:
        await PostgresStore(f"postgresql://owner:wrong@127.0.0.1:{postgres_server.port}/postgres").open()
    assert "wrong" not in str(caught.value)


async def test_other_processes_may_write_while_a_server_runs(store: PostgresStore, address: str) -> None:
    """Keys that another process makes beside a busy server are seen by it."""
    other = PostgresStore(address)
    await other.open()
    await asyncio.gather(*[other.add_key(key(str(n)), bytes([n])) for n in range(20)], ended(store, "a"))
    await other.close()
    assert len(await store.keys()) == 20
    assert await store.find_key(b"\0") is not None


def test_the_database_costs_a_server_with_files_nothing() -> None:
    """Its driver is not even imported."""
    code = "import sys; import interplay.app; print([name for name in sys.modules if name.startswith('psycopg')])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[]\n"
