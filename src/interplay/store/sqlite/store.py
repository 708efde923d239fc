"""The store in two SQLite files of one directory: the default, for one server.

`app.db` keeps what must survive a power cut: every commit waits for the disk. `events.db` keeps the logs: a commit
survives the death of the process. Each has one thread that writes; other threads read beside it. Point reads run on
the event loop, since they take less time than the way to a thread and back.
"""

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import apsw

from interplay.store.base import Store
from interplay.store.blobs import hold, let_go
from interplay.store.hub import Hub
from interplay.store.interactions import Ending, LoggedEvent, NewInteraction, StoredInteraction, Turn, stored
from interplay.store.signals import Changed, TakenAway
from interplay.store.sqlite import (
    events as logs,
)
from interplay.store.sqlite import (
    files,
    limits,
    schema,
    telling,
    turns,
    work,
)
from interplay.store.sqlite.database import Readers, SqliteDatabase, done
from interplay.store.sqlite.files import as_failure
from interplay.store.sqlite.writer import Writer

_READERS: Final = 2
_ERASE_AT_ONCE: Final = 20
"""Logs removed in one transaction: long ones are waited for by the runs that want to write theirs."""


class SqliteStore(Store):
    """The `Store` port on SQLite. Between `open` and `close` it belongs to one event loop."""

    signals: Hub
    work: work.SqliteWork
    limits: limits.SqliteLimits
    _point: apsw.Connection
    _main: Writer
    _events: Writer
    _readers: Readers
    _checker: apsw.Connection

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._traces = True  # of deletions before a crash
        """Whether something was deleted whose old pages may still be in a log."""
        self.signals = Hub()

    async def open(self) -> None:
        """Create or migrate the files where needed, then start the threads."""
        try:
            schema.prepare(self._directory)
            self._start()
        except apsw.Error as error:
            raise as_failure(error) from error

    async def close(self) -> None:
        """Finish what is queued, then let go of everything."""
        await self._main.stop()
        await self._events.stop()
        self._readers.stop()
        self._checker.close()
        self._point.close()

    # Interactions

    async def insert(self, interaction: NewInteraction) -> None:
        """Keep an accepted interaction."""
        await self._main.do(partial(_insert, new=interaction))

    async def finish(self, ending: Ending) -> bool:
        """Set the terminal status and the whole Interaction."""
        ended, told = await self._main.do(partial(_finish, ending=ending))
        if ended:
            self.signals.tell(Changed((ending.id,)))
        if told:
            self.outbox.on_put()
        return ended

    async def get(self, project: str, id: str) -> StoredInteraction | None:
        """One interaction, or None."""
        try:
            found = files.rows(self._point, turns.GET, (id, project))
        except apsw.Error as error:
            raise as_failure(error) from error
        return stored(found[0]) if found else None

    async def history(self, project: str, id: str) -> list[Turn]:
        """The conversation up to and including this turn."""
        return await self._readers.do(lambda reader: turns.history(reader, project, id))

    async def delete(self, project: str, id: str) -> bool:
        """Empty the row, then remove the events, then the row: in this order a crash leaves nothing behind for good."""
        if not await self._main.do(partial(_delete, project=project, id=id)):
            return False
        self.signals.tell(TakenAway((id,)))
        await self._erase([id])
        await self._forget()
        return True

    async def expire(self, now: float, limit: int = 500) -> int:
        """Delete what has expired, and finish deletions that a crash or a full disk cut short."""
        expired = await self._main.do(lambda main: turns.expire(main, now, limit))
        if erasing := await self._readers.do(turns.erasing):
            await self._erase(erasing)
        await self._forget()
        return expired

    async def _forget(self) -> None:
        if self._traces:
            self._traces = not await self._readers.do(files.forget)

    async def _erase(self, ids: list[str]) -> None:
        self._traces = True
        for start in range(0, len(ids), _ERASE_AT_ONCE):
            await self._events.do(partial(logs.erase, interactions=ids[start : start + _ERASE_AT_ONCE]))
        await self._main.do(partial(_erased, ids=ids))

    # Events

    async def append(self, events: Sequence[LoggedEvent], *, owner: str) -> set[str]:
        """Add to the logs."""
        dropped = await self._events.do(lambda writer: logs.append(writer, self._checker, events, owner))
        if written := {event.interaction for event in events} - dropped:
            self.signals.tell(Changed(tuple(written)))
        return dropped

    async def events(self, interaction: str, after: int = 0, limit: int = 1000) -> list[LoggedEvent]:
        """The events with a higher sequence than `after`."""
        return await self._readers.do(lambda reader: logs.events(reader, interaction, after, limit))

    # Parts

    def _start(self) -> None:
        with contextlib.ExitStack() as undo:
            main = _kept(undo, files.writer(self._directory, files.MAIN, "FULL"))
            events = _kept(undo, files.writer(self._directory, files.EVENTS, "NORMAL"))
            self._point = _kept(undo, files.reader(self._directory))
            self._checker = _kept(undo, files.reader(self._directory))
            readers = [_kept(undo, files.reader(self._directory)) for _ in range(_READERS)]
            undo.pop_all()
        self._main = Writer("interplay-write", main)
        self._events = Writer("interplay-events", events)
        self._readers = Readers(readers)
        self.work = work.SqliteWork(self._main, self.signals.tell)
        self.limits = limits.SqliteLimits()
        self._open_families(SqliteDatabase(self._main, self._readers, self._point))


def _insert(main: apsw.Connection, new: NewInteraction) -> None:
    turns.insert(main, new)
    if new.work is not None:
        work.enqueue(main, new, new.work)
    if new.blobs:
        done(main, hold(new.project, new.id, new.blobs))


def _finish(main: apsw.Connection, ending: Ending) -> tuple[bool, bool]:
    """Whether it has ended now, and whether somebody is to be told."""
    ended = turns.finish(main, ending)
    was_work = ended and work.done(main, ending.id)
    told = was_work and ending.notice is not None and telling.tell(main, ending.project, ending.notice)
    return ended, told


def _delete(main: apsw.Connection, project: str, id: str) -> bool:
    deleted = turns.delete(main, project, id)
    if deleted:
        work.done(main, id)
    return deleted


def _erased(main: apsw.Connection, ids: list[str]) -> None:
    done(main, let_go(ids))
    turns.erased(main, ids)


def _kept(undo: contextlib.ExitStack, connection: apsw.Connection) -> apsw.Connection:
    undo.callback(connection.close)
    return connection
