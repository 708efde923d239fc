"""Cases: what a user says to an assistant that has functions, and the calls that are right."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from interplay.models.base import Function, ModelRequest
from interplay.schemas import compile  # noqa: A004 - its verb
from interplay.wire import ModelOutputStep, Step, TextContent, UserInputStep


class Declared(msgspec.Struct, frozen=True):
    """A function as the case's file has it."""

    name: str
    description: str
    parameters: dict[str, Any]


class Said(msgspec.Struct, frozen=True):
    """An earlier turn."""

    role: str
    text: str


class Expected(msgspec.Struct, frozen=True):
    """A call that is right: for each parameter, what is accepted.

    A value; `{"contains": [words]}`; `{"any": true}`; `{"like": text}`, whatever its signs and spaces; `{"of": ...}`,
    an object with what is accepted for each of its properties; or null where it may be left out. A parameter that is
    not listed may not be given.
    """

    name: str
    arguments: dict[str, list[Any]]


class Case(msgspec.Struct, frozen=True):
    """One question. No expected calls: it is to be answered with text."""

    id: str
    language: str
    functions: list[Declared]
    input: str
    expected: list[Expected]
    conversation: list[Said] = []

    def request(self, model: str) -> ModelRequest:
        """What a backend is asked."""
        steps = [as_step(turn.role, turn.text) for turn in self.conversation]
        return ModelRequest(
            model=model, steps=(*steps, as_step("user", self.input)), functions=tuple(map(compiled, self.functions))
        )

    def right(self, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> bool:
        """Whether these are the calls, in any order."""
        return matched(list(calls), self.expected)

    def chosen(self, names: Sequence[str]) -> bool:
        """Whether at least the functions are the right ones."""
        return sorted(names) == sorted(call.name for call in self.expected)


def read(path: Path) -> list[Case]:
    """The cases in a file."""
    return msgspec.json.decode(path.read_bytes(), type=list[Case])


def as_step(role: str, text: str) -> Step:
    """A turn as a step."""
    content = (TextContent(text=text),)
    return UserInputStep(content=content) if role == "user" else ModelOutputStep(content=content)


def compiled(declared: Declared) -> Function:
    """A function as a request has it."""
    schema = compile(declared.parameters, declared.name)
    return Function(declared.name, declared.description, declared.parameters, schema)


def matched(calls: list[tuple[str, Mapping[str, Any]]], expected: Sequence[Expected]) -> bool:
    """Whether each expected call is one of the calls, and none is left over."""
    if len(calls) != len(expected):
        return False
    if not expected:
        return True
    first, *rest = expected
    return any(
        meets(call, first) and matched(calls[:place] + calls[place + 1 :], rest) for place, call in enumerate(calls)
    )


def meets(call: tuple[str, Mapping[str, Any]], expected: Expected) -> bool:
    """Whether a call is an expected one."""
    name, arguments = call
    if name != expected.name or not arguments.keys() <= expected.arguments.keys():
        return False
    return all(
        accepted(arguments[parameter], values) if parameter in arguments else None in values
        for parameter, values in expected.arguments.items()
    )


def accepted(given: Any, values: Sequence[Any]) -> bool:
    """Whether a value is one of those that are right."""
    return any(fits(given, value) for value in values if value is not None)


def plain(text: str) -> str:
    """A text without what does not count where texts are compared loosely."""
    return re.sub(r"[ ,./\-_*^()'\"]", "", text).casefold()


def fits(given: Any, wanted: Any) -> bool:  # noqa: PLR0911 - one for each kind
    """Whether a value is this one: text without regard to case and outer spaces, numbers by their size."""
    match wanted:
        case {"contains": list(words)}:
            text = (given if isinstance(given, str) else msgspec.json.encode(given).decode()).casefold()
            return all(str(word).casefold() in text for word in words)
        case {"any": True}:
            return True
        case {"like": str(text)} if isinstance(given, str):
            return plain(given) == plain(text)
        case {"of": dict(properties)} if isinstance(given, dict):
            return meets(("", given), Expected("", properties))
        case str() if isinstance(given, str):
            return given.strip().casefold() == wanted.strip().casefold()
        case list() if isinstance(given, list):
            return len(given) == len(wanted) and all(map(fits, given, wanted))
        case dict() if isinstance(given, dict):
            return given.keys() == wanted.keys() and all(fits(given[name], inner) for name, inner in wanted.items())
        case _:
            return isinstance(given, bool) == isinstance(wanted, bool) and bool(given == wanted)
