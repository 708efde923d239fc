import json
from typing import Any

import msgspec
import pytest

from interplay import wire
from interplay.errors import Failure
from interplay.wire.decode import response_formats

SCHEMA = {"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "integer"}}}


def formats(value: Any) -> tuple[wire.ResponseFormat, ...]:
    """What is read from this `response_format`."""
    return response_formats(msgspec.Raw(json.dumps(value).encode()))


@pytest.mark.parametrize("nothing", [None, wire.ABSENT, msgspec.Raw(b"null"), msgspec.Raw(b"[]")])
def test_no_format_gives_none(nothing: msgspec.Raw | None) -> None:
    """Absent, null and the empty list are the same."""
    assert response_formats(nothing) == ()


def test_one_format_may_stand_alone() -> None:
    """A single object is a list of one."""
    assert formats({"type": "text"}) == formats([{"type": "text"}]) == (wire.TextResponseFormat(),)


def test_formats_stay_in_order() -> None:
    """Text and pictures may be asked for together."""
    assert formats([{"type": "image", "image_size": "4K"}, {"type": "text"}]) == (
        wire.ImageResponseFormat(image_size="4K"),
        wire.TextResponseFormat(),
    )


def test_schema_keeps_the_order_of_its_properties() -> None:
    """The answer's keys follow the schema's."""
    (wanted,) = formats({"type": "text", "mime_type": "application/json", "schema": SCHEMA})
    assert isinstance(wanted, wire.TextResponseFormat)
    assert wanted.schema is not None
    assert list(wanted.schema["properties"]) == ["b", "a"]


@pytest.mark.parametrize(
    "schema",
    [SCHEMA, {"type": ["string", "null"]}, {"anyOf": [{"type": "string"}]}, {"enum": ["a"]}, {"type": "integer"}],
)
def test_bare_schema_is_recognised(schema: dict[str, Any]) -> None:
    """A JSON schema may stand in the place of a format."""
    assert formats(schema) == (wire.BareSchema(schema=schema),)


def test_type_that_the_sdk_adds_to_a_bare_schema_is_taken_out() -> None:
    """The Python SDK labels a schema without a type as a text format."""
    assert formats({"type": "text", "anyOf": [SCHEMA]}) == (wire.BareSchema(schema={"anyOf": [SCHEMA]}),)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("json", "Invalid value for 'response_format': expected an object or a list, got \"json\"."),
        (["json"], "Invalid value for 'response_format[0]': expected an object, got \"json\"."),
        (
            {"type": "json"},
            'Invalid value for \'response_format.type\': got "json". Valid values: "text", "audio", "image", "video".',
        ),
        ({}, 'Missing required parameter \'response_format.type\'. Valid values: "text", "audio", "image", "video".'),
        (
            {"type": "text", "mimeType": "text/plain"},
            "Unknown parameter 'response_format.mimeType'. Did you mean 'mime_type'?",
        ),
        (
            [{"type": "text"}, {"type": "audio", "sample_rate": "24k"}],
            "Invalid value for 'response_format[1].sample_rate': expected an integer, got \"24k\".",
        ),
    ],
)
def test_wrong_format_is_refused(value: Any, message: str) -> None:
    """The message names the field, what was received and what was expected."""
    with pytest.raises(Failure) as caught:
        formats(value)
    assert caught.value.message == message
