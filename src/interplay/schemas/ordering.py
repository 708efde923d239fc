"""Puts an answer's properties into the schema's order, for upstreams that do not keep it."""

from typing import Any

from interplay.schemas.constants import same
from interplay.schemas.shapes import Constants, Fields, Items, Shapes, item_place


def in_order(shapes: Shapes, place: str, value: Any) -> Any:
    """The value, its objects' properties in the order of the schema, those that it does not name last."""
    match value:
        case dict():
            return object_in_order(shapes, place, value)
        case list():
            return list_in_order(shapes, place, value)
        case _:
            return value


def object_in_order(shapes: Shapes, place: str, value: dict[str, Any]) -> dict[str, Any]:
    """An object by the alternative that it seems to be."""
    options = [kind for kind in shapes.at[place] if isinstance(kind, Fields)]
    if not options:
        return value
    fields = max(options, key=lambda kind: likeness(shapes, kind, value))
    named = {field.name: field.place for field in fields.fields}
    names = [*(name for name in named if name in value), *(name for name in value if name not in named)]
    return {name: below(shapes, named.get(name, fields.rest), value[name]) for name in names}


def list_in_order(shapes: Shapes, place: str, value: list[Any]) -> list[Any]:
    """A list by the first alternative that is one."""
    items = next((kind for kind in shapes.at[place] if isinstance(kind, Items)), None)
    if items is None:
        return value
    return [below(shapes, item_place(items, index), item) for index, item in enumerate(value)]


def below(shapes: Shapes, place: str | None, value: Any) -> Any:
    """What is inside, where the schema says anything about it."""
    return value if place is None else in_order(shapes, place, value)


def likeness(shapes: Shapes, fields: Fields, value: dict[str, Any]) -> tuple[bool, int, int]:
    """How well an object fits an alternative: its constants first, then what is missing, then what is known."""
    fits = all(constant_fits(shapes, field.place, value[field.name]) for field in fields.fields if field.name in value)
    missing = sum(field.required and field.name not in value for field in fields.fields)
    return fits, -missing, sum(field.name in value for field in fields.fields)


def constant_fits(shapes: Shapes, place: str, value: Any) -> bool:
    """Whether a value is one of those that the schema lists there, where it lists some."""
    match shapes.at[place]:
        case (Constants(values=values),):
            return same(value) in map(same, values)
        case _:
            return True
