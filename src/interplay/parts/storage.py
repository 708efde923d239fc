"""The store of this process, and the lock on its folder."""

from contextlib import AsyncExitStack

from interplay.parts.part import Part, Process
from interplay.store.sqlite.only_server import only_server


class StoragePart(Part):
    """Opens the store."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def open(self, stack: AsyncExitStack) -> None:
        """Raises SettingsError when another server has the folder."""
        if self._process.alone:
            stack.enter_context(only_server(self._process.settings.data_folder()))
        await self._process.store.open()
        stack.push_async_callback(self._process.store.close)
