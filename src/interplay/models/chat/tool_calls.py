"""The calls in an answer, put together from what upstreams send. Not here: whether a call is right (`judging`).

The protocol streams a call as deltas that share an `index`; the first has the id and the name, the others more of the
arguments. Senders differ, and each way below was met in one of them:

    no index, or the same for all calls           Ollama, Gemini's gateway: another name begins another call
    no id                                         names and arguments decide
    the name again in every delta                 it repeats itself
    the name in pieces                            pieces of one index are joined while there are no arguments
    the whole call again, as a flush              the same call, whatever part of it had come before
    another id in every delta, and one index      as long as the arguments are not whole, the same call
    a name that is empty or "null"                none: it comes later
    entries without name and arguments            nothing, beside anything else
    several objects glued together as arguments   one call each (`arguments.objects`), whoever glued them
    `function_call` instead of `tool_calls`       the protocol's older form: one call without id and index
    name and arguments without `function` around  read as if it were there
"""

from collections.abc import Collection
from typing import Any, Final

import msgspec

from interplay.models.chat import limits
from interplay.models.chat.arguments import EMPTY, NOTHING, as_text, is_object, objects
from interplay.models.chat.halves import joined, readable

_NAMESPACES: Final = ("functions.", "default_api.")
"""What gpt-oss, Kimi and Gemma have seen before every function's name, and write there now and then."""

_NO_NAMES: Final = ("", "null", "None")
"""What stands for a name that is still to come."""

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

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: beside other things it is none."""
        return not self.name and self.arguments == EMPTY


def offered(name: str, functions: Collection[str]) -> str | None:
    """The function that a name means, with or without the namespace of the model's training before it."""
    names = [name, *(name.removeprefix(namespace) for namespace in _NAMESPACES)]
    return next((name for name in names if name in functions), None)


class Growing:
    """A call while its parts come in."""

    __slots__ = ("_again", "_ids_vary", "_parts", "_size", "id", "index", "name", "place")

    def __init__(self, part: Part, place: int) -> None:
        self.index = _key(part.index)
        self.id = _key(part.id)
        self.place = place
        """How many calls began before."""
        self.name = ""
        self._parts: list[str] = []
        self._size = 0
        self._again: str | None = None
        """The whole arguments, where the last part seems to repeat what had come of them."""
        self._ids_vary = False
        """Whether its parts have different ids."""

    @property
    def arguments(self) -> str:
        """All arguments so far."""
        return "".join(self._parts)

    @property
    def has_arguments(self) -> bool:
        """Whether there are any."""
        return self._size > 0

    def final(self) -> str:
        """The arguments, now that no more will come: with what repeats them whole instead of behind its beginning."""
        arguments = readable(self.arguments)
        return arguments if self._again is None or is_object(arguments) else readable(self._again)

    def add(self, part: Part) -> bool:
        """Append a part, unless it is nothing but this call once more. Whether there is more of it now."""
        name, arguments = _word(part.named().name), as_text(part.named().arguments)
        if self._is_said_by(part) or (self._again is not None and arguments == self._again):
            return False
        named = len(self.name)
        if name != self.name and (not self.name or not self._size) and len(self.name) < _LONGEST_NAME:
            self.name += name
        self.id = self.id or _key(part.id)
        if arguments:
            self._again = arguments if self._is_begun_of(arguments) else None
            self._parts.append(arguments)
            self._size += len(arguments)
        return bool(arguments) or len(self.name) > named

    def is_ended_by(self, part: Part) -> bool:
        """Whether a part of the same index is of a new call.

        The same name alone never tells: what it brings is either more arguments, or whole ones that are glued to the
        last ones.
        """
        id, name = _key(part.id), _word(part.named().name)
        other_id = bool(id and self.id and id != self.id)
        if self.name and name not in ("", self.name):
            return other_id or self.has_arguments or _key(part.index) is None
        return other_id and bool(name) and self._is_beside(part)

    def is_said_by(self, part: Part) -> bool:
        """Whether a part is this call once more, under its own id. Two calls that are alike have two."""
        return bool(self.id) and _key(part.id) == self.id and self._is_said_by(part)

    def _is_said_by(self, part: Part) -> bool:
        """The same for a part that belongs to it. Texts of another length need not be joined to be told apart."""
        if not self._size or _word(part.named().name) not in ("", self.name):
            return False
        if _key(part.id) not in (None, "", self.id):
            return False
        arguments = as_text(part.named().arguments)
        return len(arguments) == self._size and arguments == self.arguments and is_object(arguments)

    def _is_beside(self, part: Part) -> bool:
        """Whether this call and a part of another id are two. Senders that change it in every delta do so in the first.

        A call need have no arguments. All of them are looked at once only.
        """
        if not self._ids_vary:
            self._ids_vary = not (_is_whole(as_text(part.named().arguments)) and _is_whole(self.arguments))
        return not self._ids_vary

    def _is_begun_of(self, arguments: str) -> bool:
        """Whether these arguments are whole, and begin with all that has come. Looks at no more than they are long."""
        return 0 < self._size < len(arguments) and arguments.startswith(self.arguments) and is_object(arguments)


class CallReader:
    """The calls of one answer. Raises Failure when there are too many."""

    __slots__ = ("_calls", "_known", "_last")

    def __init__(self) -> None:
        self._calls: list[Growing] = []
        self._last: dict[object, Growing] = {}
        """The last call of each index, and of none."""
        self._known: dict[object, Growing] = {}
        """The first call of each id."""

    def whole(self, parts: list[Part]) -> bool:
        """Calls of a message that came in one piece: each part is one. Whether they say anything."""
        said = [part for part in parts if not (self._calls and self._calls[-1].is_said_by(part)) and self._begin(part)]
        return bool(said)

    def more(self, parts: list[Part]) -> bool:
        """Parts of calls from one event of a stream. Whether there is more of any call now."""
        return sum(self._added(part) for part in parts) > 0

    def wanted(self) -> list[Wanted]:
        """The calls, in the order in which they began. What has neither name nor arguments is one only if it is all."""
        said = [call for call in self._calls if call.name or call.final().strip() not in NOTHING]
        return [Wanted(joined(call.name), text) for call in said or self._calls[:1] for text in objects(call.final())]

    def _added(self, part: Part) -> bool:
        call = self._continued(part)
        return self._begin(part) if call is None else call.add(part)

    def _begin(self, part: Part) -> bool:
        if len(self._calls) == limits.MOST_CALLS:
            raise limits.too_many_calls()
        call = Growing(part, len(self._calls))
        says = call.add(part)
        self._calls.append(call)
        self._last[call.index] = call
        if call.id:
            self._known.setdefault(call.id, call)
        return says

    def _continued(self, part: Part) -> Growing | None:
        """The call that a part goes on with; None where it begins one.

        It is the last one with the same index, or without any; for a part without index, the last of all. A call that
        is said once more need not be the last.
        """
        known = self._known.get(_key(part.id) or None)
        if known is not None and known.is_said_by(part):
            return known
        call = self._latest(_key(part.index))
        return None if call is None or call.is_ended_by(part) else call

    def _latest(self, index: float | str | None) -> Growing | None:
        if index is None:
            return self._calls[-1] if self._calls else None
        known = [call for call in (self._last.get(index), self._last.get(None)) if call is not None]
        return max(known, key=lambda call: call.place, default=None)


def _is_whole(arguments: str) -> bool:
    """Whether these can be all arguments of a call."""
    return arguments.strip() in NOTHING or is_object(arguments)


def _key(value: object) -> int | float | str | None:
    """An index or an id; None for what is neither, such as a list."""
    return value if isinstance(value, int | float | str) else None


def _word(name: object) -> str:
    word = name.strip() if isinstance(name, str) else ""
    return "" if word in _NO_NAMES else word
