import json
import random
from typing import Any

import pytest
from benchmarks.schemas.walking import walk

from interplay.schemas import compile  # noqa: A004 - its verb

TEXT = {"type": "string"}
PERSON: Any = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "born": {"type": ["string", "null"], "format": "date"},
        "pets": {"type": "array", "maxItems": 2, "items": {"$ref": "#/$defs/Pet"}},
        "contact": {
            "anyOf": [
                {"type": "object", "properties": {"kind": {"const": "mail"}, "to": TEXT}, "required": ["kind", "to"]},
                {"type": "null"},
            ]
        },
    },
    "required": ["name"],
    "additionalProperties": False,
    "$defs": {"Pet": {"type": "object", "properties": {"legs": {"enum": [2, 4]}}, "required": ["legs"]}},
}

WRONG = [
    ("", "The text is not valid JSON"),
    ('{"name": "a"', "The text is not valid JSON"),
    ('{"name": NaN}', "The text is not valid JSON"),
    ('{"name": "a"} and so on', "The text is not valid JSON"),
    ("[]", "The value is [], expected object."),
    ("{}", 'The value is {}, expected an object with the property "name".'),
    ('{"name": 5}', "'name' is 5, expected string."),
    ('{"name": "a", "age": -1}', "'age' is -1, expected at least 0."),
    ('{"name": "a", "age": true}', "'age' is true, expected integer."),
    ('{"name": "a", "born": "2023-02-29"}', "'born' is \"2023-02-29\", expected a date as in 2026-11-23."),
    ('{"name": "a", "pets": [{"legs": 4}, {"legs": 3}]}', "'pets[1].legs' is 3, expected one of [2,4]."),
    ('{"name": "a", "pets": [{"legs": 2}, {"legs": 2}, {"legs": 2}]}', "expected at most 2 items."),
    ('{"name": "a", "x": 1}', 'expected an object without "x".'),
    ('{"name": "a", "contact": {"kind": "mail", "to": 1}}', "'contact.to' is 1, expected string."),
    ('{"name": "a", "contact": {"kind": "mail"}}', 'expected an object with the property "to"'),
    ('{"name": "a", "contact": 1}', "'contact' is 1, expected a value that matches one of the alternatives"),
    ("[" * 100_000, "nested too deeply"),
    ("[" * 500 + "]" * 500, "nested more than 97 levels deep"),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=lambda value: value[:40])
def test_a_wrong_answer_is_told_by_place_value_and_expectation(text: str, words: str) -> None:
    """One sentence that a model can correct itself by."""
    said = compile(PERSON, "schema").validate(text)
    assert said is not None
    assert words in said


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "a"}',
        '{"age": 5, "name": "größer", "born": null, "contact": null}',
        '{"name": "a", "born": "2024-02-29", "pets": [{"legs": 2.0}]}',
    ],
)
def test_a_right_answer_has_nothing_wrong_with_it(text: str) -> None:
    """In any order of its properties, as text or as bytes."""
    assert compile(PERSON, "schema").validate(text) is None


@pytest.mark.parametrize(
    ("format", "right", "wrong"),
    [
        ("date", "2000-02-29", "1900-02-29"),
        ("date", "2026-12-31", "2026-13-01"),
        ("time", "23:59:59.5+02:00", "23:59:59"),
        ("time", "00:00:00Z", "24:00:00Z"),
        ("date-time", "2026-11-23T04:05:06Z", "2026-11-23 at noon"),
        ("date-time", "2026-11-23T04:05:06.123456-08:00", "2026-02-30T04:05:06Z"),
    ],
)
def test_formats_are_checked(format: str, right: str, wrong: str) -> None:
    """Dates that there are, and times with a zone."""
    schema = compile({"type": "string", "format": format}, "schema")
    assert schema.validate(f'"{right}"') is None
    assert schema.validate(f'"{wrong}"') is not None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ({"type": "string", "pattern": "^a$", "minLength": 5}, '"b"'),
        ({"type": "string", "maxLength": 1, "format": "email"}, '"no mail"'),
        ({"type": "array", "uniqueItems": True, "contains": {"const": 3}}, "[1, 1]"),
        ({"type": "object", "minProperties": 2, "propertyNames": {"pattern": "x"}}, '{"a": 1}'),
        ({"type": "number", "multipleOf": 2}, "3"),
        ({"not": {"type": "string"}}, '"a"'),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "1"),
    ],
)
def test_what_the_api_ignores_is_ignored(raw: Any, text: str) -> None:
    """Keywords outside the API's subset change nothing; `oneOf` is read as `anyOf`."""
    assert compile(raw, "schema").validate(text) is None


@pytest.mark.parametrize("beside", [{}, {"allOf": [{"type": ["integer", "string", "null"]}]}])
def test_two_unions_at_one_place_hold_both(beside: Any) -> None:
    """`oneOf` beside `anyOf` is a second condition, whatever else must hold."""
    unions = {"anyOf": [{"type": "integer"}, {"type": "null"}], "oneOf": [{"type": "integer"}, {"type": "string"}]}
    schema = compile(unions | beside, "schema")
    assert [schema.validate(text) is None for text in ("1", "null", '"a"')] == [True, False, False]


@pytest.mark.parametrize(
    ("others", "right", "wrong"),
    [
        (False, '{"x": true, "a": 1, "b": "c"}', '{"a": true}'),
        ({"type": "null"}, '{"x": true, "a": 1, "c": null}', '{"c": []}'),
        (True, '{"x": true, "a": 1, "c": [2]}', '{"x": 1}'),
    ],
)
def test_what_patterns_of_names_allow_is_allowed(others: Any, right: str, wrong: str) -> None:
    """Patterns are ignored, but what `additionalProperties` forbids is about the names that they do not match."""
    patterns = {"^a": {"type": "integer"}, "^b": {"type": "string"}}
    raw = {"properties": {"x": {"type": "boolean"}}, "patternProperties": patterns, "additionalProperties": others}
    schema = compile(raw, "schema")
    assert schema.validate(right) is None
    assert schema.validate(wrong) is not None


def test_a_property_that_only_a_pattern_allows_may_be_required() -> None:
    """Such a schema is none that nothing satisfies; the grammar writes the property with the pattern's value."""
    raw = {"patternProperties": {"^line[1-3]$": {"enum": [5]}}, "additionalProperties": False, "required": ["line1"]}
    schema = compile(raw, "schema")
    assert json.loads(walk(schema.rules, schema.rules["root"], random.Random(4)))["line1"] == 5


@pytest.mark.parametrize(
    ("raw", "right", "wrong"),
    [
        ({"minimum": 0, "exclusiveMinimum": True}, "0.5", "0"),
        ({"maximum": 3, "exclusiveMaximum": True}, "2", "3"),
        ({"minimum": 0, "exclusiveMinimum": False, "exclusiveMaximum": True}, "0", "-1"),
    ],
)
def test_bounds_may_be_said_as_older_drafts_say_them(raw: Any, right: str, wrong: str) -> None:
    """With a flag beside the bound, as OpenAPI 3.0 has it; a flag without a bound says nothing."""
    assert compile(raw, "schema").validate(right) is None
    assert compile(raw, "schema").validate(wrong) is not None


def test_lists_may_be_said_as_older_drafts_say_them() -> None:
    """With a list of schemas as `items`; `additionalItems` is about what comes behind those."""
    schema = compile({"items": [{"type": "integer"}], "additionalItems": {"type": "null"}}, "schema")
    assert [schema.validate(text) is None for text in ("[1, null]", "[1, 2]")] == [True, False]


@pytest.mark.parametrize("key", ["$id", "id"])
def test_a_reference_may_name_the_schema_that_it_is_in(key: str) -> None:
    """By the schema's own identifier: nothing has to be fetched for that."""
    name = "https://example.com/tree.json"
    leaf = {"$ref": f"{name}#/$defs/Leaf"}
    raw = {key: f"{name}#", "properties": {"leaf": leaf, "next": {"$ref": name}}, "$defs": {"Leaf": {"const": 5}}}
    schema = compile(raw, "schema")
    assert schema.validate('{"next": {"next": {"leaf": 5}}}') is None
    assert schema.validate('{"next": {"next": {"leaf": 6}}}') is not None


@pytest.mark.parametrize(("pointer", "name"), [("a~1b", "a/b"), ("a~0b", "a~b"), ("a~01", "a~1"), ("a%20b", "a b")])
def test_a_reference_names_what_it_points_to_in_the_escapes_of_json_pointers(pointer: str, name: str) -> None:
    """Each escape is read once: `~01` is a tilde and a 1."""
    schema = compile({"$ref": f"#/$defs/{pointer}", "$defs": {name: {"const": 5}}}, "schema")
    assert [schema.validate(text) is None for text in "56"] == [True, False]


@pytest.mark.parametrize("leaf", [{"$anchor": "leaf"}, {"$dynamicAnchor": "leaf"}, {"$id": "#leaf"}, {"id": "#leaf"}])
@pytest.mark.parametrize("reference", ["#leaf", "https://example.com/tree.json#leaf"])
def test_a_reference_may_be_the_name_of_a_schema(leaf: Any, reference: str) -> None:
    """An anchor, as today's drafts and older ones write it, wherever in the document."""
    raw = {
        "$id": "https://example.com/tree.json",
        "properties": {"first": {"$ref": reference}},
        "not": {"anyOf": [{**leaf, "const": 5}]},
    }
    schema = compile(raw, "schema")
    assert schema.validate('{"first": 5}') is None
    assert schema.validate('{"first": 6}') is not None


def test_a_schema_may_refer_to_itself_by_its_name() -> None:
    """The recursion is unrolled in the grammar, like any other; the root may have a name as well."""
    node = {"$anchor": "node", "type": "object", "properties": {"next": {"$ref": "#node"}, "top": {"$ref": "#top"}}}
    raw = {"$anchor": "top", "properties": {"node": {"$ref": "#node"}}, "$defs": {"n": node}}
    schema = compile(raw, "schema")
    assert schema.validate('{"node": {"next": {"next": {"top": {"node": {}}}}}}') is None
    assert schema.validate('{"node": {"next": {"next": {"top": {"node": 1}}}}}') is not None
    assert schema.validate(walk(schema.rules, schema.rules["root"], random.Random(7))) is None


def test_a_name_counts_within_its_own_document() -> None:
    """Below a schema with an `$id`, names are its own: the same one may be there inside and outside."""
    inner = {
        "$id": "https://example.com/b.json",
        "properties": {"x": {"$ref": "#a"}},
        "$defs": {"a": {"$anchor": "a", "const": 1}},
    }
    raw = {"properties": {"x": {"$ref": "#a"}, "inner": inner}, "$defs": {"a": {"$anchor": "a", "const": 2}}}
    schema = compile(raw, "schema")
    assert schema.validate('{"x": 2, "inner": {"x": 1}}') is None
    assert schema.validate('{"x": 1}') is not None
    assert schema.validate('{"inner": {"x": 2}}') is not None


@pytest.mark.parametrize("raw", [{"$anchor": 5}, {"$defs": {"a": {"$anchor": "a"}, "b": {"$anchor": "a"}}}])
def test_a_name_that_nothing_refers_to_is_ignored(raw: Any) -> None:
    """As the API ignores it, whatever it is."""
    assert compile(raw, "schema").validate("1") is None


def test_what_stands_beside_a_reference_holds_as_well() -> None:
    """`$ref`, `allOf` and `anyOf` add to what is around them."""
    pet = {"type": "object", "properties": {"legs": {"type": "integer"}}}
    schema = compile({"$ref": "#/$defs/Pet", "required": ["legs"], "$defs": {"Pet": pet}}, "schema")
    assert schema.validate("{}") is not None
    assert '"{" "\\"legs\\": "' in schema.grammar


def test_numbers_keep_their_digits_when_an_answer_is_put_in_order() -> None:
    """Nothing but the order changes; what is in order already is returned as it came."""
    schema = compile({"properties": {"a": {"type": "number"}, "b": {"properties": {"c": {}, "d": {}}}}}, "schema")
    assert schema.ordered('{"b": {"d": 1, "c": 2}, "a": 1.10}') == '{"a":1.10,"b":{"c":2,"d":1}}'
    assert schema.ordered('{"a": 12345678901234567890.5}') == '{"a": 12345678901234567890.5}'


def test_values_that_several_schemas_list_are_those_that_all_do() -> None:
    """As JSON counts them equal: 1 and 1.0 are, 1 and true are not, nor are lists in another order."""
    lists = [[1, True, [1, 2], {"a": 1.0, "b": 2}, "x"], ["x", 1.0, [2, 1], {"b": 2, "a": 1}, "y"]]
    schema = compile(
        {"allOf": [{"enum": values} for values in lists], "type": ["integer", "object", "boolean"]}, "schema"
    )
    chance = random.Random(8)
    found = {walk(schema.rules, schema.rules["root"], chance) for _ in range(50)}
    assert found == {"1", '{"a": 1.0, "b": 2}'}


def test_definitions_of_the_same_name_are_kept_apart() -> None:
    """Wherever they stand: each reference leads to its own."""
    lists = {str(number): {"items": {"const": number}} for number in range(5)}
    others = {f"x{number}": {"$ref": f"#/properties/{number}/items"} for number in range(5)}
    schema = compile({"properties": {**lists, **others}}, "schema")
    assert schema.validate('{"x0": 0, "x1": 1, "x2": 2, "x3": 3, "x4": 4}') is None
    assert all(schema.validate(f'{{"x{number}": {(number + 1) % 5}}}') for number in range(5))


def test_the_alternative_with_the_right_constant_gives_the_order() -> None:
    """In a union an object is put in the order of what it says it is."""
    circle = {"properties": {"kind": {"const": "circle"}, "x": {}, "r": {}}, "required": ["kind"]}
    square = {"properties": {"r": {}, "x": {}, "kind": {"const": "square"}}, "required": ["kind"]}
    schema = compile({"type": "array", "items": {"anyOf": [circle, square]}}, "schema")
    text = '[{"x":1,"r":2,"kind":"square"},{"x":1,"r":2,"kind":"circle"}]'
    assert schema.ordered(text) == '[{"r":2,"x":1,"kind":"square"},{"kind":"circle","x":1,"r":2}]'


def test_the_alternative_that_lacks_nothing_gives_the_order() -> None:
    """Properties that may be left out are not missed."""
    full = {"properties": {"a": {}, "x": {}, "b": {}, "c": {}}, "required": ["a"]}
    other = {"properties": {"x": {}, "z": {}}, "required": ["z"]}
    schema = compile({"anyOf": [other, full]}, "schema")
    assert schema.ordered('{"x":1,"a":2}') == '{"a":2,"x":1}'
