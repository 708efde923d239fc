"""Checks a schema and keeps what counts of it: no keyword that the API ignores, every `$ref` to `$defs` at the top.

Raises Unfit for a schema that is malformed or too large. Not here: whether anything can satisfy it (`finite`).
"""

from collections import Counter, deque
from functools import cached_property
from typing import Any

from interplay.errors import shown
from interplay.schemas import limits
from interplay.schemas.anchors import Anchors, anchor
from interplay.schemas.checks import check_constants, check_numbers, check_order, check_value
from interplay.schemas.keywords import (
    DEFINITIONS,
    FORMATS,
    KEYWORDS,
    LISTED,
    NAMED,
    SINGLE,
    has_patterns,
    is_schema,
    modern,
)
from interplay.schemas.references import followed, free_name, local
from interplay.schemas.unfit import Path, Unfit, expected


def clean(schema: Any) -> dict[str, Any] | bool:
    """The same schema, reduced to what is enforced."""
    return Cleaning(schema).result()


class Cleaning:
    """One schema on its way. `$ref` may point anywhere in `root`; what it points to moves to `$defs`."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._names: dict[Path, str] = {}
        self._met: Counter[str] = Counter()
        self._definitions: dict[str, dict[str, Any] | bool] = {}
        self._waiting: deque[tuple[str, Path, dict[str, Any] | bool]] = deque()
        self._properties = 0
        self._enum_values = 0

    def result(self) -> dict[str, Any] | bool:
        """The whole, its definitions last."""
        if not is_schema(self._root):
            raise expected((), "a schema (an object)", self._root)
        root = self._schema(self._root, (), 1)
        while self._waiting:
            name, target, value = self._waiting.popleft()
            self._definitions[name] = self._schema(value, target, 1) if target else root
        if isinstance(root, bool) or not self._definitions:
            return root
        return {**root, "$defs": self._definitions}

    def _schema(self, schema: Any, path: Path, depth: int) -> dict[str, Any] | bool:
        if isinstance(schema, bool):
            return schema
        if depth > limits.DEPTH:
            raise Unfit(path, f"schemas may stand at most {limits.DEPTH} levels deep in one another; use '$ref'")
        self._define_inside(schema, path)
        current = modern(schema)
        names = {new: old for new, old in (("anyOf", "oneOf"), ("prefixItems", "items")) if new not in schema}
        names |= {"additionalProperties": "patternProperties"} if has_patterns(schema) else {}
        kept = {key: value for key, value in current.items() if key in KEYWORDS}
        for key, value in kept.items():
            check_value(key, value, (*path, names.get(key, key)))
        check_order(kept, path)
        check_numbers(kept, path)
        check_constants(kept, path)
        self._count(kept, path)
        return {
            key: self._inner(key, value, (*path, names.get(key, key)), depth + 1)
            for key, value in kept.items()
            if key != "format" or value in FORMATS
        }

    def _inner(self, key: str, value: Any, path: Path, depth: int) -> Any:
        """A keyword's value, the schemas in it cleaned."""
        if key == "$ref":
            return f"#/$defs/{self._reference(value, path)}"
        if key in LISTED:
            return [self._schema(item, (*path, index), depth) for index, item in enumerate(value)]
        if key in NAMED:
            return {name: self._schema(item, (*path, name), depth) for name, item in value.items()}
        if key in ("required", "type") and isinstance(value, list):
            return list(dict.fromkeys(value))
        return self._schema(value, path, depth) if key in SINGLE else value

    def _define_inside(self, schema: dict[str, Any], path: Path) -> None:
        """Check the definitions here, whether or not something refers to them."""
        for keyword in DEFINITIONS:
            named = schema.get(keyword, {})
            if not isinstance(named, dict):
                raise expected((*path, keyword), "an object whose values are schemas", named)
            for name in named:
                self._define((*path, keyword, name), named[name])

    def _reference(self, reference: str, path: Path) -> str:
        """The name under `$defs` of what a `$ref` points to."""
        inner = local(reference, self._root)
        if (name := anchor(inner)) is not None:
            return self._define(*self._anchors.target(name, path, of_root=inner != reference))
        target, value = followed(inner, self._root, path)
        if not is_schema(value):
            raise Unfit(path, f"expected a reference to a schema, got {shown(reference)}, where {shown(value)} stands")
        return self._define(target, value)

    @cached_property
    def _anchors(self) -> Anchors:
        return Anchors(self._root)

    def _define(self, target: Path, value: Any) -> str:
        if target in self._names:
            return self._names[target]
        if not is_schema(value):
            raise expected(target, "a schema (an object, true or false)", value)
        name = free_name(target, self._definitions, self._met)
        self._names[target] = name
        self._definitions[name] = True  # until its turn comes: a long chain of references is no deep one
        self._waiting.append((name, target, value))
        return name

    def _count(self, schema: dict[str, Any], path: Path) -> None:
        self._properties += len(schema.get("properties", ()))
        self._enum_values += len(schema.get("enum", ()))
        if self._properties > limits.PROPERTIES:
            raise Unfit(path, f"with those here the schema has more than {limits.PROPERTIES} properties")
        if self._enum_values > limits.ENUM_VALUES:
            raise Unfit(path, f"with those here the schema's enums have more than {limits.ENUM_VALUES} values")
        for keyword in ("minItems", "prefixItems"):
            size = schema.get(keyword, 0)
            if (size if not isinstance(size, list) else len(size)) > limits.ITEMS:
                raise Unfit((*path, keyword), f"a list may need at most {limits.ITEMS} items")
