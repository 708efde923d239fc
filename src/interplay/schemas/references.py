"""References into a schema (`$ref`), and the names that their targets get."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from interplay.errors import shown
from interplay.schemas.unfit import Path, Unfit, expected


def local(reference: str, root: Mapping[str, Any]) -> str:
    """A reference without this schema's own name before it (`$id`, or `id` in older drafts)."""
    document, _, fragment = reference.partition("#")
    names = [name.rstrip("#") for key in ("$id", "id") if isinstance(name := root.get(key), str)]
    return f"#{fragment}" if document and document in names else reference


def followed(reference: str, root: Any, path: Path) -> tuple[Path, Any]:
    """Where a reference that says the way leads to, and what stands there."""
    target: Path = ()
    value = root
    for segment in pointed(reference, path):
        target, value = stepped(target, value, segment, reference, path)
    return target, value


def pointed(reference: str, path: Path) -> list[str]:
    """The segments of a reference into this schema. Another document's is refused, for nothing is ever fetched."""
    if reference == "#":
        return []
    if not reference.startswith("#/"):
        raise expected(
            path, "a reference inside this schema ('#', '#NAME' or '#/$defs/NAME'; others are never fetched)", reference
        )
    return [unescaped(segment) for segment in reference[2:].split("/")]


def unescaped(segment: str) -> str:
    """A segment of a pointer as it is named in the schema."""
    decoded = re.sub(
        r"(?:%[0-9A-Fa-f]{2})+",
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode(errors="replace"),
        segment,
    )
    return decoded.replace("~1", "/").replace("~0", "~")


def stepped(target: Path, value: Any, segment: str, reference: str, path: Path) -> tuple[Path, Any]:
    """One step along a reference."""
    match value:
        case dict() if segment in value:
            return (*target, segment), value[segment]
        case list() if segment.isdecimal() and len(segment) < 10 and int(segment) < len(value):
            return (*target, int(segment)), value[int(segment)]
        case _:
            raise Unfit(path, f"{shown(reference)} points to nothing: there is no {shown(segment)} in it")


def free_name(target: Path, taken: dict[str, Any], met: Counter[str]) -> str:
    """A short name under `$defs`, that of the definition where it has one; `met` counts how often it was wanted."""
    last = str(target[-1]) if target else "root"
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", last)[:40] or "_"
    free = name
    while free in taken:
        met[name] += 1
        free = f"{name}_{met[name] + 1}"
    return free
