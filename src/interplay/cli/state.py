"""Commands that work on the server's state, also while it runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from interplay.cli.failing import CommandError, explained
from interplay.errors import Failure
from interplay.settings import Settings, SettingsError
from interplay.settings.server import database_place
from interplay.store.base import Store
from interplay.stores import state_is_there, store_of

T = TypeVar("T")


def with_store(chosen: Settings, act: Callable[[Store], Awaitable[T]], *, creates: bool = False) -> T:
    """What is done with the store that the settings name, opened and closed around it.

    Where no server has kept anything yet, a store is made if the command `creates`; else there is a CommandError.
    """

    async def run() -> T:
        store = store_of(chosen)
        await store.open()
        try:
            return await act(store)
        finally:
            await store.close()

    with explained(SettingsError, Failure, OSError):
        if not creates and not state_is_there(chosen):
            raise CommandError(f"There is no state of a server {_looked_at(chosen)}.")
        return asyncio.run(run())


def _looked_at(chosen: Settings) -> str:
    if chosen.server.database is None:
        return f"in {chosen.data_folder()}: name its folder with --data, or its database with --database"
    return f"in the database {database_place(chosen.server.database)}: name the right one, or start a server with it"
