"""The outbox: notices that are to be sent, one row for each receiver, until it has taken them.

`Store.finish` fills it in the transaction that ends an interaction. A server claims what is due for a while; if it dies
meanwhile, that time passes and another one claims it. All times are the database's, so that the clocks of several
servers need not agree. All methods concern all projects. Whoever locks both locks a delivery before its webhook.
"""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from interplay.store.database import Database, Steps, ask
from interplay.store.webhooks import ENABLED, GIVEN_UP, SECRETS, SigningSecret


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an interaction's end."""

    id: str
    """Of this notice; each receiver's copy has an id that begins with it."""
    type: str
    """`interaction.completed` and the like; webhooks that have subscribed to it get it."""
    payload: bytes
    """The body, JSON."""
    uris: tuple[str, ...] = ()
    """Who gets it instead of the project's webhooks."""

    def lanes(self) -> list[str]:
        """For each URI, what it holds up if it hangs: its host and port."""
        return [urlsplit(uri).netloc for uri in self.uris]


NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that this server is to send now."""

    id: str
    """Of the message: the same at every try."""
    project: str
    webhook: str | None
    """The receiver, if it is a registered one."""
    uri: str | None
    """Where to; None when the webhook was deleted meanwhile."""
    lane: str
    type: str
    payload: bytes
    attempts: int
    """With this one: 1, 2, ..."""
    age: float
    """Seconds since it was put into the outbox."""
    state: str | None
    """The webhook's."""
    secrets: tuple[SigningSecret, ...]
    """The webhook's."""

    def line(self) -> str:
        """Its project's part of its lane: receivers that two projects share hang for each on its own."""
        return f"{self.project} {self.lane}"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that nobody took."""

    id: str
    project: str
    webhook: str | None
    uri: str
    type: str
    attempts: int
    died: float
    """When it was given up, seconds since 1970."""
    reason: str
    """Why the last try failed."""


# S608 below: all pieces of these statements are constants of this package.
_CLAIM: Final = (
    "WITH ready AS (SELECT id, due, project, project || ' ' || lane AS line FROM deliveries"
    " WHERE state = 0 AND due <= NOW),"
    " ranked AS (SELECT *, row_number() OVER (PARTITION BY line ORDER BY due, id) AS rank FROM ready"
    " WHERE NOT (line = ANY(:busy))),"
    " turns AS (SELECT id, row_number() OVER (PARTITION BY project ORDER BY due, id)"
    " + coalesce((SELECT CAST(value AS integer) FROM json_each_text(:sending) WHERE key = project), 0) AS turn"
    " FROM ranked WHERE rank <= CASE WHEN line = ANY(:failing) THEN 1 ELSE :each END),"
    " picked AS (SELECT deliveries.id FROM deliveries JOIN turns ON turns.id = deliveries.id WHERE turn <= :of_project"
    # Said again of the row itself: another server may have claimed it meanwhile.
    " AND state = 0 AND due <= NOW ORDER BY turn, due, deliveries.id LIMIT :limit FOR UPDATE OF deliveries SKIP LOCKED)"
    " UPDATE deliveries SET due = NOW + CAST(:seconds AS float8), holder = :server, attempts = attempts + 1"
    " FROM picked WHERE deliveries.id = picked.id"
    " RETURNING deliveries.id, project, webhook,"
    " coalesce(uri, (SELECT webhooks.uri FROM webhooks WHERE webhooks.id = webhook)), lane, type, payload, attempts,"
    " NOW - created, (SELECT webhooks.state FROM webhooks WHERE webhooks.id = webhook),"
    " (SELECT secrets FROM webhooks WHERE webhooks.id = webhook)"
)
_TAKEN: Final = "DELETE FROM deliveries WHERE id = :id RETURNING webhook"
_HEALTHY: Final = "UPDATE webhooks SET healthy = NOW WHERE id = :webhook"
_AGAIN: Final = (
    "UPDATE deliveries SET due = NOW + CAST(:seconds AS float8), holder = '', reason = :reason,"
    " attempts = attempts - :uncounted WHERE id = :id AND holder = :server"
)
_GIVE_UP: Final = (
    "UPDATE deliveries SET state = 1, due = NOW, holder = '', reason = :reason WHERE id = :id AND holder = :server"
    " RETURNING webhook, created"
)
_DISABLE: Final = (
    f"UPDATE webhooks SET state = '{GIVEN_UP}', updated = NOW"  # noqa: S608
    f" WHERE id = :webhook AND state = '{ENABLED}' AND healthy < :created RETURNING 1"
)
_RELEASE: Final = (
    "UPDATE deliveries SET due = NOW, holder = '' WHERE state = 0 AND holder <> ''"
    " AND holder = coalesce(CAST(:server AS text), holder)"
)
_DEAD: Final = (
    "SELECT deliveries.id, deliveries.project, webhook, coalesce(deliveries.uri, webhooks.uri, ''), type, attempts,"
    " due, reason FROM deliveries LEFT JOIN webhooks ON webhooks.id = webhook WHERE deliveries.state = 1"
    " ORDER BY due DESC, deliveries.id LIMIT :limit"
)
_REPLAY: Final = (
    "UPDATE deliveries SET state = 0, created = NOW, due = NOW, attempts = 0"
    " WHERE state = 1 AND id = coalesce(CAST(:id AS text), id) RETURNING 1"
)
_FORGET: Final = "DELETE FROM deliveries WHERE state = 1 AND due < NOW - CAST(:seconds AS float8) RETURNING 1"


class Outbox:
    """Notices, from the end of an interaction until somebody has taken them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.on_put: Callable[[], None] = lambda: None
        """Called when this server has put notices into it. It is nothing until somebody sets it."""

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
        """Give this server at most `limit` of what is due for so many seconds.

        Projects take turns; of each goes first what is longest due. At most `each` of a line (`Due.line`), one of a
        `failing` one, none of a `busy` one; and of a project at most `of_project`, less what of it is on its way
        already by `sending`.
        """
        claimed = await self._database.write(
            _CLAIM,
            server=server,
            seconds=seconds,
            limit=limit,
            each=each,
            of_project=of_project,
            sending=msgspec.json.encode(dict(sending)).decode(),
            busy=list(busy),
            failing=list(failing),
        )
        return [_due(row) for row in claimed]

    async def taken(self, id: str) -> None:
        """The receiver has it: remove it, and trust its webhook."""
        await self._database.transact(lambda: _taken(id))

    async def failed(self, id: str, server: str, reason: str, again_in: float | None, *, counted: bool = True) -> bool:
        """It was not taken: due again after so many seconds, or given up. Whether that disabled its webhook.

        Unless it is `counted`, the try is as if it had not been. Nothing is done when it is another server's by now. A
        webhook is disabled when a notice to it is given up that came after the last that it has taken, and after it was
        enabled.
        """
        if again_in is None:
            return await self._database.transact(lambda: _give_up(id, server, reason))
        await self._database.write(
            _AGAIN, seconds=again_in, reason=reason, uncounted=int(not counted), id=id, server=server
        )
        return False

    async def release(self, server: str | None = None) -> None:
        """Make due what this server had claimed, or anybody had."""
        await self._database.write(_RELEASE, server=server)

    async def dead(self, limit: int = 1000) -> list[DeadLetter]:
        """What was given up, the latest first."""
        return [_letter(row) for row in await self._database.read(_DEAD, limit=limit)]

    async def replay(self, id: str | None = None) -> int:
        """Begin again with one dead letter, or with all; how many there were."""
        return len(await self._database.write(_REPLAY, id=id))

    async def forget(self, seconds: float) -> int:
        """Remove dead letters that were given up so long ago; how many."""
        return len(await self._database.write(_FORGET, seconds=seconds))


def _taken(id: str) -> Steps[None]:
    for (webhook,) in (yield ask(_TAKEN, id=id)):
        yield ask(_HEALTHY, webhook=webhook)


def _give_up(id: str, server: str, reason: str) -> Steps[bool]:
    for webhook, created in (yield ask(_GIVE_UP, id=id, server=server, reason=reason)):
        return bool((yield ask(_DISABLE, webhook=webhook, created=created)))
    return False


def _due(row: tuple[Any, ...]) -> Due:
    """A row of what was claimed."""
    id, project, webhook, uri, lane, type, payload, attempts, age, state, secrets = row
    return Due(
        id=id,
        project=project,
        webhook=webhook,
        uri=uri,
        lane=lane,
        type=type,
        payload=payload,
        attempts=attempts,
        age=age,
        state=state,
        secrets=SECRETS.decode(secrets) if secrets is not None else (),
    )


def _letter(row: tuple[Any, ...]) -> DeadLetter:
    """A row of what was given up."""
    id, project, webhook, uri, type, attempts, died, reason = row
    return DeadLetter(
        id=id, project=project, webhook=webhook, uri=uri, type=type, attempts=attempts, died=died, reason=reason
    )
