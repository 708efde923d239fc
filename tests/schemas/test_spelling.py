"""Schemas in Google's older spelling: read as JSON Schema, wherever they stand; names and values stay as they are."""

from typing import Any

import msgspec
import pytest

from interplay.errors import Failure
from interplay.schemas import compile, limits, standard  # noqa: A004 - the verb for it

TEXT = {"type": "STRING"}
LOWER = {"type": "string"}


@pytest.mark.parametrize(
    ("kind", "meant"),
    [(kind.upper(), kind) for kind in ("string", "number", "integer", "boolean", "object", "array", "null")],
)
def test_every_type_is_read_in_upper_case(kind: str, meant: str) -> None:
    """The SDKs' own `Type` has capitals."""
    assert standard({"type": kind}, "s") == {"type": meant}


@pytest.mark.parametrize(
    ("schema", "meant"),
    [
        ({"type": "OBJECT", "properties": {"a": TEXT}}, {"type": "object", "properties": {"a": LOWER}}),
        ({"type": "ARRAY", "items": TEXT}, {"type": "array", "items": LOWER}),
        ({"type": "array", "items": [TEXT]}, {"type": "array", "items": [LOWER]}),
        ({"prefixItems": [TEXT, TEXT]}, {"prefixItems": [LOWER, LOWER]}),
        ({"anyOf": [TEXT, {"anyOf": [TEXT]}]}, {"anyOf": [LOWER, {"anyOf": [LOWER]}]}),
        ({"oneOf": [TEXT], "allOf": [TEXT]}, {"oneOf": [LOWER], "allOf": [LOWER]}),
        ({"$defs": {"A": TEXT}, "$ref": "#/$defs/A"}, {"$defs": {"A": LOWER}, "$ref": "#/$defs/A"}),
        ({"definitions": {"A": TEXT}}, {"definitions": {"A": LOWER}}),
        ({"additionalProperties": TEXT}, {"additionalProperties": LOWER}),
        ({"type": ["STRING", "NULL"]}, {"type": ["string", "null"]}),
        ({**TEXT, "pattern": "5", "title": "7"}, {**LOWER, "pattern": "5", "title": "7"}),
        ({"anyOf": [True, TEXT, 5]}, {"anyOf": [True, LOWER, 5]}),
        ({"properties": {"a": True, "b": TEXT, "c": [TEXT]}}, {"properties": {"a": True, "b": LOWER, "c": [TEXT]}}),
    ],
)
def test_types_are_read_at_every_place_of_a_schema(schema: Any, meant: Any) -> None:
    """However deep, and in every keyword that holds schemas."""
    assert standard(schema, "s") == meant


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"type": {"enum": ["STRING", "OBJECT"]}}},
        {"type": "object", "properties": {"nullable": LOWER, "min_items": LOWER, "any_of": LOWER, "ref": LOWER}},
        {"const": {"type": "STRING", "nullable": True}},
        {"enum": [{"type": "STRING", "minItems": "1"}, None, "TYPE_UNSPECIFIED"]},
        {"default": {"type": "STRING", "x": None}, "example": None, "examples": [{"type": "OBJECT"}]},
        {"const": None},
        {"type": "String"},
        {"type": ["String", 5, {"type": "STRING"}]},
        {"pattern": "5", "description": "7", "title": "9" * 5, "format": "12"},
        {"ref": {"type": "string"}, "defs": ["string"], "minLength": 1},
        {"description": "STRING: a TYPE_UNSPECIFIED, nullable", "title": "OBJECT"},
    ],
)
def test_names_and_values_stay_as_they_are(schema: Any) -> None:
    """What only looks like the other spelling is none: names of properties, constants, defaults, words."""
    assert standard(schema, "s") == schema


@pytest.mark.parametrize(
    ("schema", "meant"),
    [
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": ["string", "null"], "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        (
            {"type": "STRING", "format": "enum", "enum": ["A", "B"], "nullable": True},
            {"type": ["string", "null"], "enum": ["A", "B", None]},
        ),
        ({"anyOf": [TEXT], "nullable": True}, {"anyOf": [LOWER, {"type": "null"}]}),
        ({"const": 1, "nullable": True}, {"enum": [1, None]}),
        ({"enum": ["A", None], "nullable": True}, {"enum": ["A", None]}),
        ({"enum": ["A"], "nullable": "yes"}, {"enum": ["A"], "nullable": "yes"}),
        ({"type": "NULL", "nullable": True}, {"type": "null"}),
        ({"anyOf": [TEXT, {"type": "NULL"}], "nullable": True}, {"anyOf": [LOWER, {"type": "null"}]}),
        ({"oneOf": [TEXT], "nullable": True}, {"oneOf": [LOWER, {"type": "null"}]}),
        ({"type": "STRING", "minLength": 2, "nullable": True}, {"type": ["string", "null"], "minLength": 2}),
        (
            {"$ref": "#/$defs/A", "description": "d", "$defs": {"A": TEXT}, "nullable": True},
            {"description": "d", "$defs": {"A": LOWER}, "anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]},
        ),
        ({"allOf": [TEXT], "nullable": True}, {"anyOf": [{"allOf": [LOWER]}, {"type": "null"}]}),
    ],
)
def test_nullable_lets_null_be_an_answer(schema: Any, meant: Any) -> None:
    """Null meets the schema besides what met it before, and nothing else does."""
    assert standard(schema, "s") == meant
    if schema.get("nullable") is True:
        assert compile(meant, "s").validate_value(None) is None
    assert compile(meant, "s").validate_value({}) is not None


COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")


@pytest.mark.parametrize("count", COUNTS)
def test_every_count_may_be_text_and_have_pythons_name(count: str) -> None:
    """The SDKs write 64-bit numbers as text."""
    assert standard({count: "12"}, "s") == {count: 12}
    python = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in count)
    assert standard({python: "12"}, "s") == {count: 12}
    assert standard({python: 12}, "s") == {count: 12}
    assert standard({count: "1" * 19}, "s") == {count: int("1" * 19)}


def test_a_keyword_under_both_of_its_names_is_left_to_be_refused() -> None:
    """Nobody can know which was meant."""
    both = {"minItems": 1, "min_items": 2, "type": "ARRAY"}
    assert standard(both, "s") == {**both, "type": "array"}


def test_a_schema_that_is_too_long_is_not_looked_at() -> None:
    """It is refused for that, and reading it would hold others up."""
    schema = {"type": "STRING", "description": ""}
    room = limits.BYTES - len(msgspec.json.encode(schema))
    assert standard({**schema, "description": "x" * room}, "s")["type"] == "string"
    assert standard({**schema, "description": "x" * (room + 1)}, "s")["type"] == "STRING"


def test_numbers_in_text_are_counts() -> None:
    """What they count is judged; what is no number stays to be complained of."""
    schema = {"type": "ARRAY", "items": TEXT, "minItems": "1", "maxItems": "2"}
    made = standard(schema, "s")
    assert (made["minItems"], made["maxItems"]) == (1, 2)
    assert compile(made, "s").validate_value(["a", "b", "c"]) is not None
    for text in ("many", "-1", "", "9" * 5000):
        assert standard({"type": "STRING", "maxLength": text}, "s") == {"type": "string", "maxLength": text}


def test_order_of_properties_is_the_one_that_is_asked_for() -> None:
    """`propertyOrdering` is done: an answer has its keys in that order, and those that it leaves out behind."""
    made = standard(
        {"type": "OBJECT", "properties": {"a": TEXT, "b": TEXT, "c": TEXT}, "propertyOrdering": ["c", "b"]}, "s"
    )
    assert list(made["properties"]) == ["c", "b", "a"]
    assert "propertyOrdering" not in made


@pytest.mark.parametrize(
    ("schema", "meant"),
    [
        ({"propertyOrdering": ["a"]}, {}),
        ({"properties": {"a": TEXT}, "propertyOrdering": ["b", 5, ["a"], "a"]}, {"properties": {"a": LOWER}}),
        ({"properties": [TEXT], "propertyOrdering": ["a"]}, {"properties": [TEXT]}),
        ({"properties": {"a": TEXT}, "propertyOrdering": "a"}, {"properties": {"a": LOWER}, "propertyOrdering": "a"}),
    ],
)
def test_an_order_names_properties_that_there_are(schema: Any, meant: Any) -> None:
    """Any other name in it changes nothing, and what is no list stays to be complained of."""
    assert standard(schema, "s") == meant


@pytest.mark.parametrize("path", ["#/defs/A", "#/defs/defs/A", "#/$defs/defs/A", "#/properties/defs"])
def test_references_lead_to_where_definitions_are(path: str) -> None:
    """Python's `defs` at the beginning is `$defs`; the same word further on is somebody's name."""
    assert standard({"ref": path}, "s") == {"$ref": path.replace("#/defs/", "#/$defs/")}


def test_names_that_python_has_for_the_keywords() -> None:
    """What a dump of the SDK's `Schema` says under Python's names counts, and null says nothing."""
    dumped = {
        "type": "OBJECT",
        "any_of": None,
        "description": None,
        "title": None,
        "enum": None,
        "default": None,
        "properties": {"list": {"type": "ARRAY", "min_items": 1, "items": {"ref": "#/defs/Cat"}, "required": None}},
        "property_ordering": ["list"],
        "additional_properties": False,
        "defs": {"Cat": {"any_of": [TEXT, {"type": "INTEGER"}]}},
    }
    assert standard(dumped, "s") == {
        "type": "object",
        "default": None,
        "properties": {"list": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Cat"}}},
        "additionalProperties": False,
        "$defs": {"Cat": {"anyOf": [LOWER, {"type": "integer"}]}},
    }


@pytest.mark.parametrize(
    ("schema", "where"),
    [
        ({"type": "TYPE_UNSPECIFIED"}, "s.type"),
        ({"properties": {"a": {"items": {"type": "TYPE_UNSPECIFIED"}}}}, "s.properties.a.items.type"),
        ({"type": ["STRING", "TYPE_UNSPECIFIED"]}, "s.type"),
    ],
)
def test_a_type_that_is_none_is_refused_by_its_name(schema: Any, where: str) -> None:
    """`TYPE_UNSPECIFIED` is a word of the SDKs' enum that nothing could be of."""
    with pytest.raises(Failure, match="TYPE_UNSPECIFIED") as refused:
        standard(schema, "s")
    assert f"'{where}'" in refused.value.message
