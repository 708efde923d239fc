"""The chat-completions protocol as a client, shared by the backends whose engine speaks it.

The request's form is in `messages`, the answer's in `answer`, the connections in `upstream`; here they
meet. Not here: what one kind of engine wants beyond the protocol (`openai`, `local`).
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final

import aiohttp

from interplay.errors import Failure, invalid_answer, shown
from interplay.models.base import Failed, ModelRequest, Piece, Text
from interplay.models.chat.answer import ChatAnswer, RawPiece
from interplay.models.chat.body import body
from interplay.models.chat.habits import Habits
from interplay.models.chat.messages import Message
from interplay.models.chat.refusals import Refused
from interplay.models.chat.tool_calls import Wanted
from interplay.models.chat.upstream import Upstream

_DRAIN: Final = 0.05
"""Seconds to wait for the end of a stream behind its [DONE], so that the connection can be used again."""


class ChatClient:
    """One upstream that speaks the protocol.

    `base_url` is what stands before `/chat/completions`, often ending in `/v1`. `headers` go with every
    request, and their values are never shown. `extra` are fields of every request body, below those that the
    client's request sets. Times are in seconds: `connect_timeout` until a connection stands, `idle_timeout`
    between two reads of a stream (so also until its first event), `answer_timeout` for an answer that comes
    in one piece. `begins_thinking` says whether answers begin inside of a thought (`thinking`); None where that is to
    be learnt.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        *,
        extra: Mapping[str, object] | None = None,
        connect_timeout: float = 10.0,
        idle_timeout: float = 300.0,
        answer_timeout: float = 1800.0,
        begins_thinking: bool | None = None,
    ) -> None:
        self.upstream = Upstream(base_url, headers, connect_timeout)
        self._url = self.upstream.base_url + "/chat/completions"
        self._extra = dict(extra or {})
        self._growing = idle_timeout
        self._whole = answer_timeout
        self.habits = Habits(begins_thinking=begins_thinking)

    async def open(self) -> None:
        """Make ready to ask. No connection is made yet."""
        await self.upstream.open()

    async def close(self) -> None:
        """Close every connection; answers that are still coming in end with `Failed`."""
        await self.upstream.close()

    async def generate(
        self, request: ModelRequest, extra: Mapping[str, object] | None = None
    ) -> AsyncGenerator[Piece, None]:
        """The pieces of an answer in text, the last one a `Stop` or a `Failed`; `corrected` asks for calls.

        `extra` are further fields of this request's body, above all others.
        """
        said = False
        async with aclosing(self.turn(request, extra)) as pieces:
            async for piece in pieces:
                if not isinstance(piece, Wanted):
                    said = said or isinstance(piece, Text)
                    yield piece
                elif not said:
                    yield Failed(_uncalled_for(piece))
                    return

    async def turn(
        self, request: ModelRequest, extra: Mapping[str, object] | None = None
    ) -> AsyncGenerator[RawPiece, None]:
        """The same with the calls that the model wants, unchecked; they come when all else has been said."""
        try:
            async with aclosing(self._batches(request, extra or {})) as batches:
                async for batch in batches:
                    for piece in batch:
                        yield piece
        except Failure as failure:
            yield Failed(failure)
        except (aiohttp.ClientError, TimeoutError) as error:
            yield Failed(self.upstream.lost(error))

    async def _batches(
        self, request: ModelRequest, extra: Mapping[str, object]
    ) -> AsyncGenerator[list[RawPiece], None]:
        """The same, as many pieces at a time as arrived together; without its reasoning, if that is refused."""
        fields: dict[str, Any] = {**self._extra, **body(request), **extra}
        chat: list[Message] = fields["messages"]
        try:
            fields["messages"] = self.habits.with_reasoning(request.model, chat)
            async with aclosing(self._answer(request, fields)) as batches:
                async for batch in batches:
                    yield batch
        except Refused as refusal:
            if not self.habits.refuses_reasoning(request.model, chat, refusal):
                raise
        else:
            return
        fields["messages"] = self.habits.with_reasoning(request.model, chat)
        async with aclosing(self._answer(request, fields)) as batches:
            async for batch in batches:
                yield batch

    async def _answer(
        self, request: ModelRequest, fields: Mapping[str, object]
    ) -> AsyncGenerator[list[RawPiece], None]:
        """The answer to a body."""
        silence = self._growing if request.incremental else self._whole
        answer = ChatAnswer(self.upstream.secrets, _most(fields))
        screen = self.habits.screen(request)
        async with self.upstream.answer("POST", self._url, fields, silence) as response:
            if _is_stream(response, incremental=request.incremental):
                while not answer.done and (received := await response.content.readany()):
                    yield screen.take(answer.feed(received))
                await _drain(response)
            else:
                yield screen.take(answer.whole(await self.upstream.whole(response)))
            last = screen.take(answer.end())
            self.habits.note(request, screen, answer.reasoned_in)
            yield last


def _most(fields: Mapping[str, object]) -> int | None:
    """The tokens that were asked for at most."""
    most = fields.get("max_tokens")
    return most if isinstance(most, int) else None


def _uncalled_for(call: Wanted) -> Failure:
    return invalid_answer(f"the upstream's model called {shown(call.name)} instead of answering in text")


def _is_stream(response: aiohttp.ClientResponse, *, incremental: bool) -> bool:
    """By what came rather than by what was asked for: some upstreams know only one of the two forms."""
    if incremental:
        return response.content_type != "application/json"
    return response.content_type == "text/event-stream"


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Wait a moment for the end of the response; what comes behind [DONE], or fails to, no longer matters."""
    with suppress(aiohttp.ClientError, TimeoutError):
        async with asyncio.timeout(_DRAIN):
            while await response.content.readany():
                pass
