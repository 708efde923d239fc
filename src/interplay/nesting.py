"""How deep JSON may be nested: one limit for a request, from which all others follow. Found out without recursion."""

from typing import Any, Final

DEEPEST: Final = 100
"""Lists and objects in one another, in a request; as deep as Google's own parser goes."""

DEEPEST_INSIDE: Final = DEEPEST - 3
"""The same in a value of a request: the arguments of a call, which stand in a step, in `input`, in the body; a schema,
in a tool, in `tools`, in the body. What a model makes is held to it, so that a client can send it back."""


def deeper(value: Any, levels: int) -> bool:
    """Whether more than so many lists and objects stand in one another; the value itself is the first of them."""
    layer = children([value])
    for _ in range(levels):
        layer = [inner for outer in layer for inner in children(outer)]
        if not layer:
            return False
    return bool(layer)


def children(value: Any) -> list[Any]:
    """The lists and objects right inside."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in inner if isinstance(item, dict | list)]
