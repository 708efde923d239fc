"""What is in progress, and what of it is to be cancelled, as SQLite rows."""

from collections.abc import Callable
from typing import Final

import apsw

from interplay.store.in_progress import Owned
from interplay.store.signals import CancelAsked, Signal
from interplay.store.sqlite.database import Readers
from interplay.store.sqlite.files import rows
from interplay.store.sqlite.writer import Writer

_NOW: Final = "unixepoch('subsec')"
_FORGET: Final = f"DELETE FROM cancels WHERE asked < {_NOW} - 86400"  # noqa: S608 - the constant above
_THERE: Final = "SELECT 1 FROM interactions WHERE id = ? AND project = ? AND state = 0"
_ASK: Final = f"INSERT INTO cancels (interaction, asked) VALUES (?, {_NOW}) ON CONFLICT DO NOTHING"  # noqa: S608
_OWNED: Final = (
    "SELECT project, id, cancels.interaction IS NOT NULL FROM interactions"
    " LEFT JOIN cancels ON cancels.interaction = interactions.id WHERE owner = ? AND state = 0"
)
_SETTLED: Final = "DELETE FROM cancels WHERE interaction = ?"


class SqliteInProgress:
    """The `InProgress` port."""

    def __init__(self, main: Writer, readers: Readers, tell: Callable[[Signal], None]) -> None:
        self._main = main
        self._readers = readers
        self._tell = tell

    async def ask_to_cancel(self, project: str, id: str) -> bool:
        """Keep the wish and tell of it."""
        asked = await self._main.do(lambda main: _ask(main, project, id))
        if asked:
            self._tell(CancelAsked((id,)))
        return asked

    async def owned(self, owner: str) -> list[Owned]:
        """All that this owner has in progress."""
        found = await self._readers.do(lambda reader: rows(reader, _OWNED, (owner,)))
        return [Owned(project, id, bool(asked)) for project, id, asked in found]

    async def settled(self, id: str) -> None:
        """Forget the wish."""
        await self._main.do(lambda main: _settle(main, id))


def _ask(main: apsw.Connection, project: str, id: str) -> bool:
    main.execute(_FORGET)
    if not rows(main, _THERE, (id, project)):
        return False
    main.execute(_ASK, (id,))
    return True


def _settle(main: apsw.Connection, id: str) -> None:
    main.execute(_SETTLED, (id,))
