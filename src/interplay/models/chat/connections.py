"""Connections that give an upstream up which sends informational answers (HTTP 1xx) instead of one.

aiohttp passes over them, however many there are: a server that sends nothing else would keep the loop busy.
"""

import asyncio
from functools import partial
from typing import Any, Final

import aiohttp
from aiohttp.client_proto import ResponseHandler

from interplay.errors import Failure

MOST_INFORMATIONAL: Final = 1000
"""Informational answers before one that counts; some servers send one every few seconds while a model works."""


class Connector(aiohttp.TCPConnector):
    """As many connections as are needed, each kept for `keepalive_timeout` seconds."""

    def __init__(self, keepalive_timeout: float) -> None:
        super().__init__(limit=0, keepalive_timeout=keepalive_timeout)
        self._factory = partial(_handler, loop=self._loop)


class _Handler(ResponseHandler):
    """The answers on one connection, as aiohttp reads them."""

    _informational = 0

    def feed_data(self, data: Any, size: int = 0) -> None:
        """An answer that has come. Its reader fails when there have been too many that are none."""
        self._informational = self._informational + 1 if 100 <= data[0].code < 200 else 0
        if self._informational <= MOST_INFORMATIONAL:
            super().feed_data(data, size)
            return
        message = f"the upstream sent {MOST_INFORMATIONAL} informational answers (HTTP 1xx), and no other"
        self.set_exception(Failure("bad_gateway", message))
        if self.transport is not None:
            self.transport.close()


def _handler(loop: asyncio.AbstractEventLoop) -> ResponseHandler:
    return _Handler(loop)
