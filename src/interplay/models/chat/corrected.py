"""Answers that must have a form, asked for until they have it: calls of functions, and JSON that meets a schema.

Here the asking is done. What is right, and what is shown when, is decided in `correcting`; by which field the upstream
hears of the schema, in `ways`.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from interplay.models.base import ModelRequest, Piece, Stop
from interplay.models.chat.answer import RawPiece
from interplay.models.chat.client import ChatClient
from interplay.models.chat.correcting import Correction
from interplay.models.chat.messages import Message, joined, messages
from interplay.models.chat.ways import Ways, in_words
from interplay.settings import StructuredOutput
from interplay.wire import FunctionCallStep


class CorrectedChat:
    """One upstream that is asked for more than text."""

    def __init__(self, chat: ChatClient, structured_output: StructuredOutput) -> None:
        self._chat = chat
        self._ways = Ways(structured_output)

    def asked(self, request: ModelRequest) -> ModelRequest:
        """The request as the upstream gets it at first."""
        return self._ways.asked(request)

    async def generate(
        self, request: ModelRequest, extra: Mapping[str, object] | None = None
    ) -> AsyncGenerator[Piece, None]:
        """The pieces of the answer. `extra` are further fields of each body."""
        native = self._ways.structured_output == "native" and not request.functions
        correction = Correction(request, native=native)
        while not correction.done:
            async with aclosing(self._answer(request, correction.again, extra or {})) as pieces:
                async for raw in pieces:
                    for piece in correction.take(raw):
                        yield piece

    async def _answer(
        self, request: ModelRequest, again: Sequence[Message], extra: Mapping[str, object]
    ) -> AsyncGenerator[RawPiece, None]:
        """One answer; where the upstream refuses `response_format`, the one that it gives when asked in words."""
        asked, refused, begun = self._ways.asked(request), False, False
        async with aclosing(self._chat.turn(asked, _fields(asked, again, extra))) as pieces:
            async for piece in pieces:
                refused = not begun and asked.answer is not None and self._ways.is_refusal(piece)
                if not refused:
                    yield piece
                begun = True
                self._ways.note(asked, piece)
        if refused:
            async with aclosing(self._in_words(request, again, extra)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _in_words(
        self, request: ModelRequest, again: Sequence[Message], extra: Mapping[str, object]
    ) -> AsyncGenerator[RawPiece, None]:
        """The same, where `response_format` has just been refused: if this is answered, that was why."""
        asked = in_words(request)
        async with aclosing(self._chat.turn(asked, _fields(asked, again, extra))) as pieces:
            async for piece in pieces:
                if isinstance(piece, Stop):
                    self._ways.refused(request.model)
                yield piece


def needs_correcting(request: ModelRequest) -> bool:
    """Whether anything can be wrong with an answer; a conversation with calls in it invites more, offered or not.

    An answer that goes on is plain text, and could not go on behind a complaint.
    """
    if request.continues:
        return False
    if request.functions or request.answer is not None:
        return True
    return any(isinstance(step, FunctionCallStep) for step in request.steps)


def _fields(asked: ModelRequest, again: Sequence[Message], extra: Mapping[str, object]) -> Mapping[str, object]:
    """What goes into the body besides the request: the complaints so far."""
    return {**extra, "messages": joined(messages(asked), again)} if again else extra
