"""Why a schema is refused: where in it, and in which words. `schema.compile` makes a Failure of it."""

import re
from typing import Any, Final

from interplay.errors import shown

PLAIN_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")

Path = tuple[str | int, ...]
"""The way from the outermost value to one inside it, by names and places in lists."""


class Unfit(Exception):
    """The schema cannot be used; `path` leads to what is wrong, `said` is the rest of the sentence."""

    def __init__(self, path: Path, said: str) -> None:
        super().__init__(said)
        self.path = path
        self.said = said


def expected(path: Path, what: str, got: Any) -> Unfit:
    """A value of the wrong kind."""
    return Unfit(path, f"expected {what}, got {shown(got)}")


def too_complex(limit: int) -> Unfit:
    """A schema whose parts multiply."""
    return Unfit((), f"it is too complex: put together it has more than {limit} alternatives and properties")


def written(path: Path) -> str:
    """A path as it stands in a message: `.items.properties["a b"][0]`."""
    return "".join(_segment(segment) for segment in path)


def _segment(segment: str | int) -> str:
    match segment:
        case int():
            return f"[{segment}]"
        case _ if PLAIN_NAME.fullmatch(segment):
            return f".{segment}"
        case _:
            return f"[{shown(segment)}]"
