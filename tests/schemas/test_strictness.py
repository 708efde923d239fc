import random
from typing import Any

import jsonschema_rs
import msgspec
from benchmarks.schemas.walking import walk
from hypothesis import given, settings
from hypothesis import strategies as st

from interplay.errors import Failure
from interplay.schemas import Schema, compile, grammar  # noqa: A004 - its verb
from tests.schemas.drawing import draw
from tests.schemas.strategies import WHOLES

COUNTS = ("minLength", "maxLength", "pattern")
"""What the strategies use and the API ignores."""


def compiled(raw: dict[str, Any]) -> Schema | None:
    """The schema, or None where it is refused: circles and contradictions come up by chance."""
    try:
        return compile(raw, "schema")
    except Failure:
        return None


def reference(raw: Any) -> jsonschema_rs.Validator:
    """A validator of the schema as it was given, without what the API ignores."""

    def kept(value: Any) -> Any:
        match value:
            case dict():
                return {key: kept(inner) for key, inner in value.items() if key not in COUNTS and inner != "email"}
            case list():
                return [kept(inner) for inner in value]
            case _:
                return value

    return jsonschema_rs.Draft202012Validator(kept(raw), validate_formats=True)


@settings(max_examples=400)
@given(WHOLES, st.integers(0, 2**32))
def test_what_the_grammar_lets_through_satisfies_the_schema_as_it_was_given(raw: dict[str, Any], seed: int) -> None:
    """Any schema, any answer that its grammar can produce: valid by the original, and by our own validation."""
    if (schema := compiled(raw)) is None:
        return
    rules = grammar.rules(schema._bounded)
    validator, chance = reference(raw), random.Random(seed)
    for _ in range(5):
        text = walk(rules, rules["root"], chance)
        assert validator.is_valid(msgspec.json.decode(text)), text
        assert schema.validate(text) is None


@settings(max_examples=400)
@given(WHOLES, st.integers(0, 2**32))
def test_the_schema_for_grammars_is_at_least_as_strict_as_the_one_given(raw: dict[str, Any], seed: int) -> None:
    """Any schema, any value of its bounded form: the original accepts it."""
    if (schema := compiled(raw)) is None:
        return
    bounded = schema.for_grammar()
    own, validator, chance = jsonschema_rs.Draft202012Validator(bounded), reference(raw), random.Random(seed)
    for _ in range(5):
        value = draw(bounded, bounded, chance)
        assert own.is_valid(value), value
        assert validator.is_valid(value), value


@settings(max_examples=200)
@given(WHOLES, st.integers(0, 2**32))
def test_an_answer_put_in_order_stays_valid_and_stays_so(raw: dict[str, Any], seed: int) -> None:
    """Ordering moves properties and changes nothing else; what a grammar wrote is in order already."""
    if (schema := compiled(raw)) is None:
        return
    rules = grammar.rules(schema._bounded)
    text = walk(rules, rules["root"], random.Random(seed))
    ordered = schema.ordered(text)
    assert schema.validate(ordered) is None
    assert schema.ordered(ordered) == ordered
    assert msgspec.json.decode(ordered) == msgspec.json.decode(text)
