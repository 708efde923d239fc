"""JSON schemas of everything on the wire, for the OpenAPI document."""

from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec

from interplay import wire


def components() -> dict[str, Any]:
    """`components.schemas` of the OpenAPI document: one schema for each public struct."""
    kinds = [getattr(wire, name) for name in wire.__all__]
    structs = [_describable(kind) for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    _, schemas = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    return schemas


@cache
def _describable(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The struct, or one like it whose raw fields default to null: msgspec cannot describe raw defaults.

    What holds such a struct holds the one that is like it instead.
    """
    fields = msgspec.structs.fields(kind)
    types = [_holding(field.type) for field in fields]
    if not any(
        field.default is wire.ABSENT or field.type is not type for field, type in zip(fields, types, strict=True)
    ):
        return kind
    described = [
        (field.name, type) if field.required else (field.name, type, msgspec.field(default=_default(field)))
        for field, type in zip(fields, types, strict=True)
    ]
    return msgspec.defstruct(kind.__name__, described, kw_only=True, namespace={"__doc__": kind.__doc__})


def _holding(annotation: Any) -> Any:
    """The same type over describable structs."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return _describable(annotation)
    inner = tuple(map(_holding, get_args(annotation)))
    match get_origin(annotation):
        case origin if inner == get_args(annotation):
            return annotation
        case origin if origin is UnionType:
            return reduce(or_, inner)
        case origin:
            return origin[inner]


def _default(field: msgspec.structs.FieldInfo) -> Any:
    """The value that stands for a field's default; None for raw JSON and for what a factory makes."""
    return None if field.default is wire.ABSENT or field.default is msgspec.NODEFAULT else field.default
