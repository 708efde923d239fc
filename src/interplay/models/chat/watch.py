"""Notices that an answer will not go on: that it has said nothing for too long, or that the connection is gone.

What counts is what the upstream has to say: comments, pings and blank lines show that its connection lives, not that
its model does. One timer an answer, and nothing at all for each of its parts: aiohttp's own limit on silence costs more
than reading a small part does, and does not notice a connection that broke over HTTP that is none.
"""

import asyncio
from typing import Final

import aiohttp
import msgspec

LOOK_SECONDS: Final = 1.0
"""Between two looks."""


class Times(msgspec.Struct, frozen=True):
    """How many seconds an upstream may take."""

    first_byte: float
    """Until it has said anything, from the request on: it reads a long prompt, or waits for its turn."""
    silence: float
    """Between two things that it says."""


class Heard:
    """What has been heard of an answer. `heard` grows with all that is part of it."""

    __slots__ = ("heard",)

    def __init__(self) -> None:
        self.heard = 0


class Watch:
    """Watches one response until `end`; ends its reading with an error when nothing more is heard of it in time.

    `began` is when the request was sent, by the clock of the loop.
    """

    def __init__(self, response: aiohttp.ClientResponse, times: Times, heard: Heard, began: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._response = response
        self._times = times
        self._heard = heard
        self._before = heard.heard
        self._since = began
        self._longest = times.first_byte
        self._look_again()

    def end(self) -> None:
        """Watch no longer."""
        self._timer.cancel()

    def _look_again(self) -> None:
        self._timer = self._loop.call_later(min(LOOK_SECONDS, self._longest), self._look)

    def _look(self) -> None:
        content, connection = self._response.content, self._response.connection
        if self._heard.heard != self._before:
            self._before, self._since, self._longest = self._heard.heard, self._loop.time(), self._times.silence
        if self._loop.time() - self._since >= self._longest:
            content.set_exception(aiohttp.SocketTimeoutError(silent(self._longest)))
        elif connection is not None and connection.transport is None:
            content.set_exception(aiohttp.ClientPayloadError("the connection broke"))
        else:
            self._look_again()


def silent(seconds: float) -> str:
    """What is wrong with an upstream that has said nothing for so long."""
    return f"it said nothing for {seconds:g} seconds"
