"""The keys of tokens: made once, published before they sign, and dropped when nobody needs them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from interplay.store.sqlite import SqliteStore
from interplay.webhooks.keys import Key, SigningKeys, add_key, keys, published, rotate, signing

DAY = 86_400


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """An open store without keys."""
    store = SqliteStore(tmp_path)
    await store.open()
    yield store
    await store.close()


async def test_the_first_key_is_made_once(store: SqliteStore) -> None:
    """By whoever needs it first, and kept for the next start."""
    known = SigningKeys(store, lambda: 1000.0)
    first, *others = await asyncio.gather(*(known.signing() for _ in range(5)))
    assert others == [first] * 4
    assert await SigningKeys(store, lambda: 2000.0).signing() == first
    assert first.private().key_size == 2048


async def test_a_new_key_is_published_before_it_signs(store: SqliteStore) -> None:
    """A minute, in which all servers hear of it; the old one stays published for a day more."""
    now = 1000.0
    known = SigningKeys(store, lambda: now)
    old = await known.signing()
    now += DAY
    new = await rotate(store, now, revoke=False)
    now += 11
    assert (await known.signing(), await known.published()) == (old, [old, new])
    now += 50
    assert (await known.signing(), await known.published()) == (new, [old, new])
    now += DAY
    assert (await known.signing(), await known.published()) == (new, [new])


async def test_a_key_that_leaked_is_dropped_at_once(store: SqliteStore) -> None:
    """With all others but the new one, which signs from then on."""
    await add_key(store, 1.0)
    await add_key(store, 2.0)
    new = await rotate(store, 3.0, revoke=True)
    assert await keys(store) == [new]
    assert await SigningKeys(store, lambda: 4.0).signing() == new


async def test_keys_that_nobody_needs_are_removed_at_the_next_rotation(store: SqliteStore) -> None:
    """From the store too: what is not there cannot leak."""
    await add_key(store, 1.0)
    middle = await add_key(store, 2.0)
    newest = await rotate(store, 3.0 + 2 * DAY, revoke=False)
    assert await keys(store) == [middle, newest]


def test_two_servers_that_start_at_once_sign_with_one_key() -> None:
    """Each made one, not knowing of the other's: the older one signs until both are known everywhere."""
    one, two = Key("a", 1.0, ""), Key("b", 1.5, "")
    assert signing([one, two], 2.0) == one
    assert published([one, two], 2.0) == [one, two]
