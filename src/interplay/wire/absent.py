"""Null means absent: in a field that may be absent, known or not, and in a map.

The decoder takes null for most fields. Where it does not, the nulls that say nothing are taken out and it reads again;
all else stays byte for byte, arguments, results and other JSON of the client's above all. A null that is a value of its
place (a field that is required, an item of a list) stays, to be taken or refused as such.
"""

from functools import cache
from typing import Any, Final

import msgspec
from msgspec import inspect

from interplay.wire.places import flat, type_info
from interplay.wire.strictness import MOST_ITEMS

Nodes = tuple[inspect.Type, ...]
"""What may stand at a place."""

_UNKNOWN: Final[tuple[bool, Nodes]] = (False, ())
_NULL: Final = b"null"
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])


def without_nulls(raw: bytes | msgspec.Raw, kind: Any) -> bytes | msgspec.Raw:
    """The same JSON without the nulls that say nothing in a `kind`. Raises what the decoder raises."""
    if bytes(raw).count(_NULL) > MOST_ITEMS:  # each costs some time, which others wait for
        return raw
    made = _without(whole := msgspec.Raw(raw), _flat(type_info(kind)))
    return raw if made is whole else made


def _without(raw: msgspec.Raw, nodes: Nodes) -> msgspec.Raw:
    text = bytes(raw)
    if _NULL not in text:
        return raw
    match text.lstrip()[:1]:
        case b"{":
            made: Any = _of_object(_OBJECT.decode(raw), nodes)
        case b"[":
            made = _of_list(_LIST.decode(raw), nodes)
        case _:
            made = None
    return raw if made is None else msgspec.Raw(msgspec.json.encode(made))


def _of_list(items: list[msgspec.Raw], nodes: Nodes) -> list[msgspec.Raw] | None:
    kind = next((node.item_type for node in nodes if isinstance(node, inspect.VarTupleType)), None)
    if kind is None:
        return None
    inner = _flat(kind)
    return [_without(item, inner) for item in items]


def _of_object(entries: dict[str, msgspec.Raw], nodes: Nodes) -> dict[str, msgspec.Raw] | None:
    structs = sum(isinstance(node, inspect.StructType) for node in nodes)
    for node in nodes:
        match node:
            case inspect.StructType() if structs == 1 or _is_meant(node, entries):
                return _of_struct(entries, _fields(node.cls))
            case inspect.DictType(value_type=values):
                return _of_map(entries, _flat(values))
            case _:
                pass
    return None  # nothing that may stand here; the decoder says so


def _of_struct(entries: dict[str, msgspec.Raw], fields: dict[str, tuple[bool, Nodes]]) -> dict[str, msgspec.Raw]:
    kept = {key: raw for key, raw in entries.items() if bytes(raw) != _NULL or fields.get(key, _UNKNOWN)[0]}
    return {key: _without(raw, fields.get(key, _UNKNOWN)[1]) for key, raw in kept.items()}


def _of_map(entries: dict[str, msgspec.Raw], values: Nodes) -> dict[str, msgspec.Raw]:
    takes_null = any(isinstance(node, inspect.NoneType | inspect.AnyType) for node in values)
    return {key: _without(raw, values) for key, raw in entries.items() if takes_null or bytes(raw) != _NULL}


def _is_meant(struct: inspect.StructType, entries: dict[str, msgspec.Raw]) -> bool:
    """Whether the discriminator names this one."""
    tag = entries.get(struct.tag_field or "")
    return tag is not None and bytes(tag)[1:-1] == str(struct.tag).encode()


def _flat(kind: inspect.Type) -> Nodes:
    return tuple(node for node in flat(kind))


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, tuple[bool, Nodes]]:
    """The fields by their names on the wire: whether they are required, and what they hold."""
    info = type_info(kind)
    fields = info.fields if isinstance(info, inspect.StructType) else ()
    return {field.encode_name: (field.required, _flat(field.type)) for field in fields}
