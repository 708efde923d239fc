"""What a single schema must be like, whatever is around it. Each check raises Unfit."""

from typing import Any

from interplay.errors import shown
from interplay.nesting import deeper
from interplay.schemas import limits
from interplay.schemas.keywords import KEYWORDS, TYPES
from interplay.schemas.unfit import Path, Unfit, expected

Pair = tuple[str, str]

ORDERED: tuple[Pair, ...] = (
    ("minimum", "maximum"),
    ("minItems", "maxItems"),
    ("exclusiveMinimum", "maximum"),
    ("minimum", "exclusiveMaximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
)
"""Keywords of which the first must not be more than the second; with an `exclusive` one it must be less."""

SIGNS = {"minimum": 1, "exclusiveMinimum": 1, "maximum": -1, "exclusiveMaximum": -1}
"""Which side of a bound is the one where the numbers are."""


def check_value(key: str, value: Any, path: Path) -> None:
    """Refuse a keyword that holds something else than it must."""
    right, words = KEYWORDS[key]
    if right(value):
        return
    meant = value.lower() if key == "type" and isinstance(value, str) else None
    hint = f"; did you mean {shown(meant)}?" if meant in TYPES else ""
    error = expected(path, words, value)
    raise Unfit(path, error.said + hint)


def check_order(schema: dict[str, Any], path: Path) -> None:
    """Refuse a range without anything in it."""
    for low, high in ORDERED:
        if low in schema and high in schema:
            strict = "exclusive" in low or "exclusive" in high
            if schema[low] > schema[high] or (strict and schema[low] == schema[high]):
                least = "more than" if strict else "at least"
                raise expected((*path, high), f"{least} '{low}', which is {shown(schema[low])}", schema[high])


def check_numbers(schema: dict[str, Any], path: Path) -> None:
    """Refuse bounds that lead to numbers with very many digits."""
    for keyword, sign in SIGNS.items():
        bound = schema.get(keyword, 0)
        if sign * bound > limits.LARGEST or 0 < abs(bound) < limits.SMALLEST:
            what = f"0 or a number between {limits.SMALLEST} and {limits.LARGEST} away from it"
            raise expected((*path, keyword), what, bound)


def check_constants(schema: dict[str, Any], path: Path) -> None:
    """Refuse values that no answer may have."""
    for keyword in ("enum", "const"):
        if deeper(schema.get(keyword), limits.ANSWER_DEPTH):
            raise Unfit((*path, keyword), f"a value may be nested at most {limits.ANSWER_DEPTH} levels deep")
