"""How deep JSON is nested, found out without recursion."""

from typing import Any


def deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects stand in one another more than so many levels deep."""
    layer = [value]
    for _ in range(levels + 1):
        layer = [inner for outer in layer for inner in children(outer)]
        if not layer:
            return False
    return True


def children(value: Any) -> list[Any]:
    """The lists and objects right inside."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in inner if isinstance(item, dict | list)]
