"""The store in two SQLite files of one directory: the default, for one server.

`app.db` keeps what must survive a power cut: every commit waits for the disk. `events.db` keeps the logs: a commit
survives the death of the process. Each has one thread that writes; other threads read beside it. Point reads run on
the event loop, since they take less time than the way to a thread and back.
"""

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import apsw

from interplay.store import (
    schema,
    sqlite_blobs,
    sqlite_events,
    sqlite_keys,
    sqlite_limits,
    sqlite_outbox,
    sqlite_servers,
    sqlite_turns,
    sqlite_usage,
    sqlite_webhooks,
    sqlite_work,
)
from interplay.store import sqlite_files as files
from interplay.store.base import Ending, Key, LoggedEvent, NewInteraction, StoredInteraction, Turn
from interplay.store.hub import Hub
from interplay.store.signals import Changed, TakenAway
from interplay.store.sqlite_errors import as_failure
from interplay.store.sqlite_in_progress import SqliteInProgress
from interplay.store.sqlite_readers import Readers
from interplay.store.sqlite_triggers import SqliteTriggers
from interplay.store.sqlite_writer import Writer

_READERS: Final = 2
_ERASE_AT_ONCE: Final = 20
"""Logs removed in one transaction: long ones are waited for by the runs that want to write theirs."""


class SqliteStore:
    """The `Store` port on SQLite. Between `open` and `close` it belongs to one event loop."""

    work: sqlite_work.SqliteWork
    usage: sqlite_usage.SqliteUsage
    limits: sqlite_limits.SqliteLimits
    triggers: SqliteTriggers
    webhooks: sqlite_webhooks.SqliteWebhooks
    outbox: sqlite_outbox.SqliteOutbox
    _point: apsw.Connection
    _main: Writer
    _events: Writer
    _readers: Readers
    _checker: apsw.Connection
    blobs: sqlite_blobs.SqliteBlobs

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
        row = self._row(sqlite_turns.GET, (id, project))
        return None if row is None else sqlite_turns.stored(row)

    async def history(self, project: str, id: str) -> list[Turn]:
        """The conversation up to and including this turn."""
        return await self._readers.do(lambda reader: sqlite_turns.history(reader, project, id))

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
        expired = await self._main.do(lambda main: sqlite_turns.expire(main, now, limit))
        if erasing := await self._readers.do(sqlite_turns.erasing):
            await self._erase(erasing)
        await self._forget()
        return expired

    async def _forget(self) -> None:
        if self._traces:
            self._traces = not await self._readers.do(files.forget)

    async def _erase(self, ids: list[str]) -> None:
        self._traces = True
        for start in range(0, len(ids), _ERASE_AT_ONCE):
            await self._events.do(partial(sqlite_events.erase, interactions=ids[start : start + _ERASE_AT_ONCE]))
        await self._main.do(partial(_erased, ids=ids))

    # Events

    async def append(self, events: Sequence[LoggedEvent], *, owner: str) -> set[str]:
        """Add to the logs."""
        dropped = await self._events.do(lambda writer: sqlite_events.append(writer, self._checker, events, owner))
        if written := {event.interaction for event in events} - dropped:
            self.signals.tell(Changed(tuple(written)))
        return dropped

    async def events(self, interaction: str, after: int = 0, limit: int = 1000) -> list[LoggedEvent]:
        """The events with a higher sequence than `after`."""
        return await self._readers.do(lambda reader: sqlite_events.events(reader, interaction, after, limit))

    # Servers

    async def seen(self, server: str) -> None:
        """Note that this owner lives now."""
        await self._main.do(lambda main: sqlite_servers.seen(main, server))

    async def left(self, server: str) -> None:
        """Forget an owner."""
        await self._main.do(lambda main: sqlite_servers.left(main, server))

    async def take_over(self, server: str, silent_seconds: float, limit: int = 100) -> list[StoredInteraction]:
        """Own what was left in progress."""
        taken = await self._main.do(lambda main: sqlite_servers.take_over(main, server, silent_seconds, limit))
        if taken:
            self.signals.tell(TakenAway(tuple(each.id for each in taken)))
        return taken

    # Keys

    async def add_key(self, key: Key, digest: bytes) -> None:
        """Keep a key by its digest."""
        await self._main.do(lambda main: sqlite_keys.add(main, key, digest))

    async def find_key(self, digest: bytes) -> Key | None:
        """The key with this digest."""
        row = self._row(sqlite_keys.FIND, (digest,))
        return None if row is None else sqlite_keys.key(row)

    async def keys(self) -> list[Key]:
        """All keys, oldest first."""
        return await self._readers.do(sqlite_keys.keys)

    async def revoke_key(self, id: str, now: float) -> bool:
        """Make a key useless from now on."""
        return await self._main.do(lambda main: sqlite_keys.revoke(main, id, now))

    # Server secrets

    async def secret(self, name: str, fresh: bytes) -> bytes:
        """The secret of this name, or `fresh` from now on."""
        return await self._main.do(lambda main: sqlite_keys.secret(main, name, fresh))

    async def secrets(self, prefix: str) -> dict[str, bytes]:
        """The secrets whose names begin with this."""
        return await self._readers.do(lambda reader: sqlite_keys.secrets(reader, prefix))

    async def forget_secret(self, name: str) -> None:
        """Remove a secret."""
        await self._main.do(lambda main: sqlite_keys.forget_secret(main, name))

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
        self.work = sqlite_work.SqliteWork(self._main, self.signals.tell)
        self.in_progress = SqliteInProgress(self._main, self._readers, self.signals.tell)
        self.limits = sqlite_limits.SqliteLimits()
        self.usage = sqlite_usage.SqliteUsage(self._main, self._readers)
        self.blobs = sqlite_blobs.SqliteBlobs(self._main, self._row)
        self.triggers = SqliteTriggers(self._main, self._readers)
        self.webhooks = sqlite_webhooks.SqliteWebhooks(self._main, self._readers)
        self.outbox = sqlite_outbox.SqliteOutbox(self._main, self._readers)

    def _row(self, query: str, values: files.Values) -> tuple[Any, ...] | None:
        try:
            rows = files.rows(self._point, query, values)
        except apsw.Error as error:
            raise as_failure(error) from error
        return rows[0] if rows else None


def _insert(main: apsw.Connection, new: NewInteraction) -> None:
    sqlite_turns.insert(main, new)
    if new.work is not None:
        sqlite_work.enqueue(main, new, new.work)
    sqlite_blobs.hold(main, new.project, new.id, new.blobs)


def _finish(main: apsw.Connection, ending: Ending) -> tuple[bool, bool]:
    """Whether it has ended now, and whether somebody is to be told."""
    ended = sqlite_turns.finish(main, ending)
    was_work = ended and sqlite_work.done(main, ending.id)
    told = was_work and ending.notice is not None and sqlite_outbox.tell(main, ending.project, ending.notice)
    return ended, told


def _delete(main: apsw.Connection, project: str, id: str) -> bool:
    deleted = sqlite_turns.delete(main, project, id)
    if deleted:
        sqlite_work.done(main, id)
    return deleted


def _erased(main: apsw.Connection, ids: list[str]) -> None:
    sqlite_blobs.let_go(main, ids)
    sqlite_turns.erased(main, ids)


def _kept(undo: contextlib.ExitStack, connection: apsw.Connection) -> apsw.Connection:
    undo.callback(connection.close)
    return connection
