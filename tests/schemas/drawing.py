"""Random values out of a bounded schema."""

import random
from decimal import Decimal
from typing import Any

from benchmarks.schemas.walking import ALPHABET, MORE

MOMENTS = {"date": "2024-02-29", "time": "23:59:59Z", "date-time": "1999-12-31T00:00:00+01:00"}


def draw(schema: dict[str, Any], whole: dict[str, Any], chance: random.Random) -> Any:  # noqa: PLR0911 - one for each kind
    """One value of a schema that `for_grammar` made."""
    match schema:
        case {"$ref": str(reference)}:
            return draw(whole["$defs"][reference.removeprefix("#/$defs/")], whole, chance)
        case {"anyOf": list(options)}:
            return draw(chance.choice(options), whole, chance)
        case {"enum": list(values)}:
            return chance.choice(values)
        case {"const": value}:
            return value
        case {"type": "object"}:
            return draw_object(schema, whole, chance)
        case {"type": "array"}:
            return draw_list(schema, whole, chance)
        case {"type": str(kind)}:
            return draw_scalar(kind, schema, chance)
        case _:
            raise AssertionError(schema)


def draw_object(schema: dict[str, Any], whole: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """An object with some of the properties that it may have."""
    named = {
        name: draw(inner, whole, chance)
        for name, inner in schema["properties"].items()
        if name in schema.get("required", ()) or chance.random() < 0.6
    }
    others = schema["additionalProperties"]
    if others is not False and chance.random() < 0.5 and "other" not in schema["properties"]:
        named["other"] = draw(others, whole, chance)
    return named


def draw_list(schema: dict[str, Any], whole: dict[str, Any], chance: random.Random) -> list[Any]:
    """A list of a length that it may have."""
    if "prefixItems" in schema:
        return [draw(inner, whole, chance) for inner in schema["prefixItems"]]
    least, most = schema["minItems"], schema["maxItems"]
    return [draw(schema["items"], whole, chance) for _ in range(chance.randint(least, min(most, least + MORE)))]


def draw_scalar(kind: str, schema: dict[str, Any], chance: random.Random) -> Any:
    """A value with nothing inside, mostly from the edges of what it may be."""
    match kind:
        case "string" if "format" in schema:
            return MOMENTS[schema["format"]]
        case "string":
            return "".join(chance.choices(ALPHABET, k=chance.choice((0, 3, schema["maxLength"]))))
        case "boolean":
            return chance.random() < 0.5
        case "null":
            return None
        case _:
            return draw_number(kind, schema, chance)


def draw_number(kind: str, schema: dict[str, Any], chance: random.Random) -> Any:
    """A number from within the bounds."""
    bounds = [schema[key] for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum") if key in schema]
    if not bounds:
        return chance.uniform(-1e6, 1e6)
    low, high = bounds
    if kind == "integer":
        return chance.choice((low, high, chance.randint(low, high)))
    middle = (Decimal(str(low)) + Decimal(str(high))) / 2
    return chance.choice([float(middle), *(schema[key] for key in ("minimum", "maximum") if key in schema)])
