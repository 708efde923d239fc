"""Puts blobs for ever, telling each digest once it is promised; a test kills it."""

import asyncio
import os
import sys
from pathlib import Path

from interplay.blobs.blobs import Blobs
from interplay.blobs.folder import Folder
from interplay.store.sqlite import SqliteStore


async def _put(directory: Path) -> None:
    store = SqliteStore(directory / "data")
    await store.open()
    blobs = Blobs(store.blobs, Folder(directory / "blobs"), store.secret)
    await blobs.open()
    while True:
        together = [blobs.put("home", os.urandom(300_000)) for _ in range(4)]
        for put in asyncio.as_completed(together):
            sys.stdout.write(f"{(await put).digest}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_put(Path(sys.argv[1])))
