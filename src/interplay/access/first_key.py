"""The key that a server begins with, so that its owner can ask something at once.

It is made at the first start and kept readable in the data folder, for the owner of that folder only; revoking it
makes the file useless.
"""

import os
from pathlib import Path
from typing import Final

from interplay.access import DEFAULT_PROJECT
from interplay.access.keys import create_key, digest
from interplay.clock import Clock
from interplay.store.base import Store

UNKNOWN_KEY: Final = "YOUR_KEY"
"""What is shown in place of a key of which only the hash is known."""


class FirstKey:
    """The file `first-key` in the data folder."""

    def __init__(self, folder: Path, store: Store, clock: Clock) -> None:
        self.file = folder / "first-key"
        self._store = store
        self._clock = clock
        self.made = False
        """Whether the key was made by this start of the server."""

    async def secret(self) -> str | None:
        """The key, made now if no key was ever made; None once the owner has made other arrangements."""
        kept = self.file.read_text().strip() if self.file.exists() else None
        if kept is not None:
            key = await self._store.find_key(digest(kept))
            return kept if key is not None and key.revoked is None else None
        if await self._store.keys():
            return None
        secret = await create_key(self._store, DEFAULT_PROJECT, self._clock())
        self._write(secret)
        self.made = True
        return secret

    def _write(self, secret: str) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secret + "\n")
