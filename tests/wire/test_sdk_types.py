"""The structs and the types of the installed official SDK have the same fields.

A new version of the SDK that knows more than we do turns these tests red.
"""

import pydantic
import pytest
from google.genai._gaos.types import decisions, interactions, webhooks
from msgspec import inspect

from interplay import wire

from .test_contract import ADDED, LEFT_OUT, NOT_STRUCTS

MODELS = {
    name: model
    for sdk in (interactions, decisions, webhooks)
    for name in dir(sdk)
    if isinstance(model := getattr(sdk, name), type)
    and issubclass(model, pydantic.BaseModel)
    and model.__name__ == name  # not another name for the only member of a union
    and not name.startswith("Unknown")
}
WITHOUT_FIELDS = {name for name, model in MODELS.items() if not model.model_fields}


def test_every_sdk_type_is_known() -> None:
    """Each of the SDK's models has a struct of the same name."""
    assert set(MODELS) - set(wire.__all__) == set(NOT_STRUCTS) | WITHOUT_FIELDS


@pytest.mark.parametrize("name", sorted(set(MODELS) & set(wire.__all__)))
def test_fields_are_those_of_the_sdk(name: str) -> None:
    """A struct has the fields that the SDK's model reads and writes."""
    theirs = {field.alias or attribute for attribute, field in MODELS[name].model_fields.items()}
    info = inspect.type_info(getattr(wire, name))
    assert isinstance(info, inspect.StructType)
    ours = {field.name for field in info.fields} | ({info.tag_field} if info.tag_field else set())
    ours -= {field for struct, field in ADDED if struct == name}
    assert ours | {field for struct, field in LEFT_OUT if struct == name} == theirs


@pytest.mark.parametrize("name", ["CreateModelInteraction", "CreateAgentInteraction"])
def test_request_reads_all_that_the_sdk_writes(name: str) -> None:
    """The one request struct has every field of both of the SDK's."""
    theirs = {field.alias or attribute for attribute, field in MODELS[name].model_fields.items()}
    assert theirs <= set(wire.CreateInteraction.__struct_fields__)
