"""What every adapter of the blobs' rows does; then what several servers do over one Postgres at once."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from interplay.errors import Failure
from interplay.store.base import Store
from interplay.store.blobs import Blob, hold
from interplay.store.postgres import PostgresStore
from interplay.store.postgres.database import done
from tests.postgres import Postgres

from .conftest import Make
from .samples import ended, ending, fresh_project, line, new

BLOB = Blob("12/1234-a", "1234", 5)
TWIN = Blob("12/1234-b", "1234", 5)
LONG = 3600.0


async def _kept(store: Store, *blobs: Blob, seconds: float = 0, project: str = "home") -> None:
    for blob in blobs:
        await store.blobs.begin(project, blob, LONG)
        assert await store.blobs.keep(blob.name, seconds)


async def test_what_is_begun_is_found_once_it_is_kept(store: Store) -> None:
    """By its project and its digest only."""
    await store.blobs.begin("home", BLOB, LONG)
    assert await store.blobs.find("home", "1234") is None
    assert await store.blobs.claim("home", "1234", LONG) is None
    assert await store.blobs.keep(BLOB.name, LONG)
    assert await store.blobs.find("home", "1234") == BLOB
    assert await store.blobs.find("other", "1234") is None
    assert await store.blobs.find("home", "1235") is None
    assert await store.blobs.find("home", "1234\0") is None


async def test_blobs_survive_a_restart(store: Store, make: Make) -> None:
    """And another store sees them at once."""
    await _kept(store, BLOB)
    other = make()
    await other.open()
    assert await other.blobs.find("home", "1234") == BLOB
    await other.close()


async def test_of_two_writings_one_is_kept(store: Store) -> None:
    """The first; the other is removed when its time is over."""
    await store.blobs.begin("home", BLOB, 0)
    await store.blobs.begin("home", TWIN, 0)
    kept = await asyncio.gather(store.blobs.keep(BLOB.name, LONG), store.blobs.keep(TWIN.name, LONG))
    assert sorted(kept) == [False, True]
    loser = TWIN if kept[0] else BLOB
    assert await store.blobs.condemn(LONG) == [loser.name]


async def test_nothing_is_kept_that_took_too_long(store: Store) -> None:
    """Once it was condemned, what was begun can only be begun again."""
    await store.blobs.begin("home", BLOB, 0)
    assert await store.blobs.condemn(LONG) == [BLOB.name]
    assert not await store.blobs.keep(BLOB.name, LONG)
    assert not await store.blobs.keep("12/unknown", LONG)
    assert await store.blobs.find("home", "1234") is None


async def test_what_nobody_holds_stays_for_its_time(store: Store) -> None:
    """Then it is named, and found and held no more."""
    await _kept(store, BLOB, seconds=LONG)
    assert await store.blobs.condemn(LONG) == []
    assert await store.blobs.claim("home", "1234", 0) == BLOB
    assert await store.blobs.condemn(LONG) == [BLOB.name]
    assert await store.blobs.find("home", "1234") is None
    with pytest.raises(Failure, match="There is no blob 1234") as caught:
        await store.insert(new("a", blobs=("1234",)))
    assert caught.value.code == "not_found"


async def test_what_is_claimed_stays_anew(store: Store) -> None:
    """Its time begins again, also for what was held until then."""
    await _kept(store, BLOB)
    await store.insert(new("a", blobs=("1234",)))
    assert await store.blobs.claim("home", "1234", LONG) == BLOB
    await store.delete("home", "a")
    assert await store.blobs.condemn(LONG) == []


async def test_what_is_condemned_is_named_again_until_it_is_removed(store: Store) -> None:
    """By then, the same bytes may be kept under another name."""
    await _kept(store, BLOB)
    assert await store.blobs.condemn(0) == [BLOB.name]
    await _kept(store, TWIN, seconds=LONG)
    assert await store.blobs.condemn(LONG) == [BLOB.name]
    assert await store.blobs.condemn(LONG) == []
    await store.blobs.removed([BLOB.name, TWIN.name])
    assert await store.blobs.find("home", "1234") == TWIN


async def test_as_many_are_condemned_as_asked_for(store: Store) -> None:
    """The rest is for the next time, those that are held do not stand in their way."""
    held = [Blob(f"ee/ee{number}", f"ee{number}", 1) for number in range(3)]
    loose = [Blob(f"ff/ff{number}", f"ff{number}", 1) for number in range(3)]
    await _kept(store, *held, *loose)
    await store.insert(new("a", blobs=tuple(blob.digest for blob in held)))
    named: list[str] = []
    for _ in range(4):
        named += await store.blobs.condemn(LONG, limit=2)
    assert sorted(named) == [blob.name for blob in loose]


async def test_holders_keep_what_they_hold(store: Store) -> None:
    """However often a digest is named, until the last holder is gone, deleted or expired."""
    await _kept(store, BLOB)
    await ended(store, "first")
    await store.insert(new("a", "first", blobs=("1234", "1234")))
    await store.insert(new("b", blobs=("1234",), expires=1.0))
    assert await store.finish(ending("b"))
    assert await line(store, "first") == ["first"]
    assert await store.blobs.condemn(LONG) == []
    assert await store.expire(2.0) == 1
    assert await store.blobs.condemn(LONG) == []
    assert await store.delete("home", "a")
    assert await store.blobs.condemn(LONG) == [BLOB.name]


async def test_what_cannot_be_held_is_not_inserted(store: Store) -> None:
    """Another project's blob, or one of several that is not there: nothing is kept of the interaction."""
    await _kept(store, BLOB)
    for holder in (new("a", project="other", blobs=("1234",)), new("a", blobs=("1234", "5678"))):
        with pytest.raises(Failure) as caught:
            await store.insert(holder)
        assert caught.value.code == "not_found"
        assert await store.get(holder.project, "a") is None
    assert await store.blobs.condemn(LONG) == [BLOB.name]


async def test_an_interaction_that_is_not_inserted_holds_nothing(store: Store) -> None:
    """When what it goes on from is gone, say."""
    await _kept(store, BLOB)
    await store.insert(new("running"))
    for previous in ("nothing", "running"):
        with pytest.raises(Failure):
            await store.insert(new("a", previous, blobs=("1234",)))
    assert await store.blobs.condemn(LONG) == [BLOB.name]


async def test_holding_and_condemning_at_once(make: Make) -> None:
    """Of an interaction that takes a blob and a sweep that removes it, exactly one wins, whatever the moment."""
    one, other = make(), make()
    await one.open()
    await other.open()
    for round in range(40):
        project = fresh_project()
        blobs = [Blob(f"{project}/{number}", f"{number}", 1) for number in range(8)]
        await asyncio.gather(*[_kept(one, blob, project=project) for blob in blobs])
        inserts = [one.insert(new(f"{project}-{b.digest}", project=project, blobs=(b.digest,))) for b in blobs]
        outcomes, condemned = await asyncio.gather(
            asyncio.gather(*inserts, return_exceptions=True), _condemned(other, times=round % 6)
        )
        held = {blob.name for blob, outcome in zip(blobs, outcomes, strict=True) if outcome is None}
        assert not held & condemned
        assert {blob.name for blob in blobs} - held <= condemned
        assert all(isinstance(each, Failure) and each.code == "not_found" for each in outcomes if each is not None)
        await other.blobs.removed(list(condemned))
    await one.close()
    await other.close()


async def _condemned(store: Store, times: int) -> set[str]:
    return {name for _ in range(times) for name in await store.blobs.condemn(LONG)}


# Several servers over one Postgres


@pytest.fixture
def address(postgres_server: Postgres) -> str:
    """A database with empty tables."""
    return postgres_server.database()


@pytest.fixture
async def sweeper(address: str) -> AsyncIterator[PostgresStore]:
    """The store of one of the servers."""
    store = PostgresStore(address)
    await store.open()
    yield store
    await store.close()


async def test_a_holder_that_is_not_committed_yet(sweeper: PostgresStore, address: str) -> None:
    """What it holds is not condemned before its commit, nor after."""
    await _kept(sweeper, BLOB)
    async with await psycopg.AsyncConnection.connect(address) as other:
        await done(other, hold("home", "a", ["1234"]))
        assert await sweeper.blobs.condemn(LONG) == []
        await other.commit()
    assert await sweeper.blobs.condemn(LONG) == []
    assert await sweeper.blobs.find("home", "1234") == BLOB


async def test_a_holder_that_is_committed_while_a_sweep_looks(address: str) -> None:
    """A sweep whose view of the database is older than the reference sees it all the same before it condemns."""
    trapped = PostgresStore(f"{address}?options=-csearch_path%3Dtrap,public,pg_catalog")
    Postgres.execute(address, _TRAP)
    await trapped.open()
    await _kept(trapped, BLOB)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as other:
        await other.execute("SELECT pg_advisory_lock(1)")
        sweep = asyncio.create_task(trapped.blobs.condemn(LONG))
        await _waiting(address)
        await done(other, hold("home", "a", ["1234"]))
        await other.execute("SELECT pg_advisory_unlock(1)")
        assert await sweep == []
    assert await trapped.blobs.find("home", "1234") == BLOB
    await trapped.close()
    Postgres.execute(address, "DROP SCHEMA trap CASCADE")


_TRAP = """
CREATE SCHEMA trap;
CREATE FUNCTION trap.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql AS $$
    SELECT pg_advisory_lock_shared(1); SELECT pg_advisory_unlock_shared(1); SELECT pg_catalog.clock_timestamp();
$$
"""
"""Who asks for the time while he looks for what is due waits there for as long as the test likes."""


async def test_a_holder_that_comes_while_a_sweep_is_about_to_look(sweeper: PostgresStore, address: str) -> None:
    """It waits for the outcome, and is refused: the blob is gone."""
    await _kept(sweeper, BLOB)
    async with await psycopg.AsyncConnection.connect(address) as other, other.transaction():
        await other.execute("SELECT 1 FROM blobs FOR UPDATE")
        holder = asyncio.create_task(sweeper.insert(new("a", blobs=("1234",))))
        await _waiting(address)
        await other.execute("UPDATE blobs SET state = 2")
    with pytest.raises(Failure, match="There is no blob 1234"):
        await holder
    assert await sweeper.get("home", "a") is None


async def test_a_holder_that_goes_while_a_sweep_spares_its_blob(sweeper: PostgresStore, address: str) -> None:
    """The sweep has seen it hold, so whoever lets go says that there is something to look at again."""
    await _kept(sweeper, BLOB)
    await sweeper.insert(new("a", blobs=("1234",)))
    async with await psycopg.AsyncConnection.connect(address) as other, other.transaction():
        await other.execute("SELECT 1 FROM blobs FOR UPDATE")
        deletion = asyncio.create_task(sweeper.delete("home", "a"))
        await _waiting(address)
        await other.execute("UPDATE blobs SET due = NULL")
    assert await deletion
    assert await sweeper.blobs.condemn(LONG) == [BLOB.name]


async def _waiting(address: str) -> None:
    """Until somebody waits for a lock."""
    query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(20), await psycopg.AsyncConnection.connect(address, autocommit=True) as looking:
        while not await (await looking.execute(query)).fetchall():
            pass
