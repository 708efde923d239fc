"""Functions for tests, and what happens when they are called."""

from typing import Any

import msgspec

from interplay.models.base import Function
from interplay.schemas import compile  # noqa: A004 - its verb
from interplay.wire import FunctionCallStep, FunctionResultStep


def function(name: str, description: str = "", required: tuple[str, ...] = (), **properties: Any) -> Function:
    """A function whose parameters have these schemas."""
    declared = {"type": "object", "properties": properties, "required": list(required)}
    return Function(name, description, declared, compile(declared, name))


STRING = {"type": "string"}
WEATHER = function(
    "get_weather",
    "Get the current weather for a city",
    ("city",),
    city={"type": "string", "description": "City name"},
    unit={"enum": ["celsius", "fahrenheit"]},
)
FIND = function("find_customer", "Find a customer's id by email address", ("email",), email=STRING)
ORDERS = function("list_orders", "List a customer's orders", ("customer_id",), customer_id={"type": "integer"})
LIGHT = function("turn_off_light", "Turn off the light in a room", ("room",), room=STRING)


def call(number: int, name: str, **arguments: Any) -> FunctionCallStep:
    """A call that was made."""
    return FunctionCallStep(id=f"call-{number}", name=name, arguments=arguments)


def result(number: int, returned: object, *, is_error: bool = False) -> FunctionResultStep:
    """What that call returned."""
    raw = msgspec.Raw(msgspec.json.encode(returned))
    return FunctionResultStep(call_id=f"call-{number}", result=raw, is_error=is_error or None)
