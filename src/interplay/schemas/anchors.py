"""Schemas that have a name (`$anchor`), and which of them a reference by name (`{"$ref": "#name"}`) means.

A name counts within the nearest schema around it that has an `$id`, as the standard has it. Not here: references by the
way to a schema (`references`).
"""

from collections.abc import Iterator
from typing import Any, Final

from interplay.errors import shown
from interplay.schemas.keywords import DEFINITIONS, LISTED, NAMED, SINGLE
from interplay.schemas.unfit import Path, Unfit, written

NAMES: Final = ("$anchor", "$dynamicAnchor")
OLDER: Final = ("$id", "id")
"""Where drafts before 2019-09 have a name, behind a `#`."""

IN_LISTS: Final = (*LISTED, "oneOf", "items")
IN_NAMED: Final = (*NAMED, *DEFINITIONS, "patternProperties", "dependentSchemas", "dependencies")
ALONE: Final = (
    *(*SINGLE, "additionalItems", "contains", "propertyNames", "not", "if", "then", "else"),
    *("unevaluatedItems", "unevaluatedProperties", "contentSchema"),
)
"""Where schemas may stand, those included that count only once a reference points to them."""

Place = tuple[Path, dict[str, Any]]


class Anchors:
    """All that have a name in one document."""

    def __init__(self, root: Any) -> None:
        self._named: dict[tuple[Path, str], list[Place]] = {}
        self._called: dict[str, list[dict[str, Any]]] = {}
        self._documents: set[Path] = {()}
        waiting: list[tuple[Place, Path]] = [(((), root), ())]
        while waiting:
            (path, schema), document = waiting.pop()
            if path and begins_document(schema):
                document = path
                self._documents.add(path)
            for name in names(schema):
                self._named.setdefault((document, name), []).append((path, schema))
                self._called.setdefault(name, []).append(schema)
            waiting += ((place, document) for place in inside(path, schema))

    def target(self, name: str, reference: Path, *, of_root: bool) -> Place:
        """The schema that a reference at this place means; `of_root` where it says that it is one of the root's."""
        document = () if of_root else self._document(reference)
        found = sorted(self._named.get((document, name), ()), key=lambda place: written(place[0]))
        if not found:
            raise Unfit(reference, f"{shown('#' + name)} points to nothing: no schema here has that '$anchor'")
        if len(found) > 1:
            first, second = (written(path).removeprefix(".") or "the whole schema" for path, _ in found[:2])
            raise Unfit(reference, f"{shown('#' + name)} is ambiguous: {first} and {second} both have that '$anchor'")
        return found[0]

    def only(self, name: str) -> dict[str, Any] | None:
        """The schema of this name, where just one has it in the whole document, whatever has an `$id` in it."""
        found = self._called.get(name, [])
        return found[0] if len(found) == 1 else None

    def _document(self, path: Path) -> Path:
        """The nearest schema around this place that has an `$id`; the root where none has."""
        return next(around for end in range(len(path), -1, -1) if (around := path[:end]) in self._documents)


def anchor(reference: str) -> str | None:
    """The name in a reference into this schema; None in one that says the way."""
    return reference[1:] if reference.startswith("#") and reference[1:2] not in ("", "/") else None


def begins_document(schema: dict[str, Any]) -> bool:
    """Whether names inside it are its own."""
    return isinstance(own := schema.get("$id"), str) and not own.startswith("#")


def names(schema: dict[str, Any]) -> set[str]:
    """What it is called."""
    said = {name for key in NAMES if isinstance(name := schema.get(key), str)}
    return said | {name[1:] for key in OLDER if isinstance(name := schema.get(key), str) and name.startswith("#")}


def inside(path: Path, schema: dict[str, Any]) -> Iterator[Place]:
    """The schemas directly in this one. Whatever stands in an `enum`, say, is none."""
    for key in IN_LISTS:
        if isinstance(items := schema.get(key), list):
            yield from (((*path, key, index), item) for index, item in enumerate(items) if isinstance(item, dict))
    for key in IN_NAMED:
        if isinstance(named := schema.get(key), dict):
            yield from (((*path, key, name), item) for name, item in named.items() if isinstance(item, dict))
    yield from (((*path, key), item) for key in ALONE if isinstance(item := schema.get(key), dict))
