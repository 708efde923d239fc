"""Shapes whose every value ends: recursion unrolled to a depth, lists and free objects with a highest count.

Each value of the bounded shapes is a value of the shapes they were made from. Strings and numbers get their bounds
where they are written down (`plain`, `grammar`).
"""

from collections import deque
from math import inf

import msgspec

from interplay.schemas import limits
from interplay.schemas.finite import circles, heights
from interplay.schemas.shapes import (
    FREE,
    Constants,
    Field,
    Fields,
    Flag,
    Items,
    Kind,
    Null,
    Number,
    Shape,
    Shapes,
    Text,
    size,
)
from interplay.schemas.unfit import too_complex


def bounded(shapes: Shapes) -> Shapes:
    """The same, finite. There is a finite value at the root (`finite.check`).

    Raises Unfit where that comes to too much, even with recursion no deeper than it has to be.
    """
    circle = circles(shapes)
    height = heights(shapes, circle)
    for recursion in (limits.RECURSION, limits.RECURSION // 2, 1, 0):
        if (made := Bounding(shapes, circle, height, recursion).result()) is not None:
            return made
    raise too_complex(limits.PARTS)


class Bounding:
    """Shapes being unrolled. A place inside a circle is made once for each depth that is left to it."""

    def __init__(self, shapes: Shapes, circle: dict[str, int], height: dict[str, float], recursion: int) -> None:
        self._shapes = shapes
        self._circle = circle
        self._height = height
        self._recursion = recursion
        self._left: dict[str, tuple[str, float]] = {}
        self._waiting: deque[str] = deque()

    def result(self) -> Shapes | None:
        """Goes from place to place until no new one is met, or they are too many: then there is no result."""
        root = self._entered(self._shapes.root)
        made: dict[str, Shape] = {}
        parts = 0
        while self._waiting:
            name = self._waiting.popleft()
            made[name] = self._shape(*self._left[name])
            parts += size(made[name])
            if parts > limits.PARTS:
                return None
        return Shapes(root, made)

    def _entered(self, place: str) -> str:
        """A place come to from outside its circle: the whole depth is left."""
        usual = min(limits.FREE_RECURSION, self._recursion) if place == FREE else self._recursion
        return self._named(place, max(usual, self._height[place]))

    def _named(self, place: str, left: float) -> str:
        name = f"{place}.{left}"
        if name not in self._left:
            self._left[name] = (place, left)
            self._waiting.append(name)
        return name

    def _inner(self, inner: str | None, outer: str, left: float) -> str | None:
        """The bounded place of what is inside; None where nothing finite fits there any more."""
        if inner is None or self._height[inner] == inf:
            return None
        if self._circle[inner] != self._circle[outer]:
            return self._entered(inner)
        return self._named(inner, left - 1) if self._height[inner] <= left - 1 else None

    def _shape(self, place: str, left: float) -> Shape:
        kinds = (self._kind(kind, place, left) for kind in self._shapes.at[place])
        return tuple(kind for kind in kinds if kind is not None)

    def _kind(self, kind: Kind, place: str, left: float) -> Kind | None:
        match kind:
            case Items():
                return self._items(kind, place, left)
            case Fields():
                return self._fields(kind, place, left)
            case Constants() | Text() | Number() | Flag() | Null():
                return kind

    def _items(self, items: Items, place: str, left: float) -> Items | None:
        most = min(limits.ITEMS, max(limits.FREE_ITEMS, items.least) if items.most is None else items.most)
        first: list[str] = []
        for inner in items.first[:most]:
            if (made := self._inner(inner, place, left)) is None:
                return cut(items, first)
            first.append(made)
        if most <= len(first) or (rest := self._inner(items.rest, place, left)) is None:
            return cut(items, first)
        return Items(tuple(first), rest, items.least, most)

    def _fields(self, fields: Fields, place: str, left: float) -> Fields | None:
        made: list[Field] = []
        for field in fields.fields:
            if (inner := self._inner(field.place, place, left)) is not None:
                made.append(msgspec.structs.replace(field, place=inner))
            elif field.required:
                return None
        return Fields(tuple(made), self._inner(fields.rest, place, left), left_out(fields, made))


def cut(items: Items, first: list[str]) -> Items | None:
    """The list with these items at most."""
    return Items(tuple(first), None, items.least, len(first)) if items.least <= len(first) else None


def left_out(fields: Fields, made: list[Field]) -> tuple[str, ...]:
    """The properties for which no depth is left; no further property may take their names."""
    kept = {field.name for field in made}
    return tuple(field.name for field in fields.fields if field.name not in kept)
