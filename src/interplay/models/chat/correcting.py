"""One turn that is asked for until it is right: raw pieces in, pieces out, over up to three tries. No input or output.

What is shown is never taken back, so what may turn out to be wrong is held until the answer has ended:

    an answer that must be JSON     held, but for an upstream that guides decoding (`native`): that one streams, and
                                    an answer that is wrong all the same fails the turn
    calls                           held; all of an answer's calls are good, or none is shown
    text beside functions           streams, up to where it may be a call itself (`called_text`)
    text where a call must come     held: without the call it is nothing that was asked for

A wrong answer is asked for again, with a complaint (`judging`). If text of an earlier try is on show, the text beside
the calls of a later one is left out, since it would say the same again; text that comes instead of calls is added. Text
beside calls is no answer where the answer must be JSON, and is left out. An answer cut by the token limit is shown as
far as it goes, without calls and without complaint. Counts are those of all tries together.
"""

from typing import Final

import msgspec

from interplay.errors import invalid_answer
from interplay.models.base import Counts, Failed, ModelRequest, Piece, Stop, Text, Thought, summed
from interplay.models.chat import limits
from interplay.models.chat.answer import RawPiece
from interplay.models.chat.arguments import unopened
from interplay.models.chat.call_screen import CallScreen
from interplay.models.chat.called.format import Functions
from interplay.models.chat.called_text import calls_in, unopened_call
from interplay.models.chat.judging import Good, Wrong, judge
from interplay.models.chat.messages import Message
from interplay.models.chat.thought_tags import parted
from interplay.models.chat.tool_calls import Wanted

TRIES: Final = 3
"""How often the model may answer: once, and twice more after a complaint."""


class Try:
    """What has come of one answer. Its text is shown as it comes if it `streams`; calls of `functions` may be in it."""

    def __init__(self, *, streams: bool, functions: Functions) -> None:
        self._streams = streams
        self._functions = functions
        self._screen = CallScreen() if functions else None
        self._said: list[str] = []
        self._held: list[str] = []
        self.wanted: list[Wanted] = []

    @property
    def text(self) -> str:
        """All text so far."""
        return "".join(self._said)

    @property
    def shown(self) -> str:
        """The part of it that was shown."""
        return self.text.removesuffix(self.held)

    @property
    def held(self) -> str:
        """The part of it that was not shown."""
        return "".join(self._held) + (self._screen.held if self._screen else "")

    def say(self, text: str) -> str:
        """Take more text, and give what may be shown of it."""
        self._said.append(text)
        if not self._streams:
            self._held.append(text)
            return ""
        return self._screen.take(text) if self._screen else text

    def parted(self) -> list[Thought]:
        """The thought that the text begins with, taken out of it, where nothing opened it and nothing was shown."""
        if self._streams or (found := parted(self.text)) is None:
            return []
        thought, text = found
        self._said, self._held = [text], [text]
        return [Thought(thought)] if thought else []

    def calls(self) -> tuple[list[Wanted], str]:
        """The calls, wherever they stand, and the text that has not been shown yet."""
        wanted = [call for call in self.wanted if not (call.is_empty and self.text.strip())]
        if wanted or self._screen is None:
            return wanted, self.held
        return calls_in(self.text, self._functions, len(self.text) - len(self.held))

    def cut(self) -> str:
        """The text that has not been shown yet of an answer that was cut."""
        if self.wanted or self._screen is None:
            return self.held
        text, shown = self.text, len(self.text) - len(self.held)
        return calls_in(unopened_call(text, self._functions), self._functions, shown)[1]


class Correction:
    """All tries of one turn. `native`: whether the upstream is trusted to keep to the schema by itself."""

    def __init__(self, request: ModelRequest, *, native: bool) -> None:
        self._request = request
        self._native = native and request.answer is not None
        self._spoke = False
        """Whether any text has been shown."""
        self._counts: Counts | None = None
        self._tries = 1
        self.again: list[Message] = []
        """What to add to the conversation for the next try."""
        self.done = False
        """Whether the last piece has been given."""
        self._begin()

    def take(self, piece: RawPiece) -> list[Piece]:
        """The pieces to show now that this has come."""
        match piece:
            case Text(text):
                return self._shown(self._try.say(text))
            case Thought():
                self._thought.append(piece.text)
                return [piece]
            case Wanted():
                self._try.wanted.append(piece)
            case Counts():
                self._counts = piece if self._counts is None else summed((self._counts, piece))
            case Failed():
                return self._ended(piece)
            case Stop():
                thoughts = self._try.parted()
                return [*thoughts, *(self._judged(piece) if piece.reason == "stop" else self._cut(piece))]
        return []

    def _begin(self) -> None:
        """Begin the next try. Once text is on show, more of it waits until it is known what it is."""
        self._spoke_before = self._spoke
        held = self._request.must_call or self._spoke or (self._request.answer is not None and not self._native)
        self._thought: list[str] = []
        self._try = Try(streams=not held, functions={each.name: each.declared for each in self._request.functions})

    def _shown(self, text: str) -> list[Piece]:
        self._spoke = self._spoke or bool(text)
        return [Text(text)] if text else []

    def _cut(self, stop: Stop) -> list[Piece]:
        text = self._try.cut()
        if self._request.answer is not None:
            text = unopened(text)
        return [*self._shown("" if self._spoke_before else text), *self._ended(stop)]

    def _judged(self, stop: Stop) -> list[Piece]:
        wanted, text = self._try.calls()
        if len(wanted) > limits.MOST_CALLS:
            return self._ended(Failed(limits.too_many_calls()))
        match judge(self._request, self._try.shown + text, wanted, self._tries):
            case Good() as good:
                return [*self._rest(good, text), *good.calls, *self._ended(stop)]
            case Wrong() as wrong:
                return self._complained(wrong)

    def _rest(self, good: Good, held: str) -> list[Piece]:
        """The text that is still to be shown."""
        if self._request.answer is not None:
            return self._shown("" if self._native or good.calls else good.text)
        if (good.calls or self._spoke_before) and not held.strip():
            return []
        if self._spoke_before:
            return self._shown("" if good.calls else "\n\n" + held)
        return self._shown(held)

    def _complained(self, wrong: Wrong) -> list[Piece]:
        if self._native or self._tries == TRIES:
            times = "" if self._native else f" {TRIES} times"
            return self._ended(Failed(invalid_answer(f"The model's answer was wrong{times}: {wrong.reason}")))
        self.again += self._with_reasoning(wrong.again)
        self._tries += 1
        self._begin()
        return []

    def _with_reasoning(self, again: tuple[Message, ...]) -> tuple[Message, ...]:
        """The wrong answer with the thought that it came of, if such thoughts go back."""
        said, back, thought = again[0], self._request.reasoning_back, "".join(self._thought)
        if thought and said.role == "assistant" and (back == "always" or (back == "calls" and said.tool_calls)):
            return msgspec.structs.replace(said, reasoning_content=thought), *again[1:]
        return again

    def _ended(self, end: Stop | Failed) -> list[Piece]:
        self.done = True
        return [end] if self._counts is None else [self._counts, end]
