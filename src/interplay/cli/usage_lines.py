"""Rows of the usage added up to lines: what `interplay usage` shows. Not here: how."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from interplay.store.usage import UsageRow


class By(StrEnum):
    """What lines are told apart by."""

    PROJECT = "project"
    KEY = "key"
    MODEL = "model"
    DAY = "day"


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Rows that are shown as one. What they are not told apart by is None, and absent in JSON."""

    project: str | None = None
    key: str | None = None
    """The key's id; empty for requests without a key."""
    key_ends_in: str | None = None
    """The key's last four characters."""
    model: str | None = None
    day: str | None = None
    requests: int
    input_tokens: int
    cached_tokens: int
    """The part of the input that was in the cache."""
    output_tokens: int
    thought_tokens: int
    total_tokens: int
    """Input, output and thought."""

    def __add__(self, other: "Line") -> "Line":
        """Both as one, told apart by what this one is."""
        return msgspec.structs.replace(self, **{name: getattr(self, name) + getattr(other, name) for name in COUNTS})


COUNTS = ("requests", "input_tokens", "cached_tokens", "output_tokens", "thought_tokens", "total_tokens")


def lines(rows: Iterable[UsageRow], by: Iterable[By]) -> list[Line]:
    """The rows added up, in the order of project, key, model and day, as far as they are told apart by these."""
    wanted = frozenset(by)
    added: dict[tuple[str | None, ...], Line] = {}
    for row in rows:
        line = _line(row, wanted)
        place = (line.project, line.key, line.model, line.day)
        added[place] = added[place] + line if place in added else line
    return [added[place] for place in sorted(added, key=lambda names: [name or "" for name in names])]


def _line(row: UsageRow, by: frozenset[By]) -> Line:
    used = row.used
    return Line(
        project=row.project if By.PROJECT in by else None,
        key=row.key if By.KEY in by else None,
        key_ends_in=row.hint if By.KEY in by else None,
        model=row.model if By.MODEL in by else None,
        day=used.day if By.DAY in by else None,
        requests=row.requests,
        input_tokens=used.input,
        cached_tokens=used.cached,
        output_tokens=used.output,
        thought_tokens=used.thought,
        total_tokens=used.total,
    )
