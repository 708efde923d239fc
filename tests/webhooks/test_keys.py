"""The keys of signatures: made once, published before they sign, and dropped when nobody needs them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from interplay.store.sqlite import SqliteStore
from interplay.webhooks.keys import (
    ED25519,
    KINDS,
    RSA,
    Key,
    Kind,
    SigningKeys,
    add_key,
    keys,
    published,
    rotate,
    signing,
)

DAY = 86_400


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """An open store without keys."""
    store = SqliteStore(tmp_path)
    await store.open()
    yield store
    await store.close()


@pytest.fixture(params=KINDS, ids=["rsa", "ed25519"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of keys."""
    return cast(Kind, request.param)


async def test_the_first_key_is_made_once(store: SqliteStore, kind: Kind) -> None:
    """By whoever needs it first, and kept for the next start."""
    known = SigningKeys(store, lambda: 1000.0, kind)
    first, *others = await asyncio.gather(*(known.signing() for _ in range(5)))
    assert others == [first] * 4
    assert await SigningKeys(store, lambda: 2000.0, kind).signing() == first


async def test_kinds_are_kept_apart(store: SqliteStore) -> None:
    """Each is what its form signs with; a key is made when it is needed, and not when somebody looks."""
    rsa, ed25519 = (SigningKeys(store, lambda: 1000.0, kind) for kind in (RSA, ED25519))
    first = await rsa.signing()
    assert isinstance(private := first.private(), RSAPrivateKey)
    assert private.key_size == 2048
    assert await ed25519.published(make=False) == []
    second = await ed25519.signing()
    assert isinstance(second.private(), Ed25519PrivateKey)
    assert (await rsa.published(), await ed25519.published(make=False)) == ([first], [second])
    await rotate(store, ED25519, 2000.0, revoke=True)
    assert await keys(store, RSA) == [first]


async def test_a_new_key_is_published_before_it_signs(store: SqliteStore, kind: Kind) -> None:
    """A minute, in which all servers hear of it; the old one stays published for a day more."""
    now = 1000.0
    known = SigningKeys(store, lambda: now, kind)
    old = await known.signing()
    now += DAY
    new = await rotate(store, kind, now, revoke=False)
    now += 11
    assert (await known.signing(), await known.published()) == (old, [old, new])
    now += 50
    assert (await known.signing(), await known.published()) == (new, [old, new])
    now += DAY
    assert (await known.signing(), await known.published()) == (new, [new])


async def test_a_key_that_leaked_is_dropped_at_once(store: SqliteStore, kind: Kind) -> None:
    """With all others but the new one, which signs from then on."""
    await add_key(store, kind, 1.0)
    await add_key(store, kind, 2.0)
    new = await rotate(store, kind, 3.0, revoke=True)
    assert await keys(store, kind) == [new]
    assert await SigningKeys(store, lambda: 4.0, kind).signing() == new


async def test_keys_that_nobody_needs_are_removed_at_the_next_rotation(store: SqliteStore, kind: Kind) -> None:
    """From the store too: what is not there cannot leak."""
    await add_key(store, kind, 1.0)
    middle = await add_key(store, kind, 2.0)
    newest = await rotate(store, kind, 3.0 + 2 * DAY, revoke=False)
    assert await keys(store, kind) == [middle, newest]


def test_two_servers_that_start_at_once_sign_with_one_key() -> None:
    """Each made one, not knowing of the other's: the older one signs until both are known everywhere."""
    one, two = Key("a", 1.0, ""), Key("b", 1.5, "")
    assert signing([one, two], 2.0) == one
    assert published([one, two], 2.0) == [one, two]
