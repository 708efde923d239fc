"""A whole server within the test's own process, on a real port, and a client that can leave in the middle."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import uvicorn

from interplay.app import App
from interplay.settings import load

INTERACTIONS = "/v1/interactions"
NOBODY = "http://127.0.0.1:9"
"""Where nothing listens."""

_SETTINGS = """
[server]
auth = false
data = "{data}"

[[models]]
match = "scripted"
backend = "scripted"
"""

_UPSTREAM = """
[[models]]
match = "upstream"
backend = "openai"
base_url = "{url}"
"""


class _Server(uvicorn.Server):
    """Leaves the signals of the test's process alone."""

    capture_signals = nullcontext  # type: ignore[assignment]


class Served:
    """The parts, and what clients do with them."""

    def __init__(self, app: App, port: int) -> None:
        self.app = app
        self.runs = app.interactions.runs._live
        self._port = port

    @asynccontextmanager
    async def asked(self, method: str, path: str, body: object = None) -> AsyncIterator[asyncio.StreamReader]:
        """An answer as it comes; at the end of the block the client is gone."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n"
        writer.write(head.encode() + b"content-length: %d\r\n\r\n" % len(content) + content)
        try:
            yield reader
        finally:
            writer.close()

    async def whole(self, method: str, path: str, body: object = None) -> bytes:
        """An answer to its end."""
        async with self.asked(method, path, body) as reader:
            return await reader.read()

    async def create(self, model: str = "upstream", **body: Any) -> bytes:
        """The answer to a create."""
        return await self.whole("POST", INTERACTIONS, {"model": model, "input": "Hi"} | body)

    async def at_rest(self) -> None:
        """Return once nothing runs, and everybody who has left is known to have."""
        await self.turns_until(lambda: not list(self.runs))
        await self.some_turns()

    async def turns_until(self, condition: Callable[[], bool]) -> None:
        """Let the loop go on until something holds."""
        async with asyncio.timeout(20):
            while not condition():
                await self.some_turns()

    async def some_turns(self) -> None:
        """Let the loop go on for a moment."""
        for _ in range(20):
            await asyncio.sleep(0)


@asynccontextmanager
async def served(folder: Path, upstream: str = NOBODY, tables: str = "") -> AsyncIterator[Served]:
    """A server with the scripted model, and one behind `upstream`, until the block ends; `tables` are more settings."""
    settings = folder / "interplay.toml"
    settings.write_text(_SETTINGS.format(data=folder / "data") + _UPSTREAM.format(url=upstream) + tables)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with App(load(settings)) as app:
            config = uvicorn.Config(app.asgi, http="httptools", lifespan="off", log_config=None, access_log=False)
            server = _Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                yield Served(app, listener.getsockname()[1])
            finally:
                server.should_exit = True
                await serving


async def until(reader: asyncio.StreamReader, word: bytes) -> str:
    """Read up to a word; the id of the interaction."""
    read = b""
    while word not in read:
        part = await reader.read(65536)
        assert part, read
        read += part
    return id_in(read)


def id_in(answer: bytes) -> str:
    """The first id in an answer."""
    found = re.search(rb'"id":"([^"]+)"', answer)
    assert found is not None, answer
    return found[1].decode()
