"""Signals between the servers of one Postgres: NOTIFY to all, and a connection that listens.

News of events travel with the events. What else is told is a transaction of its own, which does not wait for the disk:
one that notifies holds up every other that does, while it commits. What is told while it is on its way goes with the
next. A connection that is lost is made again, and then everybody looks once.

Every connection that listens holds a share of one lock, so that a server which is the only one knows it and sends
nothing: a NOTIFY for every batch of events would cost it a tenth of what it can write. A server that begins to listen
says so, and from then on is told.
"""

import asyncio
import secrets
from contextlib import suppress
from functools import partial
from typing import Final

import psycopg

from interplay.errors import Failure
from interplay.store.hub import Following, Hub
from interplay.store.postgres.connections import OPTIONS, Connection, Connections, rows
from interplay.store.postgres.payloads import FAST, LISTEN, NOTIFY, Gathering, heard, payloads
from interplay.store.signals import LOOK_SECONDS, Listener, LookEverywhere, Signal

_LOCK: Final = (0x496E7465, 0x68656172)  # "Inte", "hear"
_LISTENS: Final = "SELECT pg_advisory_lock_shared(%s, %s)"
_ALONE: Final = (
    "SELECT count(*) = 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database"
    " WHERE datname = current_database() AND locktype = 'advisory' AND classid = %s AND objid = %s AND objsubid = 2"
)
_TELL: Final = f"SELECT {FAST}, ({NOTIFY})"
_COUNT_SECONDS: Final = 5.0
"""After which a server whose neighbours have left knows it."""


class PostgresSignals:
    """The `Signals` port. It listens from the first time that somebody wants to hear something."""

    def __init__(self, address: str, connections: Connections) -> None:
        self._address = address
        self._connections = connections
        self._hub = Hub()
        self._me = secrets.token_hex(4)
        self._gathering = Gathering(self._me)
        self._sending: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._alone = False
        """Whether nobody else listens, as far as is known."""

    def tell(self, signal: Signal) -> None:
        """Tell this process now and the others as soon as the last NOTIFY is through."""
        self.tell_here(signal)
        if not self._alone:
            self._say(signal)

    def tell_here(self, signal: Signal) -> None:
        """Tell this process only: the others are told by the `payloads`."""
        self._hub.tell(signal)

    def payloads(self, signal: Signal) -> list[str]:
        """What tells the others, for the transaction that makes it true; nothing where there are no others."""
        return [] if self._alone else payloads(self._me, [signal])

    def hear(self, listener: Listener) -> None:
        """Call this with every signal from now on."""
        self._listen()
        self._hub.hear(listener)

    def follow(self, interaction: str) -> Following:
        """Wait for signals about one interaction."""
        self._listen()
        return self._hub.follow(interaction)

    async def close(self) -> None:
        """Send what is left, and listen no more."""
        if self._sending is not None:
            await self._sending
        # Not kept: what was cut off while it connected would hold its socket.
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            await asyncio.wait([listening])

    def _say(self, signal: Signal) -> None:
        self._gathering.add(signal)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send(), name="signals out")

    async def _send(self) -> None:
        try:
            while self._gathering:
                with suppress(Failure):  # then the others hear nothing, and find it when they look
                    await self._connections.do(partial(rows, query=_TELL, values={"told": self._gathering.take()}))
        finally:
            self._sending = None

    def _listen(self) -> None:
        if self._listening is None:
            self._listening = asyncio.get_running_loop().create_task(self._hear_always(), name="signals in")

    async def _hear_always(self) -> None:
        while True:
            with suppress(psycopg.Error):  # the heartbeat says that the database is away
                await self._hear_until_lost()
            await asyncio.sleep(LOOK_SECONDS)

    async def _hear_until_lost(self) -> None:
        async with await Connection.connect(self._address, **OPTIONS) as connection:
            await connection.execute(LISTEN)
            await rows(connection, _LISTENS, _LOCK)
            self._hub.tell(LookEverywhere())
            self._say(LookEverywhere())
            try:
                while True:
                    await self._hear(connection)
            finally:
                self._alone = False

    async def _hear(self, connection: Connection) -> None:
        # Who begins to listen later says so, and is heard after the count.
        self._alone = (await rows(connection, _ALONE, _LOCK))[0][0]
        async for notification in connection.notifies(timeout=_COUNT_SECONDS):
            said = heard(notification.payload)
            if said.server != self._me:
                self._alone = False
                self._hub.tell(said.signal)
