"""JSON schemas of everything on the wire, for the OpenAPI document."""

from typing import Any

import msgspec

from interplay import wire


def components() -> dict[str, Any]:
    """`components.schemas` of the OpenAPI document: one schema for each public struct."""
    kinds = [getattr(wire, name) for name in wire.__all__]
    structs = [_describable(kind) for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    _, schemas = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    return schemas


def _describable(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The struct, or one like it whose raw fields default to null: msgspec cannot describe raw defaults."""
    fields = msgspec.structs.fields(kind)
    if not any(field.default is wire.ABSENT for field in fields):
        return kind
    described = [
        (field.name, field.type) if field.required else (field.name, field.type, msgspec.field(default=_default(field)))
        for field in fields
    ]
    return msgspec.defstruct(kind.__name__, described, kw_only=True, namespace={"__doc__": kind.__doc__})


def _default(field: msgspec.structs.FieldInfo) -> Any:
    """The value that stands for a field's default; None for raw JSON and for what a factory makes."""
    return None if field.default is wire.ABSENT or field.default is msgspec.NODEFAULT else field.default
