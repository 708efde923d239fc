"""Signals between servers of one Postgres: heard by the others, cheap, and never lost for long."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from interplay.store.postgres import PostgresStore
from interplay.store.postgres.payloads import Gathering, heard
from interplay.store.signals import CancelAsked, Changed, LookEverywhere, Signal, TakenAway, WorkWaits
from tests.postgres import Postgres
from tests.waiting import until

from .samples import log, new
from .test_signals import LONG, Heard, named


@pytest.fixture
def address(postgres_server: Postgres) -> str:
    """A database with empty tables."""
    return postgres_server.database()


@pytest.fixture
async def one(address: str) -> AsyncIterator[PostgresStore]:
    """The store as one server has it."""
    store = PostgresStore(address)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def other(address: str) -> AsyncIterator[PostgresStore]:
    """The store as another server has it."""
    store = PostgresStore(address)
    await store.open()
    yield store
    await store.close()


async def _listening(store: PostgresStore) -> Heard:
    """A listener of a store that has begun to listen."""
    heard = Heard()
    store.signals.hear(heard)
    await heard.until(named(LookEverywhere()))
    return heard


async def test_other_servers_hear(one: PostgresStore, other: PostgresStore) -> None:
    """Every kind of signal, whoever of them listened first, and what the stores tell by themselves."""
    here = await _listening(one)
    there = await _listening(other)
    await here.until(named(LookEverywhere(), LookEverywhere()))
    told: tuple[Signal, ...] = (WorkWaits(), Changed(("a", "b")), TakenAway(("c",)), CancelAsked(("d",)))
    for signal in told:
        one.signals.tell(signal)
        other.signals.tell(signal)
    for signal in told:
        await there.until(lambda signals, signal=signal: signals.count(signal) == 2)  # type: ignore[misc]
        await here.until(lambda signals, signal=signal: signals.count(signal) == 2)  # type: ignore[misc]
    following = other.signals.follow("e")
    await one.insert(new("e"))
    await one.append(log("e", 1, 1), owner="me")
    await following.news(LONG)
    following.close()


async def test_a_server_that_begins_to_listen_is_told_from_then_on(one: PostgresStore, other: PostgresStore) -> None:
    """Also by one that was alone before, and sent nothing."""
    await _listening(one)
    await _alone(one)
    there = await _listening(other)
    while Changed(("a",)) not in there.signals:  # the first may come before the other is known
        one.signals.tell(Changed(("a",)))
        await asyncio.sleep(0)


async def test_a_server_that_is_alone_sends_nothing(one: PostgresStore, address: str) -> None:
    """Its own listeners hear all the same."""
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await connection.execute("LISTEN interplay")
        here = await _listening(one)
        await _alone(one)
        one.signals.tell(Changed(("a",)))
        await here.until(named(Changed(("a",))))
        while one.signals._sending is not None:
            await one.signals._sending
        Postgres.execute(address, "SELECT pg_notify('interplay', 'the end')")
        sent = [heard(each.payload).signal async for each in connection.notifies(stop_after=2)]
    assert sent == [LookEverywhere()] * 2  # that it listens, and what is no signal


async def _alone(store: PostgresStore) -> None:
    await asyncio.to_thread(until, lambda: store.signals._alone)


async def test_signals_that_wait_travel_together(one: PostgresStore, other: PostgresStore, address: str) -> None:
    """However many are told at once, a NOTIFY names each interaction once."""
    await _listening(other)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await connection.execute("LISTEN interplay")
        for n in range(1000):
            one.signals.tell(Changed((f"id {n % 50}",)))
        one.signals.tell(WorkWaits())
        signals: list[Signal] = []
        async for notification in connection.notifies():
            signals.append(heard(notification.payload).signal)
            if WorkWaits() in signals and Changed(tuple(f"id {n}" for n in range(50))) in signals:
                break
    assert len(signals) == 2


async def test_a_lost_connection_is_made_again(one: PostgresStore, other: PostgresStore, address: str) -> None:
    """Then everybody is told to look, once, and hears again."""
    there = await _listening(other)
    there.signals.clear()
    Postgres.execute(
        address, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) = 1%'"
    )
    await there.until(named(LookEverywhere()))
    one.signals.tell(Changed(("a",)))
    await there.until(named(Changed(("a",))))
    assert there.signals.count(LookEverywhere()) == 1


async def test_what_cannot_be_sent_is_heard_here(one: PostgresStore) -> None:
    """A database that does not answer keeps nobody from hearing of what happens in his own process."""
    here = await _listening(one)
    await one._connections.close()
    one.signals.tell(Changed(("a",)))
    await here.until(named(Changed(("a",))))


# Payloads


def test_a_payload_is_as_long_as_postgres_takes() -> None:
    """Many names are split over several, and none is lost."""
    gathering = Gathering("me")
    names = tuple(f'"{number}"' * 10 for number in range(500))
    gathering.add(Changed(names))
    payloads = gathering.take()
    assert len(payloads) > 1
    assert max(map(len, payloads)) < 8000
    signals = [heard(payload).signal for payload in payloads]
    assert tuple(name for signal in signals if isinstance(signal, Changed) for name in signal.interactions) == names
    assert gathering.take() == []


def test_too_many_names_are_everywhere() -> None:
    """So is one that no payload holds."""
    for names in (tuple(str(number) for number in range(50_000)), ("x" * 9000,)):
        gathering = Gathering("me")
        gathering.add(Changed(names))
        gathering.add(WorkWaits())
        assert [heard(payload).signal for payload in gathering.take()] == [LookEverywhere()]


def test_what_cannot_be_read_is_everywhere() -> None:
    """Another release may say what this one does not know."""
    for payload in ("", "{}", '{"server":"x","signal":{"type":"new"}}'):
        assert heard(payload).signal == LookEverywhere()
