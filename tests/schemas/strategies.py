"""Schemas of the supported subset, drawn by hypothesis."""

from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "ab", "name", "größe", "with space", 'quo"te', ""])
WHOLE = st.integers(-1200, 1200)
NUMBERS = WHOLE | st.decimals(-50, 50, places=2).map(float) | st.sampled_from([1e-7, 2**53, -1e17, 0.1])
CONSTANTS = st.none() | st.booleans() | WHOLE | st.sampled_from(["x", "y", 'q"', "é\n", 1.5, 2.0, [], [1], {"a": 1}])

Schemas = st.SearchStrategy[dict[str, Any]]


def ranged(kind: str, pair: tuple[float, float], keywords: tuple[str | None, str | None]) -> dict[str, Any]:
    """A number's schema with any of its bounds."""
    low, high = sorted(pair)
    bounds = {keyword: value for keyword, value in zip(keywords, (low, high), strict=True) if keyword}
    return {"type": kind, **bounds}


NUMERIC: Schemas = st.builds(
    ranged,
    st.sampled_from(["number", "integer"]),
    st.tuples(NUMBERS, NUMBERS),
    st.tuples(
        st.sampled_from([None, "minimum", "exclusiveMinimum"]), st.sampled_from([None, "maximum", "exclusiveMaximum"])
    ),
)
FIXED: Schemas = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "pattern": "^a+$", "minLength": 3},
        {"type": "string", "format": "date"},
        {"type": "string", "format": "time"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "email"},
        {"type": ["string", "null"]},
        {"type": ["integer", "boolean", "null"], "minimum": 3},
        {"type": "boolean"},
        {"type": "null"},
        {"$ref": "#"},
        {"$ref": "#/$defs/one"},
        {"$ref": "#/$defs/two"},
        {"$ref": "#second"},
        {"description": "anything"},
    ]
)
LISTED: Schemas = st.lists(CONSTANTS, min_size=1, max_size=4).map(lambda values: {"enum": values})
SINGLE: Schemas = CONSTANTS.map(lambda value: {"const": value})
SCALARS: Schemas = st.one_of(FIXED, NUMERIC, LISTED, SINGLE)


def combined(inner: Schemas) -> Schemas:
    """Schemas with others in them."""
    properties = st.dictionaries(NAMES, inner, max_size=4)
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": properties},
        optional={"required": st.lists(NAMES, max_size=2, unique=True), "additionalProperties": st.booleans() | inner},
    )
    counts = st.integers(0, 4)
    lists = st.fixed_dictionaries(
        {"type": st.just("array")}, optional={"items": inner, "minItems": counts, "maxItems": counts}
    )
    tuples = st.fixed_dictionaries(
        {"prefixItems": st.lists(inner, min_size=1, max_size=3)},
        optional={"items": inner | st.booleans(), "minItems": counts, "maxItems": counts},
    )
    unions = st.fixed_dictionaries(
        {"anyOf": st.lists(inner, min_size=1, max_size=3)}, optional={"required": st.lists(NAMES, max_size=1)}
    )
    both = st.lists(inner, min_size=2, max_size=2).map(lambda parts: {"allOf": parts})
    beside = st.tuples(inner, objects).map(lambda parts: {**parts[1], "anyOf": [parts[0], {"title": "any"}]})
    return objects | lists | tuples | unions | both | beside


ANY: Schemas = st.recursive(SCALARS, combined, max_leaves=8)
WHOLES: Schemas = st.builds(
    lambda root, one, two: {**root, "$defs": {"one": one, "two": {**two, "$anchor": "second"}}}, ANY, ANY, ANY
)
"""Whole schemas, with definitions that may refer to each other and to the root."""
