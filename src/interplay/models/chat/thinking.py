"""Thinking that stands in the text of an answer, because the server does not tell the two apart.

A thought is what an answer begins with between tags of its model's training, or what stands before a tag that closes
one and that nothing opened: the templates of some models open it, so that the model only closes it. A tag anywhere
else is text that speaks of it. `<thinking>` and the like are text too: people ask models in words to write those.

Without a tag that opens, nobody can know that a text is a thought before its end has come. Where the answer is shown
at once, it waits; where it grows, it waits if the model has done so before (`habits`). No input or output.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

from interplay.models.base import Counts, Failed, Stop, StopReason, Text, Thought
from interplay.models.chat.thought_tags import (
    ANSWER,
    CLOSE,
    CLOSED,
    CLOSED_AT_ONCE,
    FIRST,
    MOST_SPOKEN_OF,
    TAGS,
    end_of_thought,
    may_end,
    parted,
)
from interplay.models.chat.tool_calls import Wanted

Unopened = Literal["never", "unknown", "seen", "always"]
"""Whether the answers of a model begin inside of a thought: as they are said to, or were seen to."""

_MOST_THOUGHTS: Final = 50
"""Thoughts that an answer may begin with, one behind the other."""

_CONTEXT: Final = 32
"""Characters that are kept of what has been looked at: more than the longest tag that closes, and what is around it."""

_Take = Callable[["ThoughtScreen", str], Iterator[Text | Thought]]


class ThoughtScreen:
    """Tells thoughts from text in the pieces of one answer."""

    __slots__ = (
        "_behind",
        "_close",
        "_head",
        "_kept",
        "_likely",
        "_opened",
        "_over_already",
        "_recent",
        "_rest",
        "_space",
        "_spoken_of",
        "_take",
        "_thinks",
        "_waits",
        "tag",
        "was_unopened",
    )

    def __init__(self, unopened: Unopened, *, incremental: bool) -> None:
        self._thinks = unopened == "always" and incremental
        self._waits = unopened != "never" and (not incremental or unopened == "seen")
        self._likely = unopened in ("seen", "always")
        self._take: _Take | None = ThoughtScreen._beginning
        """What is done with text; None where it is let through. Not bound, so that the screen does not hold itself."""
        self._space: list[str] = []
        self._head = ""
        """How the text begins, behind that white space, until it is known what it begins as."""
        self._close = CLOSE
        self._opened = unopened == "never"
        self._over_already = 0
        """Whether a thought has been opened, so that a tag that closes one says nothing more."""
        self._behind = False
        """Whether a thought has just ended."""
        self._rest = ""
        """The end of a thought so far, if it may be the tag that closes it."""
        self._kept: list[str] = []
        """What may turn out to be something else than it is taken for."""
        self._recent = ""
        self._spoken_of = 0
        self.was_unopened = False
        """Whether there was a thought that only its end has told."""
        self.tag: str | None = None
        """The tag that opened a thought."""

    def take(self, pieces: list[Any]) -> list[Any]:
        """The pieces of an answer that came together, with thoughts that are such."""
        if self._take is None:
            if not self._opened:
                for piece in pieces:
                    if type(piece) is Text:
                        self._learn(piece.text)
            return pieces
        last = pieces[-1] if pieces else None
        return [each for piece in pieces for each in self._next(piece, last.reason if isinstance(last, Stop) else None)]

    def _next(self, piece: Any, reason: StopReason | None) -> Iterator[Any]:
        match piece:
            case Text(text) if self._take is not None:
                yield from self._take(self, text)
                return
            case Text(text) if not self._opened:
                self._learn(text)
            case Thought() if not self._opened:
                self._thinks = self._waits = False  # the server tells them apart itself
            case Wanted() | Counts() | Stop() | Failed():
                yield from self._end(reason)
            case _:
                pass
        yield piece

    def _beginning(self, text: str) -> Iterator[Text | Thought]:
        """Hold the text until it is known what it begins as."""
        if not self._head:
            bare = text.lstrip()
            self._space.append(text[: len(text) - len(bare)])
            text = bare
        self._head += text
        opening = next((tag for tag in TAGS if self._head.startswith(tag)), None)
        answer = next((tag for tag in ANSWER if self._head.startswith(tag)), None)
        if opening is not None:
            yield from self._open(opening)
        elif not self._opened and (closed := CLOSED_AT_ONCE.match(self._head)):
            self.was_unopened = True
            yield from self._over(self._head[closed.end() :])
        elif answer is not None:
            self._space, self._head, self._take = [], self._head[len(answer) :], None
            yield from self._held()
        elif not any(tag.startswith(self._head) for tag in FIRST):
            yield from self._begun()

    def _open(self, tag: str) -> Iterator[Text | Thought]:
        self._opened, self._take, self._close = True, ThoughtScreen._thinking, TAGS[tag]
        self.tag = self.tag or tag
        inside, self._head, self._space, self._kept = self._head[len(tag) :], "", [], []
        self._behind = True
        yield from self._thinking(inside)

    def _begun(self) -> Iterator[Text | Thought]:
        """It begins without a tag."""
        if self._opened or not (self._thinks or self._waits):
            self._take = None
            for held in self._held():
                if not self._opened:
                    self._learn(held.text)
                yield held
            return
        text = "".join([*self._space, self._head])
        self._head, self._space = "", []
        self._take = ThoughtScreen._thinking if self._thinks else ThoughtScreen._waiting
        self._behind = self._thinks
        yield from self._take(self, text)

    def _held(self) -> Iterator[Text]:
        text = self._head if self._behind else "".join([*self._space, self._head])
        if text:
            yield Text(text)

    def _thinking(self, text: str) -> Iterator[Text | Thought]:
        """Let the thought through up to its end; the white space at both ends is none of it."""
        if not self._opened:
            self._kept.append(text)
        rest = self._rest + text
        place = end_of_thought(rest, self._close)
        if place is not None:
            self.was_unopened = self.was_unopened or not self._opened
            yield from self._thought(rest[:place].rstrip())
            yield from self._over(rest[place + len(self._close) :])
            return
        keep = may_end(rest, self._close)
        self._rest = rest[len(rest) - keep :]
        yield from self._thought(rest[: len(rest) - keep])

    def _thought(self, text: str) -> Iterator[Thought]:
        text = text.lstrip() if self._behind else text
        if text:
            self._behind = False
            yield Thought(text)

    def _over(self, text: str) -> Iterator[Text | Thought]:
        """Go on behind a thought; behind very many, everything is text."""
        self._opened = self._behind = True
        self._over_already += 1
        if self._over_already > _MOST_THOUGHTS:
            self._take, self._kept = None, []
            yield from ((Text(text),) if text else ())
            return
        self._space, self._head = [], ""
        self._rest, self._kept, self._take = "", [], ThoughtScreen._beginning
        yield from self._beginning(text)

    def _waiting(self, text: str) -> Iterator[Text | Thought]:
        """Hold the text until a tag closes what nothing opened; whatever else it says is known at the end."""
        self._kept.append(text)
        if not self._may_be_closed(text):
            return
        whole = "".join(self._kept)
        if (found := parted(whole)) is not None:
            yield from self._thought(found[0])
            self.was_unopened = True
            yield from self._over(found[1])
        elif self._spoken_of > MOST_SPOKEN_OF:
            self._take, self._opened, self._kept = None, True, []
            yield Text(whole)

    def _may_be_closed(self, text: str) -> bool:
        """Whether a tag that closes a thought has come, with something behind it."""
        if "<" not in text and not self._recent:
            return False
        recent = self._recent + text
        closed = next(iter(deque(CLOSED.finditer(recent), maxlen=1)), None)
        rest = recent[closed.end() :] if closed else recent
        self._recent = rest[-_CONTEXT:] if "<" in rest[-_CONTEXT:] else ""
        self._spoken_of += closed is not None
        return closed is not None

    def _learn(self, text: str) -> None:
        """See in text that is on show that it began with a thought; which tag ends one, all before it tells."""
        self._kept.append(text)
        if self._may_be_closed(text):
            self.was_unopened = parted("".join(self._kept)) is not None
            self._opened = self.was_unopened or self._spoken_of > MOST_SPOKEN_OF

    def _end(self, reason: StopReason | None) -> Iterator[Text | Thought]:
        """What is still held."""
        take, self._take = self._take, None
        if take is ThoughtScreen._beginning:
            yield from self._held()
        elif take is ThoughtScreen._waiting:
            yield from self._waited(reason)
        elif take is ThoughtScreen._thinking:
            closed = self._rest.endswith(self._close)
            yield from self._thought(self._rest.removesuffix(self._close).rstrip())
            if not (self._opened or closed) and reason == "stop":
                yield Text("".join(self._kept))  # an answer that is nothing but a thought was none
        self._kept = []

    def _waited(self, reason: StopReason | None) -> Iterator[Text | Thought]:
        found = parted("".join(self._kept))
        if found is None:
            kind = Thought if self._likely and reason != "stop" else Text
            yield from (kind(each) for each in (["".join(self._kept)] if self._likely else self._kept) if each)
            return
        self.was_unopened = True
        yield from self._thought(found[0])
        if found[1]:
            yield Text(found[1])
