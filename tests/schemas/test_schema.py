import json
import random
import timeit
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from benchmarks.schemas.measure import SCHEMAS
from benchmarks.schemas.walking import walk
from hypothesis import given
from hypothesis import strategies as st

from interplay.schemas import compile, grammar, limits  # noqa: A004 - its verb
from interplay.schemas.digits import numerals
from interplay.schemas.schema import compiled
from interplay.schemas.shapes import Fields, Number

COLLECTION: list[Any] = json.loads(SCHEMAS.read_text(encoding="utf-8"))
TREE: Any = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#"}}},
    "required": ["name", "children"],
}


def test_the_same_schema_is_compiled_once() -> None:
    """As decoded JSON or as bytes, wherever it stands in the request. Another order of keys is another schema."""
    first = compile({"type": "object", "properties": {"a": {}, "b": {}}}, "one")
    assert compile(b'{"type": "object", "properties": {"a": {}, "b": {}}}', "two") is first
    assert compile({"type": "object", "properties": {"b": {}, "a": {}}}, "one") is not first


def test_the_cache_has_an_end() -> None:
    """However many schemas are sent, only so many are kept."""
    for number in range(limits.CACHED + 10):
        compile({"const": number}, "schema")
    assert compiled.cache_info().currsize == limits.CACHED


def test_a_schema_that_is_known_costs_next_to_nothing() -> None:
    """Under a millisecond, the largest of our collection."""
    largest = max((row["schema"] for row in COLLECTION), key=lambda raw: len(json.dumps(raw)))
    compile(largest, "schema")
    spent = min(timeit.repeat(partial(compile, largest, "schema"), number=1, repeat=5))
    assert spent < 0.001


@pytest.mark.parametrize("row", COLLECTION, ids=[row["name"] for row in COLLECTION])
def test_every_schema_of_the_collection_has_a_grammar_and_keeps_its_promise(row: Any) -> None:
    """Real-world-like schemas: each compiles, and what its grammar lets through is valid and in order."""
    schema = compile(row["schema"], "schema")
    rules, chance = grammar.rules(schema._bounded), random.Random(6)
    for _ in range(5):
        text = walk(rules, rules["root"], chance)
        assert schema.validate(text) is None
        assert schema.ordered(text) == text


def deepest(value: Any) -> int:
    """How often `children` stand in one another."""
    return 1 + max(map(deepest, value["children"]), default=0)


def test_recursion_ends() -> None:
    """A grammar for a tree lets through trees of a certain height, and none higher."""
    rules = grammar.rules(compile(TREE, "schema")._bounded)
    chance = random.Random(1)
    heights = {deepest(json.loads(walk(rules, rules["root"], chance))) for _ in range(60)}
    assert 1 < max(heights) <= limits.RECURSION + 1


def test_recursion_goes_less_deep_where_it_would_come_to_too_much() -> None:
    """A wide recursive schema is accepted; its grammar stops earlier."""
    raw = {"properties": {f"p{number}": {"$ref": "#"} for number in range(limits.PROPERTIES)}}
    rules = grammar.rules(compile(raw, "schema")._bounded)
    assert len(rules) < 4 * limits.PARTS


def test_properties_come_in_the_order_of_the_schema() -> None:
    """Required or not."""
    names = ["z", "a", "m", "b"]
    raw = {"properties": {name: {"type": "null"} for name in names}, "required": ["m"]}
    rules = grammar.rules(compile(raw, "schema")._bounded)
    chance = random.Random(2)
    for _ in range(30):
        found = list(json.loads(walk(rules, rules["root"], chance)))
        assert found == [name for name in names if name in found]
        assert "m" in found


@pytest.mark.parametrize(
    ("raw", "lengths"),
    [
        ({"prefixItems": [{"type": "null"}] * 3, "minItems": 1}, {1, 2, 3}),
        ({"prefixItems": [{"type": "null"}], "items": {"type": "null"}, "minItems": 1, "maxItems": 3}, {1, 2, 3}),
        ({"items": {"type": "null"}, "maxItems": 2}, {0, 1, 2}),
        ({"items": {"type": "null"}, "minItems": 1, "maxItems": 2}, {1, 2}),
        ({"items": {"type": "null"}, "minItems": 2, "maxItems": 4}, {2, 3, 4}),
    ],
)
def test_no_length_of_a_list_is_left_out(raw: Any, lengths: set[int]) -> None:
    """From the fewest items to the most."""
    rules, chance = grammar.rules(compile(raw, "schema")._bounded), random.Random(5)
    assert {len(json.loads(walk(rules, rules["root"], chance))) for _ in range(300)} == lengths


def test_a_free_name_is_none_of_those_in_the_schema() -> None:
    """A further property could else take the place of a declared one, with another kind of value."""
    raw = {"properties": {"a": {"type": "null"}, "ab": {"type": "null"}}, "additionalProperties": {"type": "integer"}}
    schema = compile(raw, "schema")
    rules, chance = grammar.rules(schema._bounded), random.Random(3)
    names = set()
    for _ in range(300):
        value = json.loads(walk(rules, rules["root"], chance))
        names |= {name for name, inner in value.items() if inner is not None}
    assert names
    assert not names & {"a", "ab"}
    assert any(name.startswith("a") for name in names)


def test_a_free_name_is_none_of_those_that_go_no_deeper() -> None:
    """Where recursion ends, the property that went on is left out, and nothing else takes its name."""
    raw = {"properties": {"n": {"$ref": "#"}}, "additionalProperties": {"type": "integer"}}
    schema = compile(raw, "schema")
    objects = [kind for shape in schema._bounded.at.values() for kind in shape if isinstance(kind, Fields)]
    ends = [kind for kind in objects if not kind.fields]
    assert ends
    chance = random.Random(7)
    names = {walk({}, grammar.other_name(end), chance) for end in ends for _ in range(300)}
    assert "n" not in names
    assert any(name.startswith("n") for name in names)
    closed = [inner for inner in schema.for_grammar()["$defs"].values() if not inner.get("properties", True)]
    assert [inner["additionalProperties"] for inner in closed] == [False]


BOUNDS = st.none() | st.integers(-(10**16), 10**16).map(Decimal) | st.decimals(-1000, 1000, places=3)


@given(BOUNDS, BOUNDS, st.booleans(), st.booleans(), st.integers(0, 2**32))
def test_numerals_lie_in_their_range(
    low: Decimal | None, high: Decimal | None, above: bool, below: bool, seed: int
) -> None:
    """Whatever the bounds, every way through the digits is a JSON number between them."""
    if low is not None and high is not None and low >= high:
        low, high = high, low
        if low == high:
            above = below = False
    number = Number(low=low, high=high, above=above, below=below)
    for _ in range(20):
        text = walk({}, numerals(number), random.Random(seed))
        value = Decimal(text)
        json.loads(text)
        assert low is None or (value > low if above else value >= low)
        assert high is None or (value < high if below else value <= high)


@pytest.mark.parametrize(
    "raw",
    [
        {"allOf": [{"type": "number"}, {"type": "integer"}], "minimum": 3, "maximum": 4},
        {"type": "integer", "exclusiveMinimum": 2.5, "exclusiveMaximum": 4.5},
    ],
)
def test_whole_numbers_are_numbers_between_any_bounds(raw: Any) -> None:
    """A number that must be whole as well is; bounds that are not whole are out anyway."""
    rules, chance = grammar.rules(compile(raw, "schema")._bounded), random.Random(9)
    assert {walk(rules, rules["root"], chance) for _ in range(50)} == {"3", "4"}


def test_of_two_equal_bounds_the_one_that_is_itself_out_holds() -> None:
    """Whatever keyword comes first, and wherever it stands."""
    raw = {"type": "integer", "minimum": 3, "exclusiveMinimum": 3, "maximum": 5, "allOf": [{"exclusiveMaximum": 5}]}
    rules, chance = grammar.rules(compile(raw, "schema")._bounded), random.Random(8)
    assert {walk(rules, rules["root"], chance) for _ in range(50)} == {"4"}


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 9), (3, 7), (9, 10), (5, 117), (98, 1002), (-12, 34), (-99, -9)])
def test_numerals_leave_no_whole_number_out(low: int, high: int) -> None:
    """Every number of a range can come up."""
    rule, chance = numerals(Number(whole=True, low=Decimal(low), high=Decimal(high))), random.Random(4)
    found = {int(walk({}, rule, chance)) for _ in range(40_000)}
    assert found == set(range(low, high + 1))


def test_an_upstream_gets_a_closed_schema_with_its_definitions_at_the_top() -> None:
    """Without what the API ignores, and strict only where OpenAI's strict mode would take it."""
    sent = compile({"title": "A tree", "default": 1, **TREE}, "schema").for_upstream()["json_schema"]
    assert sent["name"] == "A_tree"
    assert sent["strict"] is True
    assert sent["schema"]["properties"]["children"]["items"] == {"$ref": "#/$defs/root"}
    assert sent["schema"]["additionalProperties"] is False
    assert "default" not in sent["schema"]


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "array", "items": {"type": "string"}},
        {"anyOf": [{"type": "object", "properties": {}, "additionalProperties": False}]},
    ],
)
def test_strict_is_not_claimed_where_it_would_be_refused(raw: Any) -> None:
    """Optional properties, open objects, and roots that are no objects."""
    assert compile(raw, "schema").for_upstream()["json_schema"]["strict"] is False


A, B = ({"properties": {name: {"type": "null"}}, "required": [name]} for name in "ab")


@pytest.mark.parametrize(
    "raw",
    [
        {"allOf": [A, B]},
        A | {"anyOf": [B]},
        A | {"$ref": "#/$defs/b", "$defs": {"b": B}},
        {"$ref": "#/$defs/a", "anyOf": [B], "$defs": {"a": A}},
    ],
)
def test_all_that_must_hold_together_is_not_closed_part_by_part(raw: Any) -> None:
    """Two halves of an object, each closed by itself, would exclude each other."""
    schema = compile(raw, "schema")
    assert "additionalProperties" not in json.dumps(schema.for_upstream())
    rules = grammar.rules(schema._bounded)
    assert json.loads(walk(rules, rules["root"], random.Random(5))) == {"a": None, "b": None}


def test_mere_json_is_asked_for_without_a_schema() -> None:
    """Where a schema says nothing but that it wants an object or a list, upstreams and models are told no schema."""
    for schema in ({"type": "object"}, {"type": ["object", "array"]}):
        assert compile(schema, "schema").for_upstream() == {"type": "json_object"}
        assert compile(schema, "schema").told is None
    assert compile({"type": "array"}, "schema").told == {"type": "array"}
