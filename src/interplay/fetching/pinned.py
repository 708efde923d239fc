"""The connector of one request: it connects to the addresses that were judged, and to no others."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final, cast

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler

HEAD_BYTES: Final = 16_384
"""Of an answer, before its status is known. Provisional answers (1xx) may come before it, without end."""


class Refused(OSError):
    """A URI or an address that must not be connected to. Its text is the reason."""


class TooMuch(aiohttp.ClientError):
    """An answer that does not come to its status."""


class Pinned(aiohttp.TCPConnector):
    """Connects to these addresses, whatever the host is called; others are refused with these words."""

    def __init__(self, addresses: Sequence[str], tls: ssl.SSLContext, refusal: str) -> None:
        def judged(info: Any) -> socket.socket:
            if info[4][0] not in addresses:
                raise Refused(refusal)
            return socket.socket(*info[:3])

        super().__init__(
            ssl=tls, resolver=_Judged(addresses), use_dns_cache=False, force_close=True, socket_factory=judged
        )
        self._factory = cast("partial[ResponseHandler]", partial(_Counting, loop=asyncio.get_running_loop()))


class _Counting(ResponseHandler):
    """Hangs up when the status has not come within so many bytes: aiohttp reads any number of provisional answers."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._left = HEAD_BYTES
        self._has_status = False

    def data_received(self, data: bytes) -> None:
        """What belongs to the head counts; what is behind it goes on as it is."""
        if not self._has_status and self._left > 0:
            head, data = data[: self._left], data[self._left :]
            self._left -= len(head)
            super().data_received(head)
        if self._has_status:
            if data:
                super().data_received(data)
        elif self._left <= 0 and self.transport is not None:
            self.set_exception(TooMuch())
            self.transport.abort()

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Take the head of an answer."""
        status = data[0].code
        self._has_status = self._has_status or status == HTTPStatus.SWITCHING_PROTOCOLS or not 100 <= status < 200
        super().feed_data(data, size)


class _Judged(AbstractResolver):
    """Gives the addresses that were judged."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the port's; addresses of both kinds will do
    ) -> list[ResolveResult]:
        """The same for every question."""
        return [_resolved(host, port, address) for address in self._addresses]

    async def close(self) -> None:
        """There is nothing to close."""


def _resolved(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
