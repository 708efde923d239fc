"""Answers that must have a form, asked for until they have it: calls of functions, and JSON that meets a schema.

Here the asking is done. What is right, and what is shown when, is decided in `correcting`.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

import msgspec

from interplay.models.base import ModelRequest, Piece
from interplay.models.chat.client import ChatClient
from interplay.models.chat.correcting import Correction
from interplay.models.chat.learnable import RESPONSE_FORMAT, in_words
from interplay.settings.models import StructuredOutput
from interplay.wire import FunctionCallStep


class CorrectedChat:
    """One upstream that is asked for more than text."""

    def __init__(self, chat: ChatClient, structured_output: StructuredOutput) -> None:
        self._chat = chat
        self._structured_output = structured_output

    def asked(self, request: ModelRequest) -> ModelRequest:
        """The request as the upstream gets it at first: with an `answer` to go into `response_format`, or without.

        The schema is told in words where the settings say so, and where functions are offered too: vLLM and others
        would force the first token into it, and nothing could be called. Where something must be there is no text.
        """
        if request.must_call:
            return msgspec.structs.replace(request, answer=None)
        refused = RESPONSE_FORMAT in self._chat.ways.known(request.model)
        return in_words(request) if request.functions or self._structured_output == "prompt" or refused else request

    async def generate(
        self, request: ModelRequest, extra: Mapping[str, object] | None = None
    ) -> AsyncGenerator[Sequence[Piece], None]:
        """The pieces of the answer. `extra` are further fields of each body."""
        native = self._structured_output == "native" and not request.functions
        correction = Correction(request, native=native)
        while not correction.done:
            async with aclosing(self._chat.turn(self.asked(request), extra, correction.again)) as batches:
                async for batch in batches:
                    if shown := [piece for raw in batch for piece in correction.take(raw)]:
                        yield shown


def needs_correcting(request: ModelRequest) -> bool:
    """Whether anything can be wrong with an answer; a conversation with calls in it invites more, offered or not.

    An answer that goes on is plain text, and could not go on behind a complaint.
    """
    if request.continues:
        return False
    if request.functions or request.answer is not None:
        return True
    return FunctionCallStep in map(type, request.steps)
