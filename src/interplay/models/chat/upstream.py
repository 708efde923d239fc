"""One HTTP server that is asked for things: its connections, and the Failure for each way they break.

Not here: what is asked (`client`, `tokens`), or what a refusal says (`refusals`).
"""

import asyncio
import io
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import msgspec
from yarl import URL

from interplay.errors import Failure, let_go
from interplay.models.chat import limits
from interplay.models.chat.connections import Connector
from interplay.models.chat.refusals import refused
from interplay.models.chat.retrying import retry_seconds
from interplay.models.chat.watch import Heard, Times, Watch, silent

_KEPT_OPEN: Final = 4.0
"""Seconds an idle connection is kept: less than the five after which the usual servers close theirs."""

_AT_ONCE: Final = 1.0
"""Seconds within which a connection that was dead already shows it. Later, the request itself may have killed the
server, and is better not sent again."""

_LONGEST_REFUSAL: Final = 64 * 1024
"""Bytes of a refusal's body that are read."""

_LARGE: Final = 2**20
"""Bytes from which aiohttp wants a body as a file, to send it in parts."""


class Upstream:
    """A server at `base_url`. Every request carries `headers`, whose values are treated as secrets.

    `connect_timeout` is how many seconds a connection may take to stand.
    """

    def __init__(self, base_url: str, headers: Mapping[str, str] | None = None, connect_timeout: float = 10.0) -> None:
        self.base_url = checked_url(base_url)
        self.secrets = _secrets(headers or {})
        # A compressed stream arrives later and costs more than its bytes are worth on the way to a model.
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", **(headers or {})}
        self._connect_timeout = connect_timeout
        self._session: aiohttp.ClientSession | None = None
        self._answers: set[aiohttp.ClientResponse] = set()

    async def open(self) -> None:
        """Make ready to ask. No connection is made yet."""
        self._session = aiohttp.ClientSession(
            connector=Connector(keepalive_timeout=_KEPT_OPEN),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(sock_connect=self._connect_timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close every connection; answers that are still coming in break off."""
        session, self._session = self._session, None
        for response in self._answers:
            response.close()  # closing the session alone would leave their readers waiting
        if session is not None:
            await session.close()

    def is_open(self) -> bool:
        """Whether there is a session to ask with."""
        return self._session is not None

    @asynccontextmanager
    async def answer(
        self, method: str, url: str, body: object, times: Times, heard: Heard
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """An accepted answer, headers read, for the length of the block. Raises Failure, or aiohttp's errors.

        Whoever reads it notes in `heard` what is part of it; the whole of it may take as long as it likes.
        """
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(times.first_byte):  # without a name, by which the frame would hold its task
                response = await self._sent(method, url, None if body is None else msgspec.json.encode(body))
        except TimeoutError as error:
            if error.args:  # aiohttp's own
                raise
            raise TimeoutError(silent(times.first_byte)) from error
        watch = Watch(response, times, heard, began)
        self._answers.add(response)
        try:
            if response.status != 200:
                again = retry_seconds(response.headers)
                raise refused(response.status, await _beginning(response), self.secrets, again)
            yield response
        finally:
            watch.end()
            self._answers.discard(response)
            response.release()  # one that was not read to its end takes its connection with it

    async def whole(self, response: aiohttp.ClientResponse, heard: Heard) -> bytes:
        """All bytes of an answer. Raises Failure when they are too many, or aiohttp's errors.

        Blank lines before it, which some send while they work, are no part of it.
        """
        parts, size = [], 0
        while part := await response.content.readany():
            parts.append(part)
            size += len(part)
            heard.heard += not part.isspace()
            if size > limits.LONGEST_ANSWER:
                raise limits.too_long()
        return b"".join(parts)

    async def fetch(self, method: str, url: str, body: object = None, seconds: float = 60.0) -> bytes:
        """The whole body of an answer, which may be silent for so many seconds. Raises Failure."""
        times, heard = Times(seconds, seconds), Heard()
        try:
            async with self.answer(method, url, body, times, heard) as response:
                return await self.whole(response, heard)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self.lost(error) from error

    def lost(self, error: Exception) -> Failure:
        """The failure for a connection that could not be made, or that broke; the error itself is done with."""
        match let_go(error):
            case aiohttp.ClientConnectorError():
                return Failure("unavailable", f"the upstream cannot be reached: {error}")
            case TimeoutError():  # a connection that is not made in time has nothing to do with the request
                broke = not isinstance(error, aiohttp.ConnectionTimeoutError)
                return Failure("gateway_timeout", f"the upstream did not answer in time: {error}", broke=broke)
            case _ if self._session is None:
                return Failure("unavailable", "the answer was broken off because this server is stopping")
            case aiohttp.ServerDisconnectedError():
                return Failure("bad_gateway", "the upstream closed the connection without an answer", broke=True)
            case aiohttp.ClientPayloadError() | aiohttp.ClientOSError():
                message = "the upstream closed the connection in the middle of its answer"
                return Failure("bad_gateway", message, broke=True)
            case _:
                return Failure("bad_gateway", f"the upstream's answer is no HTTP ({type(error).__name__})")

    async def _sent(self, method: str, url: str, data: bytes | None) -> aiohttp.ClientResponse:
        """The response to a request, sent again if a kept connection turns out to have been closed just now."""
        now = asyncio.get_running_loop().time
        began = now()
        try:
            return await self._sent_once(method, url, data)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if now() - began > _AT_ONCE:
                raise
        return await self._sent_once(method, url, data)

    async def _sent_once(self, method: str, url: str, data: bytes | None) -> aiohttp.ClientResponse:
        if self._session is None:
            raise Failure("unavailable", "there is no connection to the upstream: it is not open")
        payload = io.BytesIO(data) if data is not None and len(data) > _LARGE else data
        return await self._session.request(method, url, data=payload, allow_redirects=False)


def checked_url(base_url: str) -> str:
    """The address without a slash at its end; ValueError when it cannot be one."""
    url = URL(base_url)
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"base_url must be like http://127.0.0.1:8000/v1, not {base_url!r}")
    if url.user or url.password or url.query_string or url.fragment:
        raise ValueError("base_url must not carry a user, a password, a query or a fragment; use api_key or headers")
    return base_url.rstrip("/")


def _secrets(headers: Mapping[str, str]) -> tuple[str, ...]:
    """What must never be shown: the values of the headers, and their last words (the key behind `Bearer`)."""
    values = {word for value in headers.values() for word in (value, value.rpartition(" ")[2])}
    return tuple(sorted((value for value in values if len(value) >= 6), key=len, reverse=True))


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """Enough of a refusal to see its reason."""
    body = b""
    while len(body) < _LONGEST_REFUSAL and (part := await response.content.readany()):
        body += part
    return body
