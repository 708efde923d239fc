"""Short ways to offer functions, to call them, and to ask for JSON."""

from collections.abc import Sequence
from typing import Any

import msgspec

from interplay.models.base import Call, Function, ModelRequest, Piece
from interplay.schemas import Schema, compile  # noqa: A004 - the verb for it
from interplay.wire import FunctionCallStep, FunctionResultStep

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
"""The parameters of the function that most tests offer."""

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}
"""What most structured answers must be."""


def function(name: str = "get_weather", parameters: dict[str, Any] = WEATHER, description: str = "") -> Function:
    """A function on offer."""
    return Function(name, description, parameters, compile(parameters, "parameters"))


def schema(declared: dict[str, Any] = PERSON) -> Schema:
    """What an answer must be."""
    return compile(declared, "schema")


def offering(request: ModelRequest, *functions: Function, must_call: bool = False) -> ModelRequest:
    """The same request with functions to call."""
    return msgspec.structs.replace(request, functions=functions, must_call=must_call)


def demanding(request: ModelRequest, answer: Schema | None = None) -> ModelRequest:
    """The same request, to be answered with JSON."""
    return msgspec.structs.replace(request, answer=answer or schema())


def called(id: str, name: str = "get_weather", **arguments: object) -> FunctionCallStep:
    """A call in the conversation."""
    return FunctionCallStep(id=id, name=name, arguments=arguments)


def returned(call_id: str, result: object, *, is_error: bool | None = None) -> FunctionResultStep:
    """A result in the conversation."""
    raw = msgspec.Raw(msgspec.json.encode(result))
    return FunctionResultStep(call_id=call_id, name="get_weather", result=raw, is_error=is_error)


def calls(pieces: Sequence[Piece]) -> list[Call]:
    """What is to be called."""
    return [piece for piece in pieces if isinstance(piece, Call)]
