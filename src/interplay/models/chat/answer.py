"""Chat-completions answers, whole or streamed, as pieces. No input or output: bytes are handed in.

Kind to sloppy upstreams: unknown fields, nulls, roles without text, usage beside or after the finish, usage
in every event, other answers beside the first, and a missing [DONE] are all fine. An answer that does not say how it
ended is not: it may have been cut, and a cut answer must not look finished. [DONE] says so, unless something before it
could not be read. An error, in whatever shape, is a failure in the upstream's words.
"""

from collections.abc import Sequence
from typing import Final

from interplay.errors import Failure
from interplay.models.base import Counts, Failed, Stop, Text, Thought
from interplay.models.chat.completion import Choice, Completion, Halved, Said, read, reasoning, stop_of, unreadable
from interplay.models.chat.counts import counted
from interplay.models.chat.halves import Halves
from interplay.models.chat.parts import ContentPart, read_parts
from interplay.models.chat.reasoning import PARTS
from interplay.models.chat.refusals import broken_off, decoded, may_tell, plain, shortened, told
from interplay.models.chat.sse import ErrorData, EventReader, StrayData
from interplay.models.chat.tool_calls import CallReader, Part, Wanted
from interplay.models.chat.watch import Heard

_LONGEST_WORD: Final = 40
"""Characters of a finish reason; there are no longer ones."""

_KNOWN: Final = frozenset({"ping", "heartbeat", "keepalive", "keep-alive"})
"""Types of JSON events that only show that the sender is still there."""

_BLANK_LINE: Final = b"\n\n"
"""Ends the last event of a sender that forgot to."""

RawPiece = Text | Thought | Wanted | Counts | Stop | Failed
"""What an answer consists of before its calls are checked. Calls come just before the counts."""


class ChatAnswer(Heard):
    """One answer while it is read. `most` are the tokens that it may have."""

    __slots__ = (
        "_answered",
        "_calls",
        "_ended",
        "_events",
        "_finish",
        "_halves",
        "_index",
        "_most",
        "_others",
        "_secrets",
        "_strayed",
        "_timings",
        "_usage",
        "done",
        "reasoned_in",
    )

    def __init__(self, secrets: Sequence[str] = (), most: int | None = None) -> None:
        super().__init__()
        self.done = False
        """Whether nothing more need be read."""
        self.reasoned_in: str | None = None
        """The form in which reasoning came, if it did so beside the text."""
        self._answered = False
        self._calls = CallReader()
        self._ended = False
        self._events = EventReader()
        self._finish: str | None = None
        self._index: object = None
        """Of the answer that is read, once it has begun."""
        self._others: list[Choice] = []
        """What came of other answers before it has."""
        self._strayed = b""
        """The first of what could not be read."""
        self._halves: Halves | None = None
        self._usage: object = None
        self._timings: object = None
        self._secrets = secrets
        self._most = most

    def feed(self, received: bytes) -> list[RawPiece]:
        """The pieces in the next bytes of a stream."""
        pieces: list[RawPiece] = []
        try:
            for data in self._events.feed(received):
                pieces += self._read(data)
        except Failure as failure:
            pieces.append(self._failed(failure))
        return self._whole(pieces)

    def whole(self, body: bytes) -> list[RawPiece]:
        """The pieces of an answer that came at once, but for the last ones; or of a stream that is not called one."""
        if _is_stream(body):
            return self.feed(body)
        try:
            pieces = [*self._read(body)]
            if self._finish is None:
                self._refuse_words(body)
        except Failure as failure:
            return [self._failed(failure)]
        self.done = True  # JSON that was cut does not parse
        return self._whole(pieces)

    def end(self) -> list[RawPiece]:
        """The last pieces, once everything was read; none when the answer has failed already."""
        pieces = [] if self.done else self.feed(_BLANK_LINE)
        if self._ended:
            return pieces
        try:
            return pieces + self._whole([*self._other(), *self._last()])
        except Failure as failure:
            return pieces + self._whole([Failed(failure)])

    def _whole(self, pieces: list[RawPiece]) -> list[RawPiece]:
        """The same, where no character came in halves."""
        return pieces if self._halves is None else self._halves.joined(pieces)

    def _failed(self, failure: Failure) -> Failed:
        self.done = self._ended = True
        return Failed(failure)

    def _last(self) -> list[RawPiece]:
        if not self._answered and self._strayed:
            raise unreadable(self._strayed, self._secrets)
        if not self._answered:
            raise Failure("bad_gateway", "the upstream's answer has nothing in it", broke=not self.done)
        if self._finish is None and (self._strayed or not self.done):
            message = "the upstream's answer ended without saying why; it may have been cut"
            raise Failure("bad_gateway", message, broke=True)
        stop = stop_of(shortened(self._finish or "", self._secrets)[:_LONGEST_WORD])
        counts = counted(self._usage, self._timings, self._most)
        ends = [stop] if counts is None else [counts, stop]
        return [*self._calls.wanted(), *ends]

    def _read(self, data: bytes) -> Sequence[RawPiece]:
        """The pieces in a whole answer or in the data of one event."""
        if type(data) is not bytes or len(data) < 16:
            match data:
                case ErrorData():
                    raise broken_off(_error(data), self._secrets)
                case StrayData():
                    return self._stray(decoded(data), data)
                case _ if data.strip().upper() == b"[DONE]":
                    self.done = True
                    return ()
        completion = read(data, self._secrets)
        if self._halves is None and type(completion) is Halved:
            self._halves = Halves()
        if completion.usage is not None:
            self._usage = completion.usage
        if completion.timings is not None:
            self._timings = completion.timings
        if not completion.choices:
            return self._nothing(completion, data)
        if text := self._only_text(completion.choices):
            return (Text(text),)
        return self._chosen(completion.choices, data)

    def _chosen(self, choices: Sequence[Choice | None], data: bytes) -> Sequence[RawPiece]:
        """The pieces of the choice that is read."""
        choice, before = self._first(choices), self.heard
        pieces = () if choice is None else self._said(choice)
        if self.heard == before and not (choice and choice.finish_reason):  # nothing, or an error beside it
            self._refuse_words(data)
        return pieces

    def _refuse_words(self, data: bytes) -> None:
        """Raise Failure where an event, or an answer without an end, has an error in it."""
        if not may_tell(data):
            return
        if isinstance(event := decoded(data), dict) and (event.get("object") == "error" or told(event)):
            raise broken_off(event, self._secrets)

    def _only_text(self, choices: Sequence[Choice | None]) -> str | None:
        """The usual case, which is all but the first and the last of a stream's events: more text, and nothing else."""
        choice = choices[0]
        if len(choices) > 1 or choice is None or not self._answered or choice.index != self._index:
            return None
        said = choice.delta
        if said is None or type(text := said.content) is not str or not text or choice.finish_reason or choice.error:
            return None
        if said.tool_calls or said.function_call or said.reasoning_content or said.reasoning or said.thinking:
            return None
        if said.reasoning_details:
            return None
        self.heard += 1
        return text

    def _first(self, choices: Sequence[Choice | None]) -> Choice | None:
        """The one that is read: of index 0, or without any. Others wait until it is known whether there is such a one.

        Some servers count from one; their only answer is known at the end.
        """
        if len(choices) == 1 and (only := choices[0]) is not None and only.index == self._index:
            return only  # the usual case
        found = [choice for choice in choices if choice is not None]
        first = next((choice for choice in found if _number(choice.index) == 0), None)
        if first is not None:
            self._index, self._others = first.index, []
        elif not self._answered:
            self._others += (saying := [choice for choice in found if _says(choice)])
            self.heard += bool(saying)
        return first

    def _other(self) -> list[RawPiece]:
        """The pieces of the answer with the lowest index, where there was none of index 0."""
        others, self._others = self._others, []
        lowest = min((_number(choice.index) for choice in others), default=0)
        return [piece for choice in others if _number(choice.index) == lowest for piece in self._said(choice)]

    def _said(self, choice: Choice) -> Sequence[RawPiece]:
        self._answered = True
        if choice.error:
            raise broken_off({"error": choice.error}, self._secrets)
        if choice.finish_reason and choice.finish_reason != "null":
            self.heard += self._finish is None
            self._finish = choice.finish_reason
        said = choice.delta or choice.message
        if said is None:
            self.heard += bool(choice.text)
            return (Text(choice.text),) if choice.text else ()
        if said.tool_calls or said.function_call:
            self.heard += self._called(said, whole=choice.delta is None)
        thought, text = self._reasoned(said), said.content or said.refusal
        told = self._told(text) if text else ()
        if not (thought or told):
            return ()
        self.heard += 1
        return (Thought(thought), *told) if thought else told

    def _reasoned(self, said: Said) -> str | None:
        if not (said.reasoning_content or said.reasoning or said.thinking or said.reasoning_details):
            return None
        thought, field = reasoning(said)
        self.reasoned_in = self.reasoned_in or field or None
        return thought

    def _told(self, content: str | list[ContentPart]) -> Sequence[RawPiece]:
        if isinstance(content, list) and any(part.thinking for part in content):
            self.reasoned_in = self.reasoned_in or PARTS
        return (Text(content),) if isinstance(content, str) else tuple(read_parts(content, self._secrets))

    def _called(self, said: Said, *, whole: bool) -> bool:
        """Whether that was more of a call."""
        parts = said.tool_calls or [Part(index=0, function=said.function_call)]
        return self._calls.whole(parts) if whole else self._calls.more(parts)

    def _nothing(self, completion: Completion, data: bytes) -> Sequence[RawPiece]:
        """An event without an answer: usage, a ping, or an error that stands at the top level."""
        if completion.usage is not None or completion.timings is not None:
            self._refuse_words(data)
            return ()
        match decoded(data):
            case {"type": str() as kind} if kind in _KNOWN:
                return ()
            case {"choices": _} as event if not told(event):
                return ()
            case event:
                return self._stray(event, data)

    def _stray(self, event: object, data: bytes) -> Sequence[RawPiece]:
        """What is no part of an answer: an error if it says something, else not to be read."""
        if not isinstance(event, str) and told(event):
            raise broken_off(event, self._secrets)
        self._strayed = self._strayed or data
        return ()


def _error(data: bytes) -> object:
    """What the data of an error says; text as it is."""
    error = decoded(data)
    return error if told(error) else plain(data)


def _says(choice: Choice) -> bool:
    """Whether there is anything in it."""
    said = choice.delta or choice.message or Said()
    texts = (choice.text, said.content, said.refusal, said.tool_calls, said.function_call, *reasoning(said))
    return any(texts) or bool(choice.finish_reason or choice.error)


def _number(index: object) -> int:
    """The index of an answer; 0 for one that has none."""
    try:
        return int(index)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0


def _is_stream(body: bytes) -> bool:
    return body.lstrip().startswith((b"data:", b"event:", b": ", b":\n", b"id:"))
