"""The outbox as SQLite rows. Not here: transactions and threads (`writer.py`)."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Final

import apsw
import msgspec

from interplay.store.outbox import NOTHING, DeadLetter, Due, Notice
from interplay.store.outbox_rows import due, letter
from interplay.store.sqlite.database import Readers
from interplay.store.sqlite.files import Values, rows
from interplay.store.sqlite.writer import Writer
from interplay.store.webhooks import ENABLED, GIVEN_UP

_NOW: Final = "unixepoch('subsec')"
# S608 below: all pieces of these statements are constants of this package.
_PUT: Final = (
    "INSERT INTO deliveries (project, id, webhook, uri, lane, type, payload, state, created, due, attempts, holder,"
    " reason) "
)
_FRESH: Final = f"0, {_NOW}, {_NOW}, 0, '', ''"
_TELL_WEBHOOKS: Final = (
    f"{_PUT} SELECT project, ?1 || '_' || id, id, NULL, id, ?2, ?3, {_FRESH} FROM webhooks"  # noqa: S608
    f" WHERE project = ?4 AND state = '{ENABLED}' AND instr(events, ' ' || ?2 || ' ') > 0"
)
_TELL: Final = f"{_PUT} VALUES (?, ?, NULL, ?, ?, ?, ?, {_FRESH})"
_CLAIM: Final = (
    "WITH ready AS (SELECT id, due, project, project || ' ' || lane AS line FROM deliveries"  # noqa: S608
    f" WHERE state = 0 AND due <= {_NOW}),"
    " placed AS (SELECT *, row_number() OVER (PARTITION BY line ORDER BY due, id) AS place FROM ready"
    " WHERE line NOT IN (SELECT value FROM json_each(?3))),"
    " turns AS (SELECT id, due, row_number() OVER (PARTITION BY project ORDER BY due, id)"
    " + coalesce((SELECT value FROM json_each(?7) WHERE key = project), 0) AS turn FROM placed"
    " WHERE place <= iif(line IN (SELECT value FROM json_each(?4)), 1, ?5))"
    f" UPDATE deliveries SET due = {_NOW} + ?2, holder = ?1, attempts = attempts + 1 WHERE id IN"
    " (SELECT id FROM turns WHERE turn <= ?8 ORDER BY turn, due, id LIMIT ?6) RETURNING id"
)
_CLAIMED: Final = (
    "SELECT deliveries.id, deliveries.project, webhook, coalesce(deliveries.uri, webhooks.uri), lane, type, payload,"  # noqa: S608
    f" attempts, {_NOW} - deliveries.created, webhooks.state, webhooks.secrets"
    " FROM deliveries LEFT JOIN webhooks ON webhooks.id = webhook WHERE deliveries.id = ?"
)
_TAKEN: Final = "DELETE FROM deliveries WHERE id = ? RETURNING webhook"
_HEALTHY: Final = f"UPDATE webhooks SET healthy = {_NOW} WHERE id = ?"  # noqa: S608
_AGAIN: Final = (
    f"UPDATE deliveries SET due = {_NOW} + ?, holder = '', reason = ?, attempts = attempts - ?"  # noqa: S608
    " WHERE id = ? AND holder = ?"
)
_GIVE_UP: Final = (
    f"UPDATE deliveries SET state = 1, due = {_NOW}, holder = '', reason = ? WHERE id = ? AND holder = ?"  # noqa: S608
    " RETURNING webhook, created"
)
_DISABLE: Final = (
    f"UPDATE webhooks SET state = '{GIVEN_UP}', updated = {_NOW}"  # noqa: S608
    f" WHERE id = ? AND state = '{ENABLED}' AND healthy < ?"
)
_RELEASE: Final = (
    f"UPDATE deliveries SET due = {_NOW}, holder = '' WHERE state = 0 AND holder <> ''"  # noqa: S608
    " AND holder = coalesce(?, holder)"
)
_DEAD: Final = (
    "SELECT deliveries.id, deliveries.project, webhook, coalesce(deliveries.uri, webhooks.uri, ''), type, attempts,"
    " due, reason FROM deliveries LEFT JOIN webhooks ON webhooks.id = webhook WHERE deliveries.state = 1"
    " ORDER BY due DESC, deliveries.id LIMIT ?"
)
_REPLAY: Final = (
    f"UPDATE deliveries SET state = 0, created = {_NOW}, due = {_NOW}, attempts = 0"  # noqa: S608
    " WHERE state = 1 AND id = coalesce(?, id)"
)
_FORGET: Final = f"DELETE FROM deliveries WHERE state = 1 AND due < {_NOW} - ?"  # noqa: S608


class SqliteOutbox:
    """The `Outbox` port on SQLite."""

    def __init__(self, main: Writer, readers: Readers) -> None:
        self._main = main
        self._readers = readers

    async def claim(
        self,
        server: str,
        seconds: float,
        limit: int,
        *,
        each: int,
        of_project: int,
        sending: Mapping[str, int] = NOTHING,
        busy: Collection[str] = (),
        failing: Collection[str] = (),
    ) -> list[Due]:
        """What is due, for this server for a while."""
        lines = _json(list(busy)), _json(list(failing))
        values = (server, seconds, *lines, each, limit, _json(dict(sending)), of_project)
        return await self._main.do(partial(_claim, values=values))

    async def taken(self, id: str) -> None:
        """The receiver has it."""
        await self._main.do(partial(_taken, id=id))

    async def failed(self, id: str, server: str, reason: str, again_in: float | None, *, counted: bool = True) -> bool:
        """It was not taken."""
        if again_in is None:
            return await self._main.do(partial(_give_up, values=(reason, id, server)))
        await self._changed(_AGAIN, (again_in, reason, int(not counted), id, server))
        return False

    async def release(self, server: str | None = None) -> None:
        """Make due what was claimed."""
        await self._changed(_RELEASE, (server,))

    async def dead(self, limit: int = 1000) -> list[DeadLetter]:
        """What was given up."""
        return [letter(row) for row in await self._readers.do(lambda reader: rows(reader, _DEAD, (limit,)))]

    async def replay(self, id: str | None = None) -> int:
        """Begin again."""
        return await self._changed(_REPLAY, (id,))

    async def forget(self, seconds: float) -> int:
        """Remove old dead letters."""
        return await self._changed(_FORGET, (seconds,))

    async def _changed(self, query: str, values: Values) -> int:
        return await self._main.do(partial(_changed, query=query, values=values))


def tell(main: apsw.Connection, project: str, notice: Notice) -> None:
    """Put a notice into the outbox for everybody who is to get it."""
    if not notice.uris:
        main.execute(_TELL_WEBHOOKS, (notice.id, notice.type, notice.payload, project))
    for number, (uri, lane) in enumerate(zip(notice.uris, notice.lanes(), strict=True), 1):
        main.execute(_TELL, (project, f"{notice.id}_{number}", uri, lane, notice.type, notice.payload))


def _json(value: list[str] | dict[str, int]) -> str:
    return msgspec.json.encode(value).decode()


def _claim(main: apsw.Connection, values: Values) -> list[Due]:
    return [due(rows(main, _CLAIMED, claimed)[0]) for claimed in rows(main, _CLAIM, values)]


def _taken(main: apsw.Connection, id: str) -> None:
    for webhook in rows(main, _TAKEN, (id,)):
        main.execute(_HEALTHY, webhook)


def _give_up(main: apsw.Connection, values: Values) -> bool:
    given_up = rows(main, _GIVE_UP, values)
    return bool(sum(_changed(main, _DISABLE, row) for row in given_up))


def _changed(main: apsw.Connection, query: str, values: Values) -> int:
    main.execute(query, values)
    return main.changes()
