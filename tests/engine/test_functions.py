"""What a request's `tools` become."""

from typing import Any

import pytest

from interplay import wire
from interplay.engine.compiling import Compiling
from interplay.engine.functions import offer
from interplay.models.base import NO_ARGUMENTS


@pytest.mark.parametrize(
    ("parameters", "declared"),
    [
        (None, NO_ARGUMENTS),
        ({}, NO_ARGUMENTS),
        ({"type": "object", "description": "None."}, NO_ARGUMENTS | {"description": "None."}),
        ({"required": []}, NO_ARGUMENTS | {"required": []}),
        ({"additionalProperties": True}, {"type": "object", "additionalProperties": True}),
        ({"anyOf": [{"properties": {"a": {}}}]}, {"type": "object", "anyOf": [{"properties": {"a": {}}}]}),
    ],
)
async def test_parameters_that_say_nothing_of_properties_are_none(parameters: Any, declared: Any) -> None:
    """A model would make some up for an object of which nothing is said."""
    tool = wire.Function(name="f", parameters=parameters)
    (function,) = (await offer(wire.CreateInteraction(model="m", tools=(tool,)), Compiling())).functions
    assert function.declared == declared


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
        {"type": "OBJECT", "nullable": True, "properties": {"city": {"type": "STRING", "title": None}}},
        {"type": None, "properties": {"city": {"type": "STRING"}}, "required": None},
    ],
)
async def test_models_are_told_of_parameters_in_the_standards_spelling(parameters: Any) -> None:
    """Whatever a client's library writes, backends and their servers read JSON Schema; arguments are never null."""
    tool = wire.Function(name="f", parameters=parameters)
    (function,) = (await offer(wire.CreateInteraction(model="m", tools=(tool,)), Compiling())).functions
    assert function.declared == {"type": "object", "properties": {"city": {"type": "string"}}}
