"""The chat-completions protocol as a client, shared by the backends whose engine speaks it.

The request's form is in `messages`, the answer's in `answer`, the connections in `upstream`, what an upstream does not
take in `ways`; here they meet. Not here: what one kind of engine wants beyond the protocol (`openai`, `local`).
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final

import aiohttp

from interplay.errors import Failure, invalid_answer, let_go, shown
from interplay.models.base import Failed, ModelRequest, Piece, Stop, Text, Thought
from interplay.models.chat.answer import ChatAnswer, RawPiece
from interplay.models.chat.body import body
from interplay.models.chat.habits import Habits
from interplay.models.chat.learnable import Body, Way
from interplay.models.chat.messages import Message, joined
from interplay.models.chat.reasoning import in_form
from interplay.models.chat.refusals import shortened
from interplay.models.chat.tool_calls import Wanted
from interplay.models.chat.upstream import Upstream
from interplay.models.chat.watch import Times
from interplay.models.chat.ways import Ways
from interplay.settings.models import FIRST_BYTE_SECONDS, SILENCE_SECONDS

_REGULAR: Final = Stop("stop")

_DRAIN: Final = 0.05
"""Seconds to wait for the end of a stream behind its [DONE], so that the connection can be used again."""

_OF_CHATS: Final = frozenset({"messages", "logprobs", "top_logprobs"})
"""Fields that the protocol's older half, which takes a prompt, has not, or has in another form."""


class ChatClient:
    """One upstream that speaks the protocol.

    `base_url` is what stands before `/chat/completions`, often ending in `/v1`. `headers` go with every
    request, and their values are never shown. `extra` are fields of every request body, below those that the
    client's request sets. Times are in seconds: `connect_timeout` until a connection stands, `first_byte_seconds` until
    the upstream has said anything, which an answer in one piece does when it is whole, `silence_seconds` between two
    parts of an answer. `begins_thinking` says whether answers begin inside of a thought (`thinking`); None where that
    is to be learnt.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        *,
        extra: Mapping[str, object] | None = None,
        connect_timeout: float = 10.0,
        first_byte_seconds: float = FIRST_BYTE_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
        ways: Ways | None = None,
        begins_thinking: bool | None = None,
    ) -> None:
        self.upstream = Upstream(base_url, headers, connect_timeout)
        self._extra = dict(extra or {})
        self._times = Times(first_byte_seconds, silence_seconds)
        self.ways = ways or Ways()
        """How its models are asked, beyond what the requests say."""
        self.habits = Habits(begins_thinking=begins_thinking)

    async def open(self) -> None:
        """Make ready to ask. No connection is made yet."""
        await self.upstream.open()

    async def close(self) -> None:
        """Close every connection; answers that are still coming in end with `Failed`."""
        await self.upstream.close()

    def move(self, base_url: str) -> None:
        """Ask there from now on."""
        self.upstream.base_url = base_url

    async def generate(
        self, request: ModelRequest, extra: Mapping[str, object] | None = None
    ) -> AsyncGenerator[Sequence[Piece], None]:
        """The pieces of an answer in text, the last one a `Stop` or a `Failed`; `corrected` asks for calls.

        `extra` are further fields of this request's body, above all others.
        """
        said = False
        async with aclosing(self.turn(request, extra)) as batches:
            async for batch in batches:
                pieces = [piece for piece in batch if not isinstance(piece, Wanted)]
                said = said or any(isinstance(piece, Text) for piece in pieces)
                if len(pieces) == len(batch) or (said and pieces):
                    yield pieces
                elif not said:
                    thoughts = [piece for piece in pieces if isinstance(piece, Thought)]
                    wanted = next(piece for piece in batch if isinstance(piece, Wanted))
                    yield [*thoughts, Failed(_uncalled_for(wanted, self.upstream.secrets))]
                    return

    async def turn(
        self, request: ModelRequest, extra: Mapping[str, object] | None = None, again: Sequence[Message] = ()
    ) -> AsyncGenerator[Sequence[RawPiece], None]:
        """The same with the calls that the model wants, unchecked; they come when all else has been said.

        `again` is what the conversation goes on with: a wrong answer, and what is wrong with it. It is asked until the
        upstream takes how it is asked.
        """
        known, tried = self.ways.known(request.model), list[Way]()
        while True:
            body = self._body(request, extra or {}, again, (*known, *tried))
            began = False
            try:
                async with aclosing(self._answer(request, body)) as batches:
                    async for batch in batches:
                        if not began:
                            if isinstance(refused := batch[0], Failed):
                                raise refused.failure
                            self.ways.answered(request.model, body, tried)
                        began = True
                        yield batch
            except Failure as failure:
                if began or (way := self.ways.other(body, failure, (*known, *tried))) is None:
                    yield [Failed(failure)]
                    return
                tried.append(way)
            except (aiohttp.ClientError, TimeoutError) as error:
                yield [Failed(self.upstream.lost(error))]
                return
            else:
                return

    def asked(self, request: ModelRequest) -> Body:
        """The fields of a request as far as it is known how its model is asked."""
        return self._body(request, {}, (), self.ways.known(request.model))

    def addressed(self, fields: Mapping[str, object]) -> tuple[str, dict[str, object]]:
        """Where a question goes, and its fields there: a ready `prompt` in place of `messages` is gone on with."""
        if "prompt" not in fields:
            return f"{self.upstream.base_url}/chat/completions", dict(fields)
        kept = {name: value for name, value in fields.items() if name not in _OF_CHATS}
        return f"{self.upstream.base_url}/completions", kept

    async def fetch(self, model: str, fields: Body) -> bytes:
        """The whole answer to a body that no request makes. Raises Failure."""
        known, tried = self.ways.known(model), list[Way]()
        while True:
            body = _changed({**self._extra, **fields}, (*known, *tried))
            try:
                url, asked = self.addressed(body)
                answer = await self.upstream.fetch("POST", url, asked, self._times.first_byte)
            except Failure as failure:
                if (way := self.ways.other(body, failure, (*known, *tried))) is None:
                    raise
                tried.append(way)
            else:
                self.ways.answered(model, body, tried)
                return answer

    def _body(
        self, request: ModelRequest, extra: Mapping[str, object], again: Sequence[Message], ways: Sequence[Way]
    ) -> Body:
        for way in ways:
            request = way.request(request) if way.request else request
        fields: Body = {**self._extra, **body(request), **extra}
        if again:
            fields["messages"] = joined(fields["messages"], again)
        fields["messages"] = in_form(fields["messages"], self.habits.form(request.model))
        return _changed(fields, ways)

    async def _answer(self, request: ModelRequest, body: Body) -> AsyncGenerator[Sequence[RawPiece], None]:
        """The answer to a body, as many pieces at a time as arrived together, and never none."""
        url, fields = self.addressed(body)
        answer, screen = ChatAnswer(self.upstream.secrets, _most(fields)), self.habits.screen(request)
        async with self.upstream.answer("POST", url, fields, self._times, answer) as response:
            if _is_stream(response, incremental=request.incremental):
                while not answer.done and (received := await response.content.readany()):
                    if pieces := screen.take(answer.feed(received)):
                        yield pieces
                await _drain(response)
                pieces = list[RawPiece]()
            else:
                pieces = screen.take(answer.whole(await self.upstream.whole(response, answer)))
            last = screen.take(answer.end())
            if last and last[-1] == _REGULAR:  # a cut answer tells nothing of how whole ones begin
                self.habits.note(request, screen, answer.reasoned_in)
            if pieces or last:
                yield [*pieces, *last]


def _changed(fields: Body, ways: Sequence[Way]) -> Body:
    for way in ways:
        fields = way.body(fields) if way.body else fields
    return fields


def _most(fields: Mapping[str, object]) -> int | None:
    """The tokens that were asked for at most."""
    most = fields.get("max_tokens", fields.get("max_completion_tokens"))
    return most if isinstance(most, int) else None


def _uncalled_for(call: Wanted, secrets: Sequence[str]) -> Failure:
    name = shown(shortened(call.name, secrets))
    return invalid_answer(f"the upstream's model called {name} instead of answering in text")


def _is_stream(response: aiohttp.ClientResponse, *, incremental: bool) -> bool:
    """By what came rather than by what was asked for: some upstreams know only one of the two forms."""
    if incremental:
        return response.content_type != "application/json"
    return response.content_type == "text/event-stream"


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Wait a moment for the end of the response; what comes behind [DONE], or fails to, no longer matters."""
    try:
        async with asyncio.timeout(_DRAIN):
            while await response.content.readany():
                pass
    except (aiohttp.ClientError, TimeoutError) as error:
        let_go(error)
