"""The structs and the types of the installed official SDK have the same fields.

A new version of the SDK that knows more than we do turns these tests red.
"""

import pkgutil
from importlib import import_module
from typing import Final

import pydantic
import pytest
from google.genai._gaos import types
from msgspec import inspect

from interplay import wire

from .test_contract import ADDED, LEFT_OUT, LIVE, NOT_READ, NOT_STRUCTS, READ

REQUESTS: Final = ("CreateModelInteraction", "CreateAgentInteraction")
RESOURCES: Final = sorted(found.name for found in pkgutil.iter_modules(types.__path__) if found.ispkg)


def models(resource: str) -> dict[str, type[pydantic.BaseModel]]:
    """The SDK's models of a resource."""
    sdk = import_module(f"{types.__name__}.{resource}")
    return {
        name: model
        for name in dir(sdk)
        if isinstance(model := getattr(sdk, name), type)
        and issubclass(model, pydantic.BaseModel)
        and model.__name__ == name  # not another name for the only member of a union
        and not name.startswith("Unknown")
    }


def read(resource: str) -> dict[str, type[pydantic.BaseModel]]:
    """Those of them that are read or written here, and have fields."""
    return {
        name: model
        for name, model in models(resource).items()
        if model.model_fields and (resource not in NOT_READ or f"{resource}.{name}" in READ)
    }


def fields(model: type[pydantic.BaseModel]) -> set[str]:
    """The names of its fields on the wire."""
    return {field.alias or attribute for attribute, field in model.model_fields.items()}


def test_every_resource_of_the_sdk_is_known() -> None:
    """There are reasons for those that are not read."""
    assert set(RESOURCES) - set(NOT_READ) == {"decisions", "interactions", "triggers", "webhooks"}


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_sdk_type_is_known(resource: str) -> None:
    """Each of the SDK's models has a struct of the same name, or a reason why it needs none."""
    assert set(read(resource)) - set(wire.__all__) - set(NOT_STRUCTS) - set(LIVE) == set()


@pytest.mark.parametrize(
    ("resource", "name"),
    [(resource, name) for resource in RESOURCES for name in read(resource) if name in wire.__all__],
)
def test_fields_are_those_of_the_sdk(resource: str, name: str) -> None:
    """A struct has the fields that the SDK's model reads and writes."""
    info = inspect.type_info(getattr(wire, name))
    assert isinstance(info, inspect.StructType)
    ours = {field.name for field in info.fields} | ({info.tag_field} if info.tag_field else set())
    ours -= {field for struct, field in ADDED if struct == name}
    assert ours | {field for struct, field in LEFT_OUT if struct == name} == fields(models(resource)[name])


@pytest.mark.parametrize("name", REQUESTS)
def test_request_reads_all_that_the_sdk_writes(name: str) -> None:
    """The one request struct has every field of both of the SDK's."""
    assert fields(models("interactions")[name]) <= set(wire.CreateInteraction.__struct_fields__)


def test_reasons_are_for_what_there_is() -> None:
    """A model that the SDK no longer has needs no reason."""
    there = set(models("interactions"))
    assert set(LIVE) | set(NOT_STRUCTS) <= there
