"""Server-sent events: a log's entries as they come, a comment now and then, `[DONE]` at the end.

    event: step.delta
    data: {"event_type":"step.delta",...,"event_id":"..."}

The stream ends for the reader only; what that means for the run is the run's business.

A run that has just been started is given a moment before its stream is opened: what its model refuses at once is an
HTTP error then, which the SDKs try again, as they do where the whole answer was asked for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interplay import wire
from interplay.api.eager import started
from interplay.errors import Failure
from interplay.runs.log import Entry
from interplay.runs.reading import EventReader

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),  # a buffering proxy would hold the deltas back
]
_OPENING_SECONDS: Final = 1.0
"""How long a stream stays closed at most while its model has said nothing: a client must see that it is there."""
_BEFORE_THE_MODEL: Final = 2
"""Events that a run begins with whatever its model says."""
_ERROR: Final = "error"
_PING = b": ping\n\n"
_DONE = b"event: done\ndata: [DONE]\n\n"


class EventStream:
    """An answer that follows a log.

    `refusal` is there for a run that has just been started: why nothing came of it, once it has ended.
    """

    def __init__(
        self,
        reader: EventReader,
        leave: Callable[[], None],
        heartbeat_seconds: float,
        refusal: Callable[[], Awaitable[Failure | None]] | None = None,
    ) -> None:
        self._refusal = refusal
        self._opened = False
        """Whether the model had its time."""
        self._reader = reader
        self._leave = leave
        self._heartbeat = heartbeat_seconds
        self._pings = 0

    def answer(self, headers: Callable[[], Mapping[str, str]]) -> ASGIApp:
        """The ASGI answer, with these headers, as they are when it opens, beside those of every stream.

        It sends until the log ends or the client leaves. Raises Failure, with nothing sent, for a refused run.
        """
        return partial(self._answer, headers)

    async def _answer(
        self, headers: Callable[[], Mapping[str, str]], _scope: Scope, receive: Receive, send: Send
    ) -> None:
        watch = asyncio.create_task(self._watch(receive))
        try:
            opening = await self._opening(self._refusal) if self._refusal else []
            encoded = ((name.encode(), value.encode()) for name, value in headers().items())
            await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, *encoded]})
            await self._send_all(send, opening)
        finally:
            self._leave()
            watch.cancel()
            await asyncio.wait([watch])

    async def _opening(self, refusal: Callable[[], Awaitable[Failure | None]]) -> list[Entry]:
        """What there is once the model has said something, or has taken its time. Raises Failure if it was refused."""
        seconds = min(_OPENING_SECONDS, self._heartbeat)
        begun, timer = list[Entry](), asyncio.get_running_loop().call_later(seconds, self._open)
        try:
            while len(begun) <= _BEFORE_THE_MODEL and not self._opened:
                if (entries := await self._reader.next()) is None:
                    break
                begun += entries
        finally:
            timer.cancel()
        if len(begun) > _BEFORE_THE_MODEL and begun[_BEFORE_THE_MODEL].type == _ERROR and (failure := await refusal()):
            raise failure
        return begun

    def _open(self) -> None:
        self._opened = True
        self._reader.wake()

    async def _send_all(self, send: Send, opening: list[Entry]) -> None:
        """All there is, and `[DONE]` if that was the end: a stream that is cut off is picked up elsewhere, or later."""
        unsent = list[Awaitable[None]]()

        def write(entries: list[Entry]) -> None:
            """Send while the client takes it; the stream goes on with what it does not take."""
            if (rest := started(send(_body(b"".join(map(_frame, entries)))))) is not None:
                unsent.append(rest)
                self._reader.wake()

        try:
            if opening:
                await send(_body(b"".join(map(_frame, opening))))
            while True:
                entries = await self._reader.next(write)
                if unsent:
                    await unsent.pop()
                if entries is None:
                    break
                if body := b"".join(map(_frame, entries)) or self._ping():
                    await send(_body(body))
        except Failure as failure:  # the log cannot be read further: the reader must hear of it
            await send(_body(_error(failure)))
        await send({"type": "http.response.body", "body": b"" if self._reader.cut else _DONE})

    async def _watch(self, receive: Receive) -> None:
        """Notice that the client has left, and wake the stream now and then so that it sends a sign of life."""
        gone = asyncio.ensure_future(_disconnect(receive))
        try:
            while not gone.done():
                await asyncio.wait([gone], timeout=self._heartbeat)
                self._pings += 1
                self._reader.wake()
        finally:
            gone.cancel()
        self._reader.leave()

    def _ping(self) -> bytes:
        pending, self._pings = self._pings, 0
        return _PING if pending else b""


def _body(content: bytes) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": True}


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _error(failure: Failure) -> bytes:
    event = wire.ErrorEvent(error=wire.Error(code=failure.code, message=failure.message))
    return b"event: error\ndata: %b\n\n" % msgspec.json.encode(event)


def _frame(entry: Entry) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (entry.type.encode(), entry.payload)
