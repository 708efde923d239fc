"""One request to a URI that a user named.

The host's addresses are looked up once, judged, and exactly those are connected to, so that a name cannot lead
elsewhere after it was judged. Redirects are not followed here (`fetch.py`), and no cookies are kept.
"""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from interplay.fetching.names import Resolve
from interplay.fetching.pinned import Pinned, Refused
from interplay.fetching.rules import Rules

_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None)
"""Whoever asks says how long everything may take, the look-up of the name included."""


class Client:
    """Asks by these rules. `resolve` finds the addresses of hosts."""

    def __init__(self, rules: Rules, resolve: Resolve) -> None:
        self._rules = rules
        self._resolve = resolve
        self._tls = ssl.create_default_context()

    @asynccontextmanager
    async def asked(
        self, method: str, uri: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer, once its head is there; its body has not been read, and is not decompressed.

        Raises what `reasons.not_reached` explains: Refused for what the rules forbid, `aiohttp.ClientError`, OSError,
        and ValueError for what is no URI after all.
        """
        if (refusal := self._rules.refusal(uri)) is not None:
            raise Refused(refusal)
        connector = await self._connector(uri)
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=_NO_TIMEOUT,
                auto_decompress=False,
            ) as session,
            session.request(method, uri, headers=headers, data=body, allow_redirects=False) as answer,
        ):
            yield answer

    async def _connector(self, uri: str) -> Pinned:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
        found = await self._resolve(host, port)
        allowed = [address for address in found if self._rules.allows(host, address)]
        if not allowed:
            raise Refused(self._rules.not_public)
        return Pinned(allowed, self._tls, self._rules.not_public)
