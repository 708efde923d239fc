"""What a schema allows, said so that an answer can be written after it: places, and what may stand at each.

A place's shape is a tuple of kinds, one of which a value must be; an empty tuple allows nothing. What is inside a
list or an object is another place, known by its name, so recursion needs no special case.
"""

from decimal import Decimal
from typing import Any

import msgspec


class Constants(msgspec.Struct, frozen=True, tag=True):
    """One of these values."""

    values: tuple[Any, ...]


class Text(msgspec.Struct, frozen=True, tag=True):
    """A string."""

    format: str | None = None
    """`date-time`, `date`, `time` or any string."""


class Number(msgspec.Struct, frozen=True, tag=True):
    """A number in a range that is not empty."""

    whole: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    above: bool = False
    """Whether `low` itself is out. A whole number's bounds are always in."""
    below: bool = False
    """Whether `high` itself is out."""


class Flag(msgspec.Struct, frozen=True, tag=True):
    """True or false."""


class Null(msgspec.Struct, frozen=True, tag=True):
    """Null."""


class Items(msgspec.Struct, frozen=True, tag=True):
    """A list."""

    first: tuple[str, ...]
    """The places of the first items, one by one."""
    rest: str | None
    """The place of each further item; None: there are none."""
    least: int = 0
    most: int | None = None


class Field(msgspec.Struct, frozen=True):
    """A property that the schema names."""

    name: str
    place: str
    required: bool


class Fields(msgspec.Struct, frozen=True, tag=True):
    """An object, its properties in the schema's order."""

    fields: tuple[Field, ...]
    rest: str | None
    """The place of each other property's value; None: there are none."""
    avoided: tuple[str, ...] = ()
    """Names that those other properties may not have, besides the names of `fields`."""


Kind = Constants | Text | Number | Flag | Null | Items | Fields
Shape = tuple[Kind, ...]


class Shapes(msgspec.Struct, frozen=True):
    """The shape of every place that can be reached from the root."""

    root: str
    at: dict[str, Shape]


FREE = "any"
"""The name of the place that the schema says nothing about."""


def needs(kind: Kind) -> list[tuple[str | int, str]]:
    """What must be inside such a value: under which name or number, and its place."""
    match kind:
        case Fields():
            return [(field.name, field.place) for field in kind.fields if field.required]
        case Items():
            different = range(min(kind.least, len(kind.first) + 1))
            return [(index, place) for index in different if (place := item_place(kind, index)) is not None]
        case Constants() | Text() | Number() | Flag() | Null():
            return []


def inside(kind: Kind) -> list[str]:
    """All places inside such a value."""
    match kind:
        case Fields():
            return [*(field.place for field in kind.fields), *([kind.rest] if kind.rest is not None else [])]
        case Items():
            return [*kind.first, *([kind.rest] if kind.rest is not None else [])]
        case Constants() | Text() | Number() | Flag() | Null():
            return []


def size(shape: Shape) -> int:
    """How many alternatives, and properties and first items in them, are at a place."""
    return len(shape) + sum(len(inside(kind)) for kind in shape)


def item_place(items: Items, index: int) -> str | None:
    """The place of the item with this number; None where there can be no such item."""
    return items.first[index] if index < len(items.first) else items.rest
