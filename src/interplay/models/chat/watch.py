"""Notices that an answer will not go on: that nothing has come for too long, or that the connection is gone.

One timer an answer, and nothing at all for each of its parts: aiohttp's own limit on silence costs more than reading
a small part does, and does not notice a connection that broke over HTTP that is none.
"""

import asyncio
from typing import Final

import aiohttp

LOOK_SECONDS: Final = 1.0
"""Between two looks."""


class Watch:
    """Watches one response until `end`; ends its reading with an error when `silence` seconds bring no byte."""

    def __init__(self, response: aiohttp.ClientResponse, silence: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._response = response
        self._silence = silence
        self._bytes = 0
        self._since = self._loop.time()
        self._look_again()

    def end(self) -> None:
        """Watch no longer."""
        self._timer.cancel()

    def _look_again(self) -> None:
        self._timer = self._loop.call_later(min(LOOK_SECONDS, self._silence), self._look)

    def _look(self) -> None:
        content, connection = self._response.content, self._response.connection
        if content.total_bytes != self._bytes:
            self._bytes, self._since = content.total_bytes, self._loop.time()
        if self._loop.time() - self._since >= self._silence:
            content.set_exception(aiohttp.SocketTimeoutError("no byte came for too long"))
        elif connection is not None and connection.transport is None:
            content.set_exception(aiohttp.ClientPayloadError("the connection broke"))
        else:
            self._look_again()
