import json
from typing import Any

import pytest

from interplay.errors import Failure
from interplay.models.base import Function
from interplay.models.local.functions import decision
from interplay.schemas import compile, limits  # noqa: A004 - its verb

NEVER: Any = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}

REFUSED: list[tuple[Any, str]] = [
    ([], "'at': expected a schema (an object), got []"),
    ({"type": 5}, "'at.type': expected one of string, number, integer, boolean, object, array, null"),
    ({"type": "STRING"}, 'did you mean "string"?'),
    ({"type": []}, "'at.type': expected one of"),
    ({"properties": {"a b": {"type": "x"}}}, "'at.properties[\"a b\"].type': expected one of"),
    ({"properties": ["a"]}, "'at.properties': expected an object whose values are schemas, got [\"a\"]"),
    ({"required": ["a", 1]}, "'at.required': expected a list of property names, got [\"a\",1]"),
    ({"additionalProperties": "no"}, "'at.additionalProperties': expected a schema"),
    ({"enum": []}, "'at.enum': expected a list of at least one value, got []"),
    ({"enum": "a"}, "'at.enum': expected a list of at least one value, got \"a\""),
    ({"minimum": "1"}, "'at.minimum': expected a number, got \"1\""),
    ({"exclusiveMinimum": "0"}, "'at.exclusiveMinimum': expected a number, got \"0\""),
    ({"minimum": 4, "maximum": 3}, "'at.maximum': expected at least 'minimum', which is 4, got 3"),
    ({"exclusiveMinimum": 3, "maximum": 3}, "'at.maximum': expected more than 'exclusiveMinimum', which is 3, got 3"),
    ({"minItems": 1.5}, "'at.minItems': expected a whole number from 0, got 1.5"),
    ({"minItems": 3, "maxItems": 2}, "'at.maxItems': expected at least 'minItems', which is 3, got 2"),
    ({"anyOf": []}, "'at.anyOf': expected a list of at least one schema, got []"),
    ({"oneOf": [{"oneOf": 1}]}, "'at.oneOf[0].oneOf': expected a list of at least one schema, got 1"),
    ({"items": [{"type": "y"}]}, "'at.items[0].type'"),
    (
        {"patternProperties": {"x": {"type": "y"}}, "additionalProperties": False},
        "'at.patternProperties.type': expected one of string",
    ),
    ({"$ref": 3}, "'at.$ref': expected a string, got 3"),
    ({"$ref": "https://example.com/a.json"}, "others are never fetched"),
    ({"$ref": "#/$defs/b", "$defs": {"a": {}}}, '"#/$defs/b" points to nothing: there is no "b" in it'),
    ({"$ref": "#b", "$defs": {"a": {"$anchor": "a"}}}, "'at.$ref': \"#b\" points to nothing: no schema here has that"),
    ({"items": {"$ref": "#a"}, "enum": [{"$anchor": "a"}]}, "'at.items.$ref': \"#a\" points to nothing"),
    (
        {"properties": {"x": {"$ref": "#a"}}, "$defs": {"b": {"$anchor": "a"}, "c": {"items": {"$anchor": "a"}}}},
        "'at.properties.x.$ref': \"#a\" is ambiguous: $defs.b and $defs.c.items both have that '$anchor'",
    ),
    ({"$id": "https://example.com/a", "$ref": "https://example.com/b#c"}, "others are never fetched"),
    ({"$ref": "#/title", "title": "x"}, "expected a reference to a schema"),
    ({"$defs": {"a": 1}}, "'at.$defs.a': expected a schema"),
    ({"$defs": {"a": {"type": "?"}}}, "'at.$defs.a.type'"),
    ({"$ref": "#"}, "it refers to itself with no object or list in between"),
    ({"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "it refers to itself with no object or list in between"),
    (NEVER, "no finite value can satisfy it: '$.next"),
    (False, "no value can satisfy it"),
    ({"type": "string", "enum": [1, 2]}, "no value can satisfy it"),
    ({"type": "integer", "minimum": 0.2, "maximum": 0.8}, "no value can satisfy it"),
    ({"allOf": [{"format": "date"}, {"format": "time"}]}, "no value can satisfy it"),
    ({"type": "array", "prefixItems": [{}], "items": False, "minItems": 2}, "no value can satisfy it"),
    ({"properties": {"a": {"properties": {"b": False}, "required": ["b"]}}, "required": ["a"]}, "about '$.a.b'"),
    (b'{"type": ', "expected a JSON schema, got bytes that are not JSON"),
]


@pytest.mark.parametrize(("raw", "words"), REFUSED, ids=lambda value: None if isinstance(value, str) else repr(value))
def test_a_wrong_schema_is_refused_with_its_place_and_what_was_expected(raw: Any, words: str) -> None:
    """Each message is a 400 that begins with the field, and says what was found there."""
    with pytest.raises(Failure) as refused:
        compile(raw, "at")
    assert refused.value.code == "invalid_request"
    assert refused.value.message.startswith("Invalid value for 'at")
    assert words in refused.value.message


def nested(levels: int) -> dict[str, Any]:
    """Lists of lists of lists."""
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(levels - 1):
        schema = {"type": "array", "items": schema}
    return schema


def chained(links: int) -> dict[str, Any]:
    """A reference to a reference to a reference."""
    links_ = {f"d{link}": {"$ref": f"#/$defs/d{link + 1}"} for link in range(links)}
    return {"$ref": "#/$defs/d0", "$defs": {**links_, f"d{links}": {"type": "null"}}}


def deep_answer(levels: int) -> dict[str, Any]:
    """Objects that must stand in one another, each defined on its own."""
    links = {
        f"d{link}": {"type": "object", "properties": {"a": {"$ref": f"#/$defs/d{link + 1}"}}, "required": ["a"]}
        for link in range(levels)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**links, f"d{levels}": {"type": "null"}}}


def product(lists: int) -> dict[str, Any]:
    """Unions that must hold together: twice as many ways with each."""
    return {"allOf": [{"anyOf": [{"properties": {f"{number}{side}": {}}} for side in "ab"]} for number in range(lists)]}


def numbers(count: int) -> dict[str, Any]:
    """Ranges whose grammars go through very many digits."""
    return {
        "properties": {str(number): {"minimum": 1.2345e-16, "maximum": 1.2345e29 + number} for number in range(count)}
    }


def far(number: int) -> dict[str, Any]:
    """The bounds of a whole type, as generators of schemas write them with every property."""
    int64 = {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}
    double = {"type": "number", "minimum": -1.7976931348623157e308, "maximum": 1.7976931348623157e308}
    return int64 if number % 2 else double


def shared(values: dict[str, Any], count: int) -> dict[str, Any]:
    """Values that stand in the schema once, and have to be looked at in many places."""
    at = {"$defs": {"values": values}}
    return {
        "properties": {str(n): {"allOf": [{"$ref": "#/$defs/values"}, {"minItems": n}]} for n in range(count)},
        **at,
    }


FOUR = [{"required": [name]} for name in "0123"]
TOO_LARGE: list[tuple[Any, str]] = [
    ({"description": "x" * limits.BYTES}, f"at most {limits.BYTES} bytes"),
    (nested(limits.DEPTH + 1), f"at most {limits.DEPTH} levels deep"),
    ({"properties": {str(number): {} for number in range(limits.PROPERTIES + 1)}}, f"{limits.PROPERTIES} properties"),
    ({"enum": list(range(limits.ENUM_VALUES + 1))}, f"{limits.ENUM_VALUES} values"),
    ({"minItems": limits.ITEMS + 1}, f"at most {limits.ITEMS} items"),
    (deep_answer(limits.ANSWER_DEPTH + 1), f"at most {limits.ANSWER_DEPTH} are allowed"),
    (chained(limits.CHAIN + 1), f"more than {limits.CHAIN} '$ref'"),
    ({"minimum": 1e31}, "expected 0 or a number between 1e-30 and 1e+30 away from it, got 1e31"),
    ({"maximum": -1e31}, "expected 0 or a number between 1e-30 and 1e+30 away from it, got -1e31"),
    ({"exclusiveMaximum": 1e-300}, "expected 0 or a number between 1e-30"),
    ({"const": json.loads("[" * 200 + "]" * 200)}, f"at most {limits.ANSWER_DEPTH} levels deep"),
    ({"properties": {str(n): {"type": ["null", "string"]} for n in range(1999)}, "anyOf": FOUR}, "too complex"),
    (product(12), f"more than {limits.ALTERNATIVES} ways"),
    (numbers(1900), f"it may take {limits.EFFORT} steps to compile, and takes"),
    (shared({"const": "x" * 40_000}, 1000), f"more than {limits.STEPS} steps"),
    (shared({"enum": list(range(2000))}, 1000), f"more than {limits.STEPS} steps"),
    ({"allOf": [{"properties": {str(number): {}}} for number in range(1900)]}, f"more than {limits.STEPS} steps"),
    ({"allOf": [{}] * 30_000}, f"more than {limits.STEPS} steps"),
]


@pytest.mark.parametrize(("raw", "words"), TOO_LARGE, ids=lambda value: value if isinstance(value, str) else "raw")
def test_a_schema_that_is_too_large_is_refused_with_the_limit(raw: Any, words: str) -> None:
    """The message says which limit it is over, and what the limit is."""
    with pytest.raises(Failure) as refused:
        compile(raw, "at")
    assert refused.value.code == "invalid_request"
    assert words in refused.value.message


@pytest.mark.parametrize(
    "raw",
    [
        nested(limits.DEPTH),
        {"items": {"$ref": "#/$defs/a"}, "$defs": {"a": nested(limits.DEPTH)}},
        {"properties": {"items": {"$ref": "#/items/items"}}, "items": nested(limits.DEPTH - 1)},
        {"properties": {str(number): {} for number in range(limits.PROPERTIES)}},
        {"enum": list(range(limits.ENUM_VALUES))},
        {"minItems": limits.ITEMS},
        {"prefixItems": [{"type": "null"}] * limits.ITEMS, "minItems": limits.ITEMS // 2},
        {"type": "number", "minimum": -1e300, "maximum": 1e300},
        {"properties": {str(number): far(number) for number in range(1400)}},
        chained(limits.CHAIN - 1),
        deep_answer(limits.ANSWER_DEPTH),
    ],
    ids=[
        "depth",
        "definition",
        "pointer",
        "properties",
        "enum",
        "items",
        "tuple",
        "far bounds",
        "types' bounds",
        "chain",
        "answer",
    ],
)
def test_a_schema_as_large_as_the_limits_allow_compiles(raw: Any) -> None:
    """The limits themselves are not over the limits, and the grammar is made without trouble."""
    schema = compile(raw, "at")
    assert schema.grammar
    assert decision.grammar([Function("f", "", raw, schema)], "none", must_call=True)
    assert schema.for_grammar()


@pytest.mark.parametrize(
    "raw",
    [
        product(8),
        {"properties": {f"p{number}": {"$ref": "#"} for number in range(500)}, **product(3)},
        numbers(400),
        {"enum": ["x" * 500 + str(number) for number in range(200)]},
        {"properties": {"x" * number: {} for number in range(1, 200)}, "additionalProperties": True},
        {"properties": {chr(0x400 + number) * 50: {} for number in range(200)}, "additionalProperties": True},
        shared({"enum": [[number] for number in range(200)]}, 100),
        {"type": "array", "prefixItems": [{"type": "array", "minItems": number} for number in range(500)]},
    ],
    ids=["product", "recursion", "numbers", "enum", "alike", "unlike", "shared", "tuple"],
)
def test_what_a_schema_takes_grows_with_its_grammar(raw: Any) -> None:
    """A grammar of a hundred thousand characters is not had for a few steps, whatever makes it large."""
    schema = compile(raw, "at")
    assert len(schema.grammar) < 2000 + 30 * schema.effort


def test_a_schema_nested_too_deeply_to_be_read_at_all_is_refused() -> None:
    """No recursion of ours or of a library's gets out."""
    with pytest.raises(Failure, match="deep"):
        compile(nested(3000), "at")
    with pytest.raises(Failure, match="deep"):
        compile(b'{"items":' * 100_000, "at")


def test_work_on_large_values_is_counted() -> None:
    """Many places that share an enum of many objects are refused as too complex, and soon."""
    objects = {"enum": [{"a": [number]} for number in range(2000)]}
    shared = {"allOf": [{"$ref": "#/$defs/e"}, {"type": ["object", "null"]}]}
    with pytest.raises(Failure, match="too complex"):
        compile({"$defs": {"e": objects}, "properties": {f"p{n}": shared for n in range(100)}}, "schema")
