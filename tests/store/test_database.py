"""The port that the families ask of a database, on every adapter: its words, its transactions, its failures."""

import asyncio

import pytest

from interplay.errors import Failure
from interplay.store.base import Store
from interplay.store.database import Database, Rows, Steps, Taken, ask

_PUT = "INSERT INTO projects (id, created) VALUES (:id, :created) RETURNING id"
_ALL = "SELECT id FROM projects ORDER BY created"


@pytest.fixture
async def database(store: Store) -> Database:
    """The database of an open store."""
    return store._database


async def _ids(database: Database) -> list[str]:
    return [id for (id,) in await database.read(_ALL)]


async def test_what_is_written_is_found(database: Database) -> None:
    """Alone, along with others, and by steps; texts with a NUL are found no more than they were made."""
    await database.write(_PUT, id="a", created=1.0)
    written = [database.write_along(id, _PUT, id=id, created=created) for id, created in (("b", 2.0), ("c", 3.0))]
    assert await asyncio.gather(*written) == [[("b",)], [("c",)]]
    assert await _ids(database) == ["a", "b", "c"]
    assert await database.find("SELECT created FROM projects WHERE id = :id", id="b") == [(2.0,)]
    assert await database.find("SELECT created FROM projects WHERE id = :id", id="b\0") == []


async def test_the_words_that_databases_spell_in_their_own_way(database: Database) -> None:
    """The time, lists of texts, JSON, and where a row lies."""
    assert (await database.read("SELECT NOW - 5 < NOW AND NOW > 1.7e9"))[0][0]
    for id in "abc":
        await database.write(_PUT, id=id, created=float(ord(id)))
    some = "SELECT id FROM projects WHERE id = ANY(:ids) ORDER BY ctid FOR UPDATE OF projects SKIP LOCKED"
    assert await database.write(some, ids=["a", "c", "it's"]) == [("a",), ("c",)]
    assert await database.write(some, ids=[]) == []
    listed = "SELECT value ->> 0, CAST(value ->> 1 AS bigint) FROM json_each(:json)"
    assert await database.read(listed, json='[["x",1],["y",2]]') == [("x", 1), ("y", 2)]
    member = "SELECT CAST(value AS integer) FROM json_each_text(:json) WHERE key = :key"
    assert await database.read(member, json='{"$.a":7,"b":8}', key="$.a") == [(7,)]


def _put(*ids: str, then: Exception | None = None) -> Steps[Rows]:
    for number, id in enumerate(ids):
        yield ask(_PUT, id=id, created=float(number))
    if then is not None:
        raise then
    return (yield ask(_ALL))


async def test_steps_are_one_transaction(database: Database) -> None:
    """Each sees what the ones before have written."""
    assert await database.transact(lambda: _put("a", "b")) == [("a",), ("b",)]


async def test_what_steps_raise_undoes_them(database: Database) -> None:
    """Also for whoever is written along with them."""
    refused = database.transact(lambda: _put("a", then=Failure("not_found", "There is no such thing.")))
    outcomes = await asyncio.gather(refused, database.write(_PUT, id="b", created=1.0), return_exceptions=True)
    assert isinstance(outcomes[0], Failure)
    assert outcomes[1] == [("b",)]
    assert await _ids(database) == ["b"]


async def test_a_row_that_is_there_already_is_taken(database: Database) -> None:
    """It is said by a failure of its own, and harms nobody who is written along with it."""
    await database.write(_PUT, id="a", created=1.0)
    acts = (
        database.write(_PUT, id="a", created=2.0),
        database.transact(lambda: _put("b", "a")),
        database.write_along("a", _PUT, id="a", created=2.0),
        database.write_along("c", _PUT, id="c", created=3.0),
    )
    *taken, written = await asyncio.gather(*acts, return_exceptions=True)
    assert [type(each) for each in taken] == [Taken] * 3
    assert written == [("c",)]
    assert await _ids(database) == ["a", "c"]


async def test_transactions_that_are_alone_come_one_after_another(database: Database) -> None:
    """Each sees what the one before has left."""

    def count_up() -> Steps[None]:
        (count,) = (yield ask("SELECT count(*) FROM projects"))[0]
        yield ask(_PUT, id=str(count), created=float(count))

    await asyncio.gather(*(database.transact(count_up, alone="count") for _ in range(8)))
    assert await _ids(database) == [str(number) for number in range(8)]
