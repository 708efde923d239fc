"""The calls in an answer, put together from what upstreams send. Not here: whether a call is right (`judging`).

The protocol streams a call as deltas that share an `index`; the first has the id and the name, the others more of the
arguments. Senders differ, and each way below was met in one of them:

    no index, or the same for all calls           Ollama, Gemini's gateway: another name begins another call
    no id, or another id in every delta           ids decide only whether a name goes on or another one begins
    the name again in every delta                 it repeats itself
    the name in pieces                            pieces of one index are joined while there are no arguments
    the whole call again, under its own id        the same call
    several objects glued together as arguments   one call each (`arguments.objects`), whoever glued them
    `function_call` instead of `tool_calls`       the protocol's older form: one call without id and index
    name and arguments without `function` around  read as if it were there
"""

from collections.abc import Collection
from typing import Any, Final

import msgspec

from interplay.models.chat import limits
from interplay.models.chat.arguments import as_text, is_object, objects

_NAMESPACES: Final = ("functions.", "default_api.")
"""What gpt-oss, Kimi and Gemma have seen before every function's name, and write there now and then."""

_LONGEST_NAME: Final = 512
"""Characters after which no more pieces of a name are joined: it is that of no function."""


class Named(msgspec.Struct, frozen=True, gc=False):
    """The function of a call, or a part of it."""

    name: Any = None
    arguments: Any = None
    """Text; an object from some senders."""


class Part(msgspec.Struct, frozen=True, gc=False):
    """A call, or a part of it."""

    index: Any = None
    id: Any = None
    function: Named | None = None
    name: Any = None
    arguments: Any = None

    def named(self) -> Named:
        """The function, wherever it stands."""
        return self.function or Named(self.name, self.arguments)


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """A call as the model wrote it, right or wrong."""

    name: str
    arguments: str


def offered(name: str, functions: Collection[str]) -> str | None:
    """The function that a name means, with or without the namespace of the model's training before it."""
    names = [name, *(name.removeprefix(namespace) for namespace in _NAMESPACES)]
    return next((name for name in names if name in functions), None)


class Growing:
    """A call while its parts come in."""

    __slots__ = ("_parts", "_size", "id", "index", "name", "place")

    def __init__(self, part: Part, place: int) -> None:
        self.index = _key(part.index)
        self.id = _key(part.id)
        self.place = place
        """How many calls began before."""
        self.name = ""
        self._parts: list[str] = []
        self._size = 0

    @property
    def arguments(self) -> str:
        """All arguments so far."""
        return "".join(self._parts)

    @property
    def has_arguments(self) -> bool:
        """Whether there are any."""
        return self._size > 0

    def add(self, named: Named) -> None:
        """Append a part."""
        name, arguments = _word(named.name), as_text(named.arguments)
        if name != self.name and not self._size and len(self.name) < _LONGEST_NAME:
            self.name += name
        self._parts.append(arguments)
        self._size += len(arguments)

    def is_said_by(self, part: Part) -> bool:
        """Whether a part is nothing but this call once more, whole: some senders end a call so.

        Two calls that are alike have two ids. (Texts of another length need not be joined to be told apart.)
        """
        if not self._size or not self.id or _key(part.id) != self.id or _word(part.named().name) != self.name:
            return False
        arguments = as_text(part.named().arguments)
        return len(arguments) == self._size and arguments == self.arguments and is_object(arguments)


class CallReader:
    """The calls of one answer. Raises Failure when there are too many."""

    __slots__ = ("_calls", "_last")

    def __init__(self) -> None:
        self._calls: list[Growing] = []
        self._last: dict[object, Growing] = {}
        """The last call of each index, and of none."""

    def whole(self, parts: list[Part]) -> None:
        """Calls of a message that came in one piece: each part is one."""
        for part in parts:
            if not (self._calls and self._calls[-1].is_said_by(part)):
                self._begin(part)

    def more(self, parts: list[Part]) -> None:
        """Parts of calls from one event of a stream."""
        for part in parts:
            call = self._continued(part)
            if call is None:
                self._begin(part)
            elif not call.is_said_by(part):
                call.add(part.named())

    def wanted(self) -> list[Wanted]:
        """The calls, in the order in which they began."""
        return [Wanted(call.name, text) for call in self._calls for text in objects(call.arguments)]

    def _begin(self, part: Part) -> None:
        if len(self._calls) == limits.MOST_CALLS:
            raise limits.too_many_calls()
        call = Growing(part, len(self._calls))
        call.add(part.named())
        self._calls.append(call)
        self._last[call.index] = call

    def _continued(self, part: Part) -> Growing | None:
        """The call that a part goes on with; None where it begins one.

        It is the last one with the same index, or without any; for a part without index, the last of all.
        """
        index = _key(part.index)
        if index is None:
            call = self._calls[-1] if self._calls else None
        else:
            known = [call for call in (self._last.get(index), self._last.get(None)) if call is not None]
            call = max(known, key=lambda call: call.place, default=None)
        return None if call is None or _begins(part, call) else call


def _begins(part: Part, call: Growing) -> bool:
    """Whether a part is of a new call rather than of the last one with its index.

    The same name never tells: what it brings is either more arguments, or whole ones that are glued to the last ones.
    """
    name = _word(part.named().name)
    if name in ("", call.name):
        return False
    id = _key(part.id)
    other_id = bool(id and call.id and id != call.id)
    return other_id or call.has_arguments or _key(part.index) is None


def _key(value: object) -> int | float | str | None:
    """An index or an id; None for what is neither, such as a list."""
    return value if isinstance(value, int | float | str) else None


def _word(name: object) -> str:
    return name.strip() if isinstance(name, str) else ""
