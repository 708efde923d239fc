"""Commands that work on the server's state, also while it runs."""

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
    """What is done with the store that the settings name, opened and closed around it."""

    async def run() -> T:
        store = store_of(chosen)
        await store.open()
        try:
            return await act(store)
        finally:
            await store.close()

    with explained(SettingsError, Failure, OSError):
        return asyncio.run(run())
