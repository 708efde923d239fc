"""Bounded shapes as a JSON schema again, in the words that llama.cpp's converters know."""

import re
from decimal import Decimal
from typing import Any, Final

from interplay.schemas import limits
from interplay.schemas.digits import span
from interplay.schemas.shapes import Constants, Fields, Flag, Items, Kind, Null, Number, Shapes, Text, inside


def plain(shapes: Shapes) -> dict[str, Any]:
    """The schema. Places with others in them stand under `$defs`, so that nothing is nested deeply."""
    return Plain(shapes).result()


class Plain:
    """A schema being written."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        around = [place for place, shape in shapes.at.items() if len(shape) > FEW or any(map(inside, shape))]
        self._names = {place: f"p{number}" for number, place in enumerate(around)}

    def result(self) -> dict[str, Any]:
        """The root's schema, with the shared ones in it."""
        root = self._written(self._shapes.root)
        shared = {name: self._written(place) for place, name in self._names.items() if place != self._shapes.root}
        return {**root, "$defs": shared} if shared else root

    def _at(self, place: str) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self._names[place]}"} if place in self._names else self._written(place)

    def _written(self, place: str) -> dict[str, Any]:
        kinds = [schema for kind in self._shapes.at[place] for schema in self._kind(kind)]
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}

    def _kind(self, kind: Kind) -> list[dict[str, Any]]:  # noqa: PLR0911 - one for each kind
        match kind:
            case Constants():
                return [{"enum": list(kind.values)}]
            case Text(format=None):
                return [{"type": "string", "maxLength": limits.TEXT}]
            case Text():
                return [{"type": "string", "format": kind.format}]
            case Number():
                return [number(kind)]
            case Flag():
                return [{"type": "boolean"}]
            case Null():
                return [{"type": "null"}]
            case Items():
                return self._items(kind)
            case Fields():
                return [self._fields(kind)]

    def _items(self, items: Items) -> list[dict[str, Any]]:
        """One schema for each length that a list with `prefixItems` may have: the converter knows no other way."""
        most = len(items.first) if items.most is None else items.most
        if not items.first and items.rest is not None:
            return [{"type": "array", "items": self._at(items.rest), "minItems": items.least, "maxItems": most}]
        further = [] if items.rest is None else [items.rest] * max(items.least - len(items.first), FURTHER)
        places = [*items.first, *further][:most]
        return [self._tuple(places[:length]) for length in range(items.least, len(places) + 1)]

    def _tuple(self, places: list[str]) -> dict[str, Any]:
        if not places:
            return {"const": []}
        exactly = {"minItems": len(places), "maxItems": len(places)}
        return {"type": "array", "prefixItems": [self._at(place) for place in places], **exactly}

    def _fields(self, fields: Fields) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "properties": {}}
        for field in fields.fields:
            schema["properties"][field.name] = self._at(field.place)
        if required := [field.name for field in fields.fields if field.required]:
            schema["required"] = required
        closed = (
            fields.rest is None
            or fields.avoided
            or not all(PLAIN_NAME.fullmatch(name) for name in schema["properties"])
        )
        schema["additionalProperties"] = False if closed or fields.rest is None else self._at(fields.rest)
        return schema


FEW: Final = 3
"""Alternatives that may be written down wherever they are used."""
FURTHER: Final = 4
"""How many items may follow those of `prefixItems`."""
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_ ]+")
"""Beside other names the converter writes no grammar that can be read for those that must differ from them."""
FARTHEST: Final = 9 * 10**18
"""The converter counts whole numbers in 64 bits."""


def number(kind: Number) -> dict[str, Any]:
    """A number's schema, with bounds on both sides."""
    schema: dict[str, Any] = {"type": "integer" if kind.whole else "number"}
    if kind.whole or kind.low is not None or kind.high is not None:
        low, high = span(kind)
        if kind.whole:
            nearest = low if low > FARTHEST else high
            low, high = max(low, Decimal(-FARTHEST)), min(high, Decimal(FARTHEST))
            if low > high:
                return {"enum": [as_json(nearest)]}
        schema["exclusiveMinimum" if kind.above else "minimum"] = as_json(low)
        schema["exclusiveMaximum" if kind.below else "maximum"] = as_json(high)
    return schema


def as_json(bound: Decimal) -> int | float:
    """A bound as JSON has it."""
    return int(bound) if bound == bound.to_integral_value() else float(bound)
