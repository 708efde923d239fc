"""Reads the shapes out of a cleaned schema.

A place is a set of schemas that must all hold there: its name is their numbers. `$ref` and `allOf` add to the set,
`anyOf` makes alternatives of it, so whatever stands beside them holds as well. There are finitely many sets, and
that is why recursion ends.
"""

from collections.abc import Iterator
from typing import Any, Final

from interplay.schemas import limits
from interplay.schemas.joining import joined
from interplay.schemas.keywords import ANNOTATIONS
from interplay.schemas.shapes import FREE, Kind, Shape, Shapes, inside, size
from interplay.schemas.unfit import Unfit, too_complex

Numbers = tuple[int, ...]

TOGETHER: Final = 1000
"""So many schemas that must hold together take a step more for each of them."""


def read(cleaned: dict[str, Any] | bool) -> tuple[Shapes, int]:
    """Every place that can be reached, and its shape; and how many steps that took."""
    reading = Reading(cleaned)
    return reading.result(), reading.steps


class Reading:
    """One schema being read. Its schemas are numbered as they are met."""

    def __init__(self, cleaned: dict[str, Any] | bool) -> None:
        self.definitions: dict[str, Any] = {} if isinstance(cleaned, bool) else cleaned.get("$defs", {})
        self._schemas: list[dict[str, Any] | bool] = []
        self._number_of: dict[int, int] = {}
        self._places: dict[str, Numbers] = {}
        self._chains: dict[int, int] = {}
        self._parts = self.steps = 0
        self._refuse_circles()
        self._root = self.place(cleaned)

    def result(self) -> Shapes:
        """Goes from place to place until no new one is met."""
        shapes: dict[str, Shape] = {}
        waiting = [self._root]
        while waiting:
            if (name := waiting.pop()) in shapes:
                continue
            shapes[name] = self._shape(self._places[name])
            self._parts += size(shapes[name])
            if self._parts > limits.PARTS:
                raise too_complex(limits.PARTS)
            waiting.extend(place for kind in shapes[name] for place in inside(kind))
        return Shapes(self._root, shapes)

    def place(self, *schemas: dict[str, Any] | bool) -> str:
        """The name of the place where all of these hold."""
        numbers = tuple(dict.fromkeys(self._number(schema) for schema in schemas if self._meant(schema) is not True))
        name = "-".join(map(str, numbers)) or FREE
        self._places[name] = numbers
        return name

    def count(self, steps: int) -> None:
        """Count work, in steps as long as looking at a schema."""
        self.steps += steps
        if self.steps > limits.STEPS:
            raise Unfit((), f"it is too complex: it takes more than {limits.STEPS} steps to put together")

    def _number(self, schema: dict[str, Any] | bool) -> int:
        schema = self._meant(schema)
        key = id(schema)
        if key not in self._number_of:
            self._number_of[key] = len(self._schemas)
            self._schemas.append(schema)
        return self._number_of[key]

    def _meant(self, schema: dict[str, Any] | bool) -> dict[str, Any] | bool:
        """What a schema refers to that does nothing else; true where it says nothing. It makes for fewer places."""
        while isinstance(schema, dict) and schema.keys() - ANNOTATIONS == {"$ref"}:
            schema = self._target(schema["$ref"])
        return True if isinstance(schema, dict) and not schema.keys() - ANNOTATIONS - {"$defs"} else schema

    def _target(self, reference: str) -> dict[str, Any] | bool:
        target: dict[str, Any] | bool = self.definitions[reference.removeprefix("#/$defs/")]
        return target

    def _shape(self, numbers: Numbers) -> Shape:
        kinds: list[Kind] = []
        for together in self._alternatives(numbers):
            schemas = [schema for number in together if isinstance(schema := self._schemas[number], dict)]
            kinds.extend(kind for kind in joined(schemas, self) if kind not in kinds)
        return tuple(kinds)

    def _alternatives(self, numbers: Numbers) -> list[Numbers]:
        """The sets of schemas of which one must hold as a whole, none of them with an open choice."""
        found: dict[Numbers, None] = {}
        for together in self._expanded(list(numbers), ()):
            found[together] = None
            if len(found) > limits.ALTERNATIVES:
                raise Unfit(
                    (),
                    f"it is too complex: 'anyOf' lists combine in more than {limits.ALTERNATIVES} ways at one place",
                )
        return list(found)

    def _expanded(self, waiting: list[int], seen: Numbers) -> Iterator[Numbers]:
        while waiting:
            number, *waiting = waiting
            self.count(1 + (len(waiting) + len(seen)) // TOGETHER)
            schema = self._schemas[number]
            if number in seen or schema is True:
                continue
            if schema is False:
                return
            seen = (*seen, number)
            waiting = [*map(self._number, self._demanded(schema)), *waiting]
            if "anyOf" in schema:
                for choice in schema["anyOf"]:
                    yield from self._expanded([self._number(choice), *waiting], seen)
                return
        yield seen

    def _demanded(self, schema: dict[str, Any]) -> list[dict[str, Any] | bool]:
        """The schemas that hold wherever this one does."""
        reference = schema.get("$ref")
        target = [] if reference is None else [self._target(reference)]
        return [*target, *schema.get("allOf", ())]

    def _refuse_circles(self) -> None:
        """A schema that is its own condition says nothing, and validators never come back from it."""
        for name, schema in self.definitions.items():
            self._walk(name, schema, ())

    def _walk(self, name: str, schema: dict[str, Any] | bool, above: Numbers) -> int:
        """How many schemas at most lead from this one on."""
        if isinstance(schema, bool):
            return 0
        if (number := id(schema)) in above:
            raise Unfit(("$defs", name), "it refers to itself with no object or list in between, so it allows nothing")
        if number not in self._chains:
            inner = [*self._demanded(schema), *schema.get("anyOf", ())]
            self._chains[number] = 1 + max((self._walk(name, item, (*above, number)) for item in inner), default=0)
        if self._chains[number] > limits.CHAIN:
            raise Unfit(
                ("$defs", name), f"more than {limits.CHAIN} '$ref', 'allOf' and 'anyOf' lead from one to the next"
            )
        return self._chains[number]
