"""The forms of JSON values in short, from a JSON schema and from a struct, so that the two can be compared.

A shape is a set of alternatives: "string", "string(a|b)" with known values, "TextContent", "[]string", "{}string".
"""

from itertools import chain
from typing import Any

from msgspec import inspect

Shape = frozenset[str]

ANYTHING: Shape = frozenset({"any"})


def of_schema(schema: dict[str, Any], contract: dict[str, Any]) -> Shape:  # noqa: PLR0911 - one return for each form
    """The shape that the contract gives to a value."""
    match schema:
        case {"$ref": str(ref)} if contract[ref.removeprefix("#/")].get("properties"):
            return frozenset({ref.removeprefix("#/")})
        case {"$ref": str(ref)}:
            return of_schema(contract[ref.removeprefix("#/")], contract)
        case {"anyOf": [{"enum": values}, _]}:
            return frozenset({_known(values)})
        case {"anyOf": members} | {"oneOf": members}:
            return frozenset(chain.from_iterable(of_schema(member, contract) for member in members))
        case {"type": "array", "items": items}:
            return _wrapped("[]", of_schema(items, contract))
        case {"type": "object", "additionalProperties": dict(values)}:
            return _wrapped("{}", of_schema(values, contract))
        case {"type": str(kind)}:
            return frozenset({kind})
        case _:
            return ANYTHING


def of_type(node: inspect.Type) -> Shape:  # noqa: PLR0911 - one return for each kind
    """The shape that a struct gives to a field; null and limits left aside."""
    match node:
        case inspect.Metadata(extra_json_schema={"x-known-values": values}):
            return frozenset({_known(values)})
        case inspect.Metadata():
            return of_type(node.type)
        case inspect.UnionType():
            return frozenset(chain.from_iterable(map(of_type, node.types)))
        case inspect.StructType():
            return frozenset({node.cls.__name__})
        case inspect.VarTupleType():
            return _wrapped("[]", of_type(node.item_type))
        case inspect.DictType(value_type=inspect.AnyType()):
            return frozenset({"object"})
        case inspect.DictType():
            return _wrapped("{}", of_type(node.value_type))
        case _:
            return _PLAIN[type(node)]


_PLAIN: dict[type[inspect.Type], Shape] = {
    inspect.NoneType: frozenset(),
    inspect.AnyType: ANYTHING,
    inspect.RawType: ANYTHING,
    inspect.StrType: frozenset({"string"}),
    inspect.LiteralType: frozenset({"string"}),
    inspect.IntType: frozenset({"integer"}),
    inspect.FloatType: frozenset({"number"}),
    inspect.BoolType: frozenset({"boolean"}),
}


def _known(values: list[str]) -> str:
    return f"string({'|'.join(sorted(values))})"


def _wrapped(prefix: str, inner: Shape) -> Shape:
    return frozenset(prefix + member for member in inner)
