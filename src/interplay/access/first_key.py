"""The key that a server begins with, so that its owner can ask something at once.

It is made at the first start and kept readable in the data folder, for the owner of that folder only; revoking it
makes the file useless.
"""

import os
import time
from pathlib import Path
from typing import Final

from interplay.access.keys import create_key, digest
from interplay.store.base import Store

_PROJECT: Final = "default"


class FirstKey:
    """The file `first-key` in the data folder."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._file = folder / "first-key"
        self._store = store

    async def secret(self) -> str | None:
        """The key, made now if no key was ever made; None once the owner has made other arrangements."""
        kept = self._file.read_text().strip() if self._file.exists() else None
        if kept is not None:
            key = await self._store.find_key(digest(kept))
            return kept if key is not None and key.revoked is None else None
        if await self._store.keys():
            return None
        secret = await create_key(self._store, _PROJECT, time.time())
        self._write(secret)
        return secret

    def _write(self, secret: str) -> None:
        with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secret + "\n")
