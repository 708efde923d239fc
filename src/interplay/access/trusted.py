"""From a key's secret to who asks with it, looked up at most once a second for each key."""

from collections.abc import Callable
from typing import Final

from interplay.access.keys import digest
from interplay.caller import Caller
from interplay.errors import Failure
from interplay.store.base import Store
from interplay.store.keys import Key

_TRUST_SECONDS: Final = 1.0
"""How long a key that was looked up is not looked up again; a revoked key works at most this long."""
_MOST_TRUSTED: Final = 10_000


class Trusted:
    """The keys that were good a moment ago, by the SHA-256 of their secrets."""

    def __init__(self, store: Store, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._monotonic = monotonic
        self._known: dict[bytes, tuple[float, Caller]] = {}

    async def caller(self, secret: str) -> Caller:
        """The key's id, and the project that it opens. Raises Failure `unauthenticated`."""
        kept = digest(secret)
        known = self._known.get(kept)
        if known is not None and self._monotonic() - known[0] < _TRUST_SECONDS:
            return known[1]
        return self._trust(kept, await self._store.find_key(kept))

    def _trust(self, kept: bytes, key: Key | None) -> Caller:
        if key is None or key.revoked is not None:
            self._known.pop(kept, None)
            raise Failure(
                "unauthenticated", "The API key is not valid here. 'interplay keys list' shows the keys in use."
            )
        if len(self._known) >= _MOST_TRUSTED:
            self._known.clear()
        caller = Caller(key.project, key.id)
        self._known[kept] = (self._monotonic(), caller)
        return caller
