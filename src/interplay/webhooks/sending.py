"""One message to one receiver: a POST, and whether it was taken.

The host's addresses are looked up once, judged, and exactly those are connected to, so that a name cannot lead
elsewhere after it was judged. Redirects are not followed, and the body of the answer is not read. A reason never
repeats the URI, which may hold a secret of its owner's.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, cast
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler

from interplay.errors import let_go
from interplay.webhooks.names import Resolve
from interplay.webhooks.reach import NOT_PUBLIC, Reach

MOST_BYTES: Final = 16_384
"""Of an answer, before its status is known. Provisional answers (1xx) may come before it, without end."""
SECONDS: Final = 10.0
"""For everything: the name, the connection, the answer's first line."""


class Taken(msgspec.Struct, frozen=True):
    """The receiver answered 2xx."""


class NotTaken(msgspec.Struct, frozen=True):
    """It did not."""

    reason: str
    """For people, without anything secret."""
    forbidden: bool = False
    """Whether only this server's own settings are against it: another one may be allowed to send it."""


Outcome = Taken | NotTaken


class Refused(OSError):
    """An address that must not be connected to."""


class TooMuch(aiohttp.ClientError):
    """An answer that does not come to its status."""


class Sender:
    """Sends messages. `resolve` finds the addresses of hosts."""

    def __init__(self, reach: Reach, resolve: Resolve, seconds: float = SECONDS) -> None:
        self._reach = reach
        self._resolve = resolve
        self._seconds = seconds
        self._tls = ssl.create_default_context()

    async def send(self, uri: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send once."""
        if (refusal := self._reach.refusal(uri)) is not None:
            return NotTaken(refusal, forbidden=True)
        try:
            async with asyncio.timeout(self._seconds):
                return _outcome(await self._post(uri, headers, body))
        except TimeoutError:
            return NotTaken(f"it did not answer within {self._seconds:g} seconds")
        except TooMuch:
            return NotTaken(f"it sent {MOST_BYTES} bytes and no status but provisional ones (1xx)")
        except (aiohttp.ClientError, OSError) as error:
            reason = _reason(let_go(error))
            return NotTaken(reason, forbidden=reason == NOT_PUBLIC)
        except ValueError:  # a UnicodeError of the resolver's, for one
            return NotTaken("it is not a URI that can be sent to")

    async def _post(self, uri: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer."""
        connector = await self._connector(uri)
        async with (
            aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=None)
            ) as session,
            session.post(uri, headers=headers, data=body, allow_redirects=False) as answer,
        ):
            return answer.status

    async def _connector(self, uri: str) -> aiohttp.TCPConnector:
        """What connects to the addresses of this URI's host that may be connected to, and to no others."""
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
        found = await self._resolve(host, port)
        allowed = [address for address in found if self._reach.allows(host, address)]
        if not allowed:
            raise Refused(NOT_PUBLIC)

        def checked(info: Any) -> socket.socket:
            if info[4][0] not in allowed:
                raise Refused(NOT_PUBLIC)
            return socket.socket(*info[:3])

        return _Connector(
            ssl=self._tls,
            resolver=_Pinned(allowed),
            use_dns_cache=False,
            force_close=True,
            socket_factory=checked,
        )


class _Connector(aiohttp.TCPConnector):
    """Speaks by a protocol that counts what comes: aiohttp itself reads any number of provisional answers."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = cast("partial[ResponseHandler]", partial(_Counting, loop=asyncio.get_running_loop()))


class _Counting(ResponseHandler):
    """Hangs up after so many bytes. If the status was among them it has been read by then."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._left = MOST_BYTES

    def data_received(self, data: bytes) -> None:
        """What of it still counts goes on."""
        if self._left > 0:
            super().data_received(data[: self._left])
            self._left -= len(data)
        if self._left <= 0 and self.transport is not None:
            self.set_exception(TooMuch())
            self.transport.abort()


class _Pinned(AbstractResolver):
    """Gives the addresses that were judged."""

    def __init__(self, addresses: list[str]) -> None:
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


def _outcome(status: int) -> Outcome:
    match status // 100:
        case 2:
            return Taken()
        case 3:
            return NotTaken(f"it answered {status}, and redirects are not followed")
        case _:
            return NotTaken(f"it answered {status}")


def _reason(error: aiohttp.ClientError | OSError) -> str:
    match error:
        case Refused() | aiohttp.ClientConnectorError(os_error=Refused()):
            return NOT_PUBLIC
        case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as failed):
            return f"its TLS certificate is not valid: {failed.verify_message}"
        case aiohttp.ClientSSLError():
            return "TLS with it failed"
        case socket.gaierror():
            return "its host's name has no address"
        case aiohttp.ClientConnectorError(os_error=OSError(strerror=str(words))):
            return f"it cannot be connected to: {words}"
        case _:
            return f"the connection to it failed ({type(error).__name__})"
