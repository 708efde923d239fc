"""A fake upstream: the chat completions of OpenAI, as many and as fast as anybody asks for, with no model.

python -m benchmarks.upstream       prints its port, then serves until it is ended
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Final, cast

import msgspec
import uvloop

from benchmarks.fake_models import FakeModel, frames, named, response, whole

_AT_ONCE: Final = 16
"""Tokens that a model without pauses sends before it lets others go on."""

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class _Asked(msgspec.Struct):
    """The part of a request that matters here."""

    model: str
    stream: bool = False


_asked = msgspec.json.Decoder(_Asked)


class Connection(asyncio.Protocol):
    """One client: requests one after the other, each answered as its model's name says."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._next: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its ancestors

    def connection_lost(self, _error: Exception | None) -> None:
        """Say no more."""
        if self._next is not None:
            self._next.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer once the request is complete."""
        self._received += data
        end = self._received.find(_HEAD_END)
        if end < 0:
            return
        length = _LENGTH.search(self._received, 0, end)
        end += len(_HEAD_END) + (int(length[1]) if length else 0)
        if len(self._received) >= end:
            request, self._received = self._received[:end], self._received[end:]
            self._answer(*request.split(_HEAD_END, 1))

    def _answer(self, head: bytes, body: bytes) -> None:
        if not head.startswith(b"POST ") or b"/chat/completions " not in head[:200]:
            self._transport.write(response("404 Not Found", {"error": {"message": "only chat completions are here"}}))
            return
        try:
            asked = _asked.decode(body)
            self._begin(named(asked.model), asked)
        except ValueError as error:
            self._transport.write(response("400 Bad Request", {"error": {"message": str(error)}}))

    def _begin(self, model: FakeModel, asked: _Asked) -> None:
        began = self._loop.time()
        if asked.stream:
            self._schedule(began + model.due(0), model, frames(asked.model), 0, began)
        elif model.due(model.tokens):
            self._next = self._loop.call_at(began + model.due(model.tokens), self._transport.write, whole(asked.model))
        else:
            self._transport.write(whole(asked.model))

    def _send(self, model: FakeModel, parts: Sequence[bytes], index: int, began: float) -> None:
        count = 1 if model.between_ms or model.broken_after else _AT_ONCE
        for part in parts[index : index + count]:
            self._transport.write(part)
        index += count
        if 0 < model.broken_after <= index:
            self._transport.abort()
        elif index < len(parts):
            self._schedule(began + model.due(index), model, parts, index, began)

    def _schedule(self, when: float, model: FakeModel, parts: Sequence[bytes], index: int, began: float) -> None:
        if when > self._loop.time():
            self._next = self._loop.call_at(when, self._send, model, parts, index, began)
        else:
            self._next = self._loop.call_soon(self._send, model, parts, index, began)


async def serve() -> None:
    """Listen on a free port and say which."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
