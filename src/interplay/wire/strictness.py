"""Refuses the fields that the API does not know, at any depth; one that is null is as good as absent.

The decoder ignores unknown fields, because steps that a client sends back may carry some. Where a request has to be
strict, the typed value is walked here beside the plain JSON it was made from; no struct needs code of its own.
"""

from functools import cache
from typing import Any, Final, cast

import msgspec
from msgspec import inspect

from interplay.errors import Failure, invalid
from interplay.nesting import DEEPEST, deeper
from interplay.wire.agents import DynamicAgentConfig
from interplay.wire.complaints import closest
from interplay.wire.places import inside

FREE_FORM: Final = (DynamicAgentConfig,)
"""Structs that may have any further fields."""

MOST_ITEMS: Final = 50_000
"""Items of one list. They are checked one by one, so that more would hold everybody up for seconds."""


def refuse_unknown(typed: Any, plain: Any, root: str = "") -> None:
    """Raise a Failure at the first field of `plain` that the struct made from it does not have.

    `plain` is the same value as `typed`, decoded to dicts and lists. `root` is where it stands in the request.
    """
    match typed:
        case msgspec.Struct():
            _refuse_unknown_in_struct(typed, plain, root)
        case tuple():
            if len(typed) > MOST_ITEMS:
                raise invalid(f"'{root}' has {len(typed)} items: expected at most {MOST_ITEMS}.")
            for index, (item, plain_item) in enumerate(zip(typed, plain, strict=True)):
                refuse_unknown(item, plain_item, f"{root}[{index}]")
        case dict():
            for key, item in typed.items():
                refuse_unknown(item, plain[key], inside(root, key))
        case _:
            return


def refuse_deep(body: bytes, plain: Any) -> None:
    """Raise a Failure when `plain`, decoded from `body`, is nested deeper than we can be sure to write again."""
    if body.count(b"[") + body.count(b"{") > DEEPEST and deeper(plain, DEEPEST):
        field = next(key for key, value in plain.items() if deeper(value, DEEPEST - 1))
        raise invalid(
            f"'{field}' is nested too deeply: the body may have at most {DEEPEST} levels of lists and objects."
        )


def _refuse_unknown_in_struct(typed: msgspec.Struct, plain: dict[str, Any], root: str) -> None:
    known, nested = _fields(type(typed))
    if not plain.keys() <= known and not isinstance(typed, FREE_FORM):
        for key in (key for key, value in plain.items() if key not in known and value is not None):
            raise _unknown(key, typed, root)
    for name, key in nested:
        if (inner := getattr(typed, name)) is not None and key in plain:
            refuse_unknown(inner, plain[key], inside(root, key))


def _unknown(key: str, typed: msgspec.Struct, root: str) -> Failure:
    names = sorted(_fields(type(typed))[0])
    meant = closest(key, names)
    known = f"Known parameters: {', '.join(names)}." if names else "No parameters are expected here."
    hint = f"Did you mean '{meant}'?" if meant else known
    return invalid(f"Unknown parameter '{inside(root, key)}'. {hint}")


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[frozenset[str], tuple[tuple[str, str], ...]]:
    """The names of a struct's fields on the wire; of those that can hold structs, the names here and there."""
    info = cast("inspect.StructType", inspect.type_info(kind))
    names = {field.encode_name for field in info.fields} | ({info.tag_field} if info.tag_field else set())
    return frozenset(names), tuple(
        (field.name, field.encode_name) for field in info.fields if _holds_struct(field.type)
    )


def _holds_struct(node: inspect.Type) -> bool:
    match node:
        case inspect.StructType():
            return True
        case inspect.Metadata():
            return _holds_struct(node.type)
        case inspect.UnionType():
            return any(_holds_struct(member) for member in node.types)
        case inspect.VarTupleType():
            return _holds_struct(node.item_type)
        case inspect.DictType():
            return _holds_struct(node.value_type)
        case _:
            return False
