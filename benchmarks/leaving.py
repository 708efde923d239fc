"""Clients as chat pages are: they read, leave in the middle, press the stop button, or stay to the end.

Each opens a connection of its own. Not here: how many there are, or what it does to the server (`memory`).
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from benchmarks.fake_models import TOKEN, FakeModel
from benchmarks.server import Server

_INTERACTIONS: Final = "/v1beta/interactions"
_ID: Final = re.compile(rb'"id":"([^"]+)"')
_KEPT: Final = 64
"""Bytes that are looked at once more, for what was cut in two."""


async def finish(server: Server, model: FakeModel) -> None:
    """Read a stream to its end, whatever that is."""
    await _whole(server, "POST", _INTERACTIONS, _asking(model, stream=True))


async def leave(server: Server, model: FakeModel, tokens: int = 1) -> None:
    """Hang up on a stream after so many tokens."""
    async with _asked(server, "POST", _INTERACTIONS, _asking(model, stream=True)) as reader:
        await _read(reader, tokens)


async def leave_unary(server: Server, model: FakeModel, seconds: float = 0.05) -> None:
    """Hang up on an answer in one piece while it is made."""
    async with _asked(server, "POST", _INTERACTIONS, _asking(model, stream=False)):
        await asyncio.sleep(seconds)


async def cancel(server: Server, model: FakeModel, tokens: int = 1) -> None:
    """Stop a stream by another request after so many tokens, and read what is left of it."""
    async with _asked(server, "POST", _INTERACTIONS, _asking(model, stream=True)) as reader:
        id = await _read(reader, tokens)
        await _whole(server, "POST", f"{_INTERACTIONS}/{id}/cancel", None)
        while await reader.read(1 << 16):
            pass


async def cancel_background(server: Server, model: FakeModel) -> None:
    """Stop a background run that nobody follows."""
    asking = _asking(model, stream=False) | {"background": True}
    found = _ID.search(await _whole(server, "POST", _INTERACTIONS, asking))
    assert found is not None  # noqa: S101 - every interaction has one
    await _whole(server, "POST", f"{_INTERACTIONS}/{found[1].decode()}/cancel", None)


def _asking(model: FakeModel, *, stream: bool) -> dict[str, Any]:
    return {"model": model.name, "input": "Say something about rivers, please.", "stream": stream}


@asynccontextmanager
async def _asked(server: Server, method: str, path: str, body: object) -> AsyncIterator[asyncio.StreamReader]:
    """The answer to a request, for the length of the block; then the connection is cut."""
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    content = b"" if body is None else msgspec.json.encode(body)
    lines = [
        f"{method} {path} HTTP/1.1",
        f"host: {address.netloc}",
        f"x-goog-api-key: {server.key}",
        "connection: close",
        "content-type: application/json",
        f"content-length: {len(content)}",
    ]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
    try:
        yield reader
    finally:
        writer.transport.abort()


async def _whole(server: Server, method: str, path: str, body: object) -> bytes:
    async with _asked(server, method, path, body) as reader:
        return await reader.read()


async def _read(reader: asyncio.StreamReader, tokens: int) -> str:
    """Read until so many tokens have come; the interaction's id."""
    beginning, kept, seen = b"", b"", 0
    while seen < tokens and (part := await reader.read(1 << 16)):
        if len(beginning) < 1 << 16:
            beginning += part
        seen += (kept + part).count(TOKEN) - kept.count(TOKEN)
        kept = part[-_KEPT:]
    found = _ID.search(beginning)
    if found is None or seen < tokens:
        raise RuntimeError(f"{seen} of {tokens} tokens came: {beginning[:400]!r}")
    return found[1].decode()
