"""Commands that look into a server's state, while it runs or not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from interplay.cli.failing import explained
from interplay.errors import Failure
from interplay.settings import Settings, SettingsError
from interplay.store.base import Store
from interplay.stores import store_of

T = TypeVar("T")


def with_store(chosen: Settings, act: Callable[[Store], Awaitable[T]]) -> T:
    """What `act` makes of the store that the settings ask for. Raises CommandError."""

    async def run() -> T:
        store = store_of(chosen)
        await store.open()
        try:
            return await act(store)
        finally:
            await store.close()

    with explained(SettingsError, Failure, OSError):
        return asyncio.run(run())
