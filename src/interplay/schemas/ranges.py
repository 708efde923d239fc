"""The range of numbers that several schemas leave."""

from collections.abc import Iterator
from decimal import Decimal
from math import ceil, floor
from typing import Any

from interplay.schemas.shapes import Number

Schemas = list[dict[str, Any]]


def number(schemas: Schemas, *, whole: bool) -> Iterator[Number]:
    """Numbers, where the range holds any."""
    low, above = bound(schemas, ("minimum", "exclusiveMinimum"), 1)
    high, below = bound(schemas, ("maximum", "exclusiveMaximum"), -1)
    found = Number(whole=whole, low=low, high=high, above=above, below=below)
    found = in_whole_numbers(found) if whole else found
    if (
        found.low is None
        or found.high is None
        or found.low < found.high
        or (found.low == found.high and not found.above and not found.below)
    ):
        yield found


def bound(schemas: Schemas, keywords: tuple[str, str], sign: int) -> tuple[Decimal | None, bool]:
    """The tightest bound on one side, and whether it is itself out."""
    bounds = [
        (exact(schema[keyword]), "exclusive" in keyword)
        for schema in schemas
        for keyword in keywords
        if keyword in schema
    ]
    return max(bounds, key=lambda found: (sign * found[0], found[1]), default=(None, False))


def exact(value: float) -> Decimal:
    """A number as it is written: 0.1 is a tenth."""
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


def in_whole_numbers(found: Number) -> Number:
    """The same range, its bounds whole and in it."""
    low, high = found.low, found.high
    if low is not None:
        least = ceil(low)
        low = Decimal(least + 1 if found.above and least == low else least)
    if high is not None:
        most = floor(high)
        high = Decimal(most - 1 if found.below and most == high else most)
    return Number(whole=True, low=low, high=high)
