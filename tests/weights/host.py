"""A real HTTP server on loopback that serves model files, the good way and the bad ways."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Self

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Host:
    """Answers by path; remembers what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[web.Request] = []
        self._answers: dict[str, Answer] = {}
        self._once: dict[str, list[Answer]] = {}

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Self]:
        """A host that answers until the context is left."""
        host = cls()
        app = web.Application()
        app.router.add_get("/{path:.*}", host._answer)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield host
        finally:
            await runner.cleanup()

    def at(self, path: str, answer: Answer) -> str:
        """Answer like this at the path; the URL."""
        self._answers[path] = answer
        return self.url + path

    def once(self, path: str, answer: Answer) -> None:
        """Answer like this the next time only."""
        self._once.setdefault(path, []).append(answer)

    def asked(self, path: str) -> list[web.Request]:
        """The requests for a path, in order."""
        return [request for request in self.requests if request.path == path]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if waiting := self._once.get(request.path):
            return await waiting.pop(0)(request)
        if answer := self._answers.get(request.path):
            return await answer(request)
        return web.Response(status=404, text="nothing here")


def whole(data: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    """The bytes, or the part that is asked for, honouring If-Range."""

    async def answer(request: web.Request) -> web.StreamResponse:
        said = dict(headers or {})
        wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        condition = request.headers.get("If-Range")
        if not wanted or (condition and condition not in said.values()):
            return web.Response(body=data, headers=said)
        start = int(wanted[1])
        if start >= len(data):
            return web.Response(status=416, headers=said | {"Content-Range": f"bytes */{len(data)}"})
        said["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        return web.Response(status=206, body=data[start:], headers=said)

    return answer


def stubborn(data: bytes, headers: Mapping[str, str]) -> Answer:
    """All the bytes, whatever part is asked for."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=data, headers=headers)

    return answer


def cut(data: bytes, after: int, headers: Mapping[str, str] | None = None) -> Answer:
    """The beginning of the bytes, and then a dead connection."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(data)), **(headers or {})})
        await response.prepare(request)
        await response.write(data[:after])
        assert request.transport is not None
        request.transport.close()
        return response

    return answer


def held(asked: asyncio.Event, go: asyncio.Event, then: Answer) -> Answer:
    """Says that it was asked, and answers once it may."""

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.set()
        await go.wait()
        return await then(request)

    return answer


def redirect(to: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Elsewhere, as the hub says it."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": to, **(headers or {})})

    return answer


def failing(status: int) -> Answer:
    """An HTTP error."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="no")

    return answer
