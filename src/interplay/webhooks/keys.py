"""The keys that sign for receivers which requests name: in the store's secrets, known to all servers that share it.

There are two kinds, for two forms of signatures; each has its own first key, rotation and successors.

A new key is published at once and signs a minute later, when every server has heard of it. The one before it stays
published for a day, for receivers that look at an older token. The first key is made when it is first needed.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from interplay.clock import Clock
from interplay.store.base import Store

PUBLISHED_SECONDS: Final = 60.0
"""From a key's creation until it signs."""
_KEPT_SECONDS: Final = 86_400.0
"""For which a key stays published that signs no more."""
_HEARD_SECONDS: Final = 10.0
"""How long the keys are not looked up again."""
_BITS: Final = 2048

Private = RSAPrivateKey | Ed25519PrivateKey


class Kind(msgspec.Struct, frozen=True):
    """A kind of keys."""

    prefix: str
    """What the names of its secrets begin with."""
    generate: Callable[[], Private]


RSA: Final = Kind("webhook-key/", lambda: generate_private_key(public_exponent=65537, key_size=_BITS))
ED25519: Final = Kind("webhook-ed25519-key/", Ed25519PrivateKey.generate)
KINDS: Final = (RSA, ED25519)


class Key(msgspec.Struct, frozen=True):
    """A key, as it is kept."""

    id: str
    """The `kid`."""
    created: float
    """Seconds since 1970."""
    pem: str
    """The private key, PKCS 8."""

    def private(self) -> Private:
        """What signs."""
        key = load_pem_private_key(self.pem.encode(), password=None)
        assert isinstance(key, Private)  # noqa: S101 - only `made` makes them
        return key


_KEY: Final = msgspec.json.Decoder(Key)


class SigningKeys:
    """The keys of one kind in one store, looked up now and then."""

    def __init__(self, store: Store, clock: Clock, kind: Kind) -> None:
        self._store = store
        self._clock = clock
        self._kind = kind
        self._known: list[Key] = []
        self._heard = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def published(self, *, make: bool = True) -> list[Key]:
        """The keys that messages may be signed with, or may have been not long ago; with `make` at least one."""
        return published(await self._keys(make=make), self._clock())

    async def signing(self) -> Key:
        """The key that signs now."""
        return signing(await self._keys(make=True), self._clock())

    async def _keys(self, *, make: bool) -> list[Key]:
        async with self._one_at_a_time:
            needed = make and not self._known
            if needed or not 0 <= self._clock() - self._heard < _HEARD_SECONDS:
                self._known = await keys(self._store, self._kind)
                self._heard = self._clock()
            if make and not self._known:
                self._known = [await add_key(self._store, self._kind, self._clock())]
            return self._known


async def keys(store: Store, kind: Kind) -> list[Key]:
    """All keys of a kind, the oldest first."""
    found = map(_KEY.decode, (await store.secrets(kind.prefix)).values())
    return sorted(found, key=lambda key: (key.created, key.id))


async def add_key(store: Store, kind: Kind, now: float) -> Key:
    """Make another key."""
    key = await asyncio.to_thread(_made, kind, now)
    await store.secret(kind.prefix + key.id, msgspec.json.encode(key))
    return key


async def rotate(store: Store, kind: Kind, now: float, *, revoke: bool) -> Key:
    """Make another key and drop those that need not be published any more: with `revoke`, all others."""
    new = await add_key(store, kind, now)
    found = await keys(store, kind)
    kept = [new] if revoke else published(found, now)
    for key in found:
        if key not in kept:
            await store.forget_secret(kind.prefix + key.id)
    return new


def signing(found: Sequence[Key], now: float) -> Key:
    """The newest key that everybody has heard of; while there is none, the oldest."""
    known = [key for key in found if key.created <= now - PUBLISHED_SECONDS]
    return known[-1] if known else found[0]


def published(found: Sequence[Key], now: float) -> list[Key]:
    """The keys without those whose successor has signed for a day."""
    until = now - PUBLISHED_SECONDS - _KEPT_SECONDS
    return [key for key, after in pairwise(found) if after.created > until] + list(found[-1:])


def _made(kind: Kind, now: float) -> Key:
    pem = kind.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Key(secrets.token_hex(8), now, pem.decode())
