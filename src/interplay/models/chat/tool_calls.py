"""The calls in an answer, put together from what upstreams send. Not here: whether a call is right (`judging`).

The protocol streams a call as deltas that share an `index`; the first has the id and the name, the others more of the
arguments. Senders differ, and each way below was met in one of them:

    no index, or the same for all calls           Ollama, Gemini's gateway: another name begins another call
    no id, or another id in every delta           ids decide only whether a name goes on or another one begins
    the name again in every delta                 it repeats itself
    the name in pieces                            pieces of one index are joined while there are no arguments
    several objects glued together as arguments   one call each (`arguments.objects`), whoever glued them
    `function_call` instead of `tool_calls`       the protocol's older form: one call without id and index
    name and arguments without `function` around  read as if it were there
"""

from typing import Any

import msgspec

from interplay.models.chat.arguments import as_text, objects


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


class Growing:
    """A call while its parts come in."""

    __slots__ = ("arguments", "id", "index", "name")

    def __init__(self, index: object, id: object) -> None:
        self.index = index
        self.id = id
        self.name = ""
        self.arguments = ""

    def add(self, named: Named) -> None:
        """Append a part."""
        name, arguments = _word(named.name), as_text(named.arguments)
        if name != self.name and not self.arguments:
            self.name += name
        self.arguments += arguments


class CallReader:
    """The calls of one answer."""

    __slots__ = ("_calls",)

    def __init__(self) -> None:
        self._calls: list[Growing] = []

    def whole(self, parts: list[Part]) -> None:
        """Calls of a message that came in one piece: each part is one."""
        for part in parts:
            self._begin(part)

    def more(self, parts: list[Part]) -> None:
        """Parts of calls from one event of a stream."""
        for part in parts:
            call = self._continued(part)
            if call is None:
                self._begin(part)
            else:
                call.add(part.named())

    def wanted(self) -> list[Wanted]:
        """The calls, in the order in which they began."""
        return [Wanted(call.name, text) for call in self._calls for text in objects(call.arguments)]

    def _begin(self, part: Part) -> None:
        call = Growing(part.index, part.id)
        call.add(part.named())
        self._calls.append(call)

    def _continued(self, part: Part) -> Growing | None:
        """The call that a part goes on with; None where it begins one."""
        for call in reversed(self._calls):
            if part.index is None or call.index is None or part.index == call.index:
                return None if _begins(part, call) else call
        return None


def _begins(part: Part, call: Growing) -> bool:
    """Whether a part is of a new call rather than of the last one with its index.

    The same name never tells: what it brings is either more arguments, or whole ones that are glued to the last ones.
    """
    name = _word(part.named().name)
    if name in ("", call.name):
        return False
    other_id = bool(part.id and call.id and part.id != call.id)
    return other_id or bool(call.arguments) or part.index is None


def _word(name: object) -> str:
    return name.strip() if isinstance(name, str) else ""
