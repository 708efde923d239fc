"""A server that answers every request with bytes chosen by the test, right or wrong."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum


class Then(Enum):
    """What the server does besides writing."""

    CLOSE = "ends the connection in order"
    CUT = "breaks the connection"
    WAIT = "waits until the client leaves"
    PAUSE = "waits for a twentieth of a second"
    REPEAT = "writes the last part again, every hundredth of a second, until the client leaves"


Reply = tuple[bytes | Then, ...]


@dataclass
class RawServer:
    """What can be seen of the server from outside."""

    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    """Heads and bodies of the requests, oldest first."""
    connections: int = 0
    """How many were made in all."""
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a client has left a reply that waits."""
    close: Callable[[], None] = lambda: None
    """Listens no more."""


@asynccontextmanager
async def raw_server(*replies: Reply) -> AsyncIterator[RawServer]:
    """The server on a free port. The first request gets the first reply, and so on; the last reply repeats."""
    server = RawServer()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        try:
            while request := await _request(reader):
                server.requests.append(request)
                await _reply(replies[min(len(server.requests), len(replies)) - 1], reader, writer, server)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left; so does the server
        finally:
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    server.close = listening.close
    async with listening:
        yield server


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


async def _reply(reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: RawServer) -> None:
    for place, part in enumerate(reply):
        match part:
            case bytes():
                writer.write(part)
                await writer.drain()
            case Then.WAIT:
                await reader.read()
                server.left.set()
                raise ConnectionAbortedError
            case Then.PAUSE:
                await asyncio.sleep(0.05)
            case Then.REPEAT:
                last = reply[place - 1]
                while isinstance(last, bytes):
                    writer.write(last)
                    await writer.drain()
                    await asyncio.sleep(0.01)
            case Then.CUT:
                writer.transport.abort()
                raise ConnectionAbortedError
            case Then.CLOSE:
                raise ConnectionAbortedError


def json_reply(body: bytes, status: str = "200 OK", kind: str = "application/json", extra: str = "") -> bytes:
    """A whole HTTP answer."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
"""The head of a stream whose end can be told."""

STREAM_UNTIL_CLOSED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
"""The head of a stream that ends with its connection."""

END = b"0\r\n\r\n"
"""The end of a chunked body."""


def chunk(data: bytes) -> bytes:
    """A part of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)
