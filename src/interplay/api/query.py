"""Query items: an operation declares a struct of them, and the query of each request is read as that.

Its fields are text, booleans and numbers with a largest value. An item that is absent has its field's default.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec import inspect
from starlette.datastructures import QueryParams
from starlette.requests import Request

from interplay.errors import invalid, listed, shown

_ANYWHERE: Final = frozenset({"key", "alt", "$alt", "prettyPrint"})
"""Items that every request may carry: the key, and what Google's clients add on their own."""


class Item(msgspec.Struct, frozen=True):
    """What a query item may be."""

    type: Literal["boolean", "integer", "string"]
    most: int = 0
    """The largest number."""


def items(kind: type | None) -> dict[str, Item]:
    """The items that a struct declares, by their names. Raises TypeError for what no item can be."""
    described = inspect.type_info(kind) if kind else None
    fields = described.fields if isinstance(described, inspect.StructType) else ()
    return {field.encode_name: _item(field) for field in fields}


def _item(field: inspect.Field) -> Item:
    kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
    match kinds:
        case (inspect.BoolType(),):
            return Item("boolean")
        case (inspect.IntType(le=int(most)),):
            return Item("integer", most)
        case (inspect.StrType(),) | (inspect.StrType(), inspect.NoneType()):
            return Item("string")
        case _:
            raise TypeError(f"The query item '{field.encode_name}' is no text, boolean or number up to a largest.")


class Reader:
    """Reads the query of one operation; of an operation without a struct, it is None."""

    def __init__(self, kind: type | None) -> None:
        self._kind = kind
        self._items = items(kind)

    def read(self, request: Request) -> Any:
        """The items. Raises Failure `invalid_request` for one that is not declared, or is wrong."""
        given: Mapping[str, str] = request.query_params if request.scope["query_string"] else {}
        if given:
            self._check(request.query_params)
        read = {name: _read(name, given[name], item) for name, item in self._items.items() if _said(given, name, item)}
        return msgspec.convert(read, self._kind) if self._kind else None

    def _check(self, given: QueryParams) -> None:
        for name, value in given.multi_items():
            if name not in self._items and name not in _ANYWHERE:
                expected = f"one of: {', '.join(sorted(self._items))}" if self._items else "none"
                raise invalid(f"Unknown parameter '{name[:80]}'. Expected {expected}.")
            if name in self._items and value != given[name]:
                raise invalid(f"'{name}' is there as {shown(value)} and as {shown(given[name])}: expected one value.")
        if (alt := given.get("alt", "json")) not in ("json", "sse"):
            raise invalid(f"'alt' {shown(alt)} is not valid: expected {listed(('json', 'sse'))}.")


def number(name: str, value: str, most: int) -> int:
    """The whole number that an item says. Raises Failure `invalid_request`."""
    if not (value.isascii() and value.isdigit() and len(value) < 10) or int(value) > most:
        raise invalid(f"'{name}' {shown(value)} is not valid: expected a number from 0 to {most}.")
    return int(value)


def _said(given: Mapping[str, str], name: str, item: Item) -> bool:
    """Whether the item has a value: an empty number has none."""
    return name in given and (given[name] != "" or item.type != "integer")


def _read(name: str, value: str, item: Item) -> str | bool | int:
    match item.type:
        case "string":
            return value
        case "integer":
            return number(name, value, item.most)
        case "boolean":
            return _flag(name, value)


def _flag(name: str, value: str) -> bool:
    if value.lower() not in ("true", "false", "1", "0"):
        raise invalid(f"'{name}' {shown(value)} is not valid: expected true or false.")
    return value.lower() in ("true", "1")
