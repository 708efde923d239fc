"""The port of the outbox: notices that are to be sent, one row for each receiver, until it has taken them.

`Store.finish` fills it in the transaction that ends an interaction. A server claims what is due for a while; if it dies
meanwhile, that time passes and another one claims it. All times are the database's, so that the clocks of several
servers need not agree. All methods concern all projects.
"""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final, Protocol
from urllib.parse import urlsplit

import msgspec

from interplay.store.webhooks import SigningSecret


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


class Outbox(Protocol):
    """Notices, from the end of an interaction until somebody has taken them."""

    on_put: Callable[[], None]
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

    async def taken(self, id: str) -> None:
        """The receiver has it: remove it, and trust its webhook."""

    async def failed(self, id: str, server: str, reason: str, again_in: float | None, *, counted: bool = True) -> bool:
        """It was not taken: due again after so many seconds, or given up. Whether that disabled its webhook.

        Unless it is `counted`, the try is as if it had not been. Nothing is done when it is another server's by now. A
        webhook is disabled when a notice to it is given up that came after the last that it has taken, and after it was
        enabled.
        """

    async def release(self, server: str | None = None) -> None:
        """Make due what this server had claimed, or anybody had."""

    async def dead(self, limit: int = 1000) -> list[DeadLetter]:
        """What was given up, the latest first."""

    async def replay(self, id: str | None = None) -> int:
        """Begin again with one dead letter, or with all; how many there were."""

    async def forget(self, seconds: float) -> int:
        """Remove dead letters that were given up so long ago; how many."""
