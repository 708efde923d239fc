"""The exact probabilities of some labels as the local engine's answer.

The engine adds the same large number to the logits of the labels' tokens and tells the probabilities that are left
when nothing else is sampled from: those of the labels, given that the answer is one of them, as exact as its floats.
(Checked against its unbiased log-probabilities: equal to seven digits.) A grammar would not do: the engine tells the
probabilities from before it. Not here: when there is room to ask (`backend`).
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final

import aiohttp
import msgspec

from interplay.errors import Failure, invalid
from interplay.models.base import Counts, ModelRequest, Weighed, normalised
from interplay.models.chat import weighing
from interplay.models.chat.completion import Completion, read
from interplay.models.chat.counts import counted
from interplay.models.chat.messages import messages
from interplay.models.chat.sse import EventReader
from interplay.models.chat.watch import Heard, Times
from interplay.models.local.answering import as_chat
from interplay.models.local.connection import SAY_PROGRESS, SILENCE_SECONDS, EngineConnection

_LIFT: Final = 100.0
"""More than any two logits differ, and little enough to leave a float its digits."""


class Tokenized(msgspec.Struct, frozen=True):
    """The engine's answer to how a text is cut up."""

    tokens: list[int]


class Labels:
    """Knows the tokens of labels; they are the same in every life of the engine."""

    def __init__(self) -> None:
        self._tokens: dict[str, int] = {}

    async def weigh(self, connection: EngineConnection, request: ModelRequest, options: Sequence[str]) -> Weighed:
        """How probable each option is as the answer. Raises Failure."""
        tokens = [await self._token(connection, option) for option in options]
        place, counts = None, Counts()
        about = await connection.about(messages(as_chat(request)))
        async with aclosing(_answer(connection, _body(request, tokens, about))) as answer:
            async for part in answer:
                place = place or weighing.first(part)
                counts = counted(part.usage, part.timings) or counts
        told = {token.id: token.prob or 0.0 for token in place.top_probs} if place else {}
        weights = [told.get(token, 0.0) for token in tokens]
        if not any(weights):
            raise Failure("bad_gateway", "the local engine told no probabilities")
        return Weighed(normalised(weights), counts)

    async def _token(self, connection: EngineConnection, label: str) -> int:
        if label not in self._tokens:
            url = f"{connection.engine.url}/tokenize"
            answer = await connection.chat.upstream.fetch("POST", url, {"content": label, "add_special": False})
            tokens = msgspec.json.decode(answer, type=Tokenized).tokens
            if len(tokens) != 1:
                raise invalid(f"the answer {label!r} has {len(tokens)} tokens: only those of one can be weighed")
            self._tokens[label] = tokens[0]
        return self._tokens[label]


def _body(request: ModelRequest, tokens: Sequence[int], about: Mapping[str, object]) -> dict[str, object]:
    """Streamed, because the engine notices a reader who has left only by writing."""
    return {
        **weighing.body(request),
        **SAY_PROGRESS,
        **about,
        "stream": True,
        "stream_options": {"include_usage": True},
        "samplers": ["temperature"],
        "logit_bias": [[token, _LIFT] for token in tokens],
        "post_sampling_probs": True,
        "top_logprobs": len(tokens),
        "n_probs": len(tokens),
    }


async def _answer(connection: EngineConnection, fields: Mapping[str, object]) -> AsyncGenerator[Completion]:
    """The events of the engine's answer. Raises Failure."""
    upstream, events = connection.chat.upstream, EventReader()
    times, heard = Times(SILENCE_SECONDS, SILENCE_SECONDS), Heard()  # of one token: that is all the time there is
    url, asked = connection.chat.addressed(fields)
    try:
        async with upstream.answer("POST", url, asked, times, heard) as response:
            while received := await response.content.readany():
                for data in events.feed(received):
                    if data.strip() == b"[DONE]":
                        return
                    yield read(data, upstream.secrets)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise upstream.lost(error) from error
