"""Making API keys. Their secrets are given out once; the store knows their SHA-256 only."""

import hashlib

from interplay import ids
from interplay.store.base import Store
from interplay.store.keys import Key


async def create_key(store: Store, project: str, now: float) -> str:
    """Keep a new key for the project; its secret."""
    secret = ids.api_key()
    key = Key(id=ids.key_id(), project=project, hint=secret[-4:], created=now)
    await store.add_key(key, digest(secret))
    return secret


def digest(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()
