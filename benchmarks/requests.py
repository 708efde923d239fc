"""One connection of a client that costs little: a request as bytes, an answer with its times.

It looks for tokens and for the end of the answer, and reads nothing else. Not here: how many and how often (`load`).
"""

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Final, cast
from urllib.parse import urlsplit

import msgspec

from benchmarks.fake_models import TOKEN

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LAST_CHUNK: Final = b"\r\n0\r\n\r\n"


class Target(msgspec.Struct, frozen=True):
    """Where requests go, and what a good answer is."""

    url: str
    """With the path; on the loopback address."""
    headers: dict[str, str]
    tokens: int
    """How many tokens a good answer has."""
    holds: Sequence[str]
    """What else it must hold."""

    def request(self, body: object) -> bytes:
        """The bytes to send."""
        content = msgspec.json.encode(body)
        fields = self.headers | {"content-type": "application/json", "content-length": str(len(content))}
        lines = [f"POST {urlsplit(self.url).path} HTTP/1.1", f"host: {urlsplit(self.url).netloc}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return "\r\n".join(lines).encode() + _HEAD_END + content


class Answer(msgspec.Struct, frozen=True):
    """What came back, and when."""

    content: bytes
    seconds: float
    """From the request to the last byte."""
    first: float | None
    """Seconds to the first token."""

    def fault(self, target: Target) -> str | None:
        """Why it is no good answer."""
        tokens = self.content.count(TOKEN)
        missing = [part for part in target.holds if part.encode() not in self.content]
        if self.content.startswith(b"HTTP/1.1 200") and tokens == target.tokens and not missing:
            return None
        wrong = f"{tokens} of {target.tokens} tokens, without {missing}"
        return f"{wrong}: {self.content[:120]!r} ... {self.content[-120:]!r}"


class Connection(asyncio.Protocol):
    """A connection that is kept, for one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._content = bytearray()
        self._began = 0.0
        self._first: float | None = None
        self._length: int | None = None
        self._waiting: asyncio.Future[Answer] | None = None

    async def ask(self, target: Target, request: bytes) -> Answer:
        """Send a request, wait for the end of the answer. Raises OSError when the connection breaks."""
        loop = asyncio.get_running_loop()
        self._began, self._first, self._length = time.perf_counter(), None, None
        self._content.clear()
        if self._transport is None or self._transport.is_closing():
            await loop.create_connection(lambda: self, *_loopback(target.url))
        self._waiting = loop.create_future()
        assert self._transport is not None  # noqa: S101 - connected just above
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its ancestors

    def data_received(self, data: bytes) -> None:
        """Note the first token and the end."""
        if self._first is None and TOKEN in data:
            self._first = time.perf_counter() - self._began
        self._content += data
        if self._complete() and self._waiting is not None and not self._waiting.done():
            seconds = time.perf_counter() - self._began
            self._waiting.set_result(Answer(bytes(self._content), seconds, self._first))

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits will get no answer."""
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error or ConnectionResetError("closed in the middle of an answer"))

    def _complete(self) -> bool:
        if self._length is None:
            self._length = self._whole_length()
        if self._length is None:
            return False
        return self._content.endswith(_LAST_CHUNK) if self._length == 0 else len(self._content) >= self._length

    def _whole_length(self) -> int | None:
        """Of the response; 0 where it comes in chunks, None while the headers are not there."""
        end = self._content.find(_HEAD_END)
        if end < 0:
            return None
        length = _LENGTH.search(self._content, 0, end)
        return end + len(_HEAD_END) + int(length[1]) if length else 0


def _loopback(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1" or parts.port is None:
        raise ValueError(f"Load goes to http://127.0.0.1:PORT only, not to {url}.")
    return parts.hostname, parts.port
