"""Reads cron lines: five fields in, the values of each out, so that what is to be searched is small and says one thing.

Not here: times (`schedule.py`).
"""

import re
from functools import lru_cache
from typing import Final

import msgspec

from interplay.errors import invalid, shown

LONGEST: Final = 256
"""Characters of a line."""

_BETWEEN: Final = re.compile(r"[ \t]+")
_NAME: Final = r"[A-Za-z]{3}"
_VALUE: Final = rf"[0-9]{{1,2}}|{_NAME}"
_ITEM: Final = re.compile(
    rf"(?P<all>\*)?((?P<low>{_VALUE})(-(?P<high>{_VALUE}))?)?(/(?P<step>[0-9]{{1,2}}))?", re.ASCII
)
_MOST_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class _Field(msgspec.Struct, frozen=True):
    name: str
    expected: str
    first: int
    last: int
    names: tuple[str, ...] = ()
    """Of the values from the first one on."""
    again: int | None = None
    """One more number that means the first value."""


_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS: Final = (
    _Field("minute", "0-59", 0, 59),
    _Field("hour", "0-23", 0, 23),
    _Field("day of month", "1-31", 1, 31),
    _Field("month", "1-12 or JAN-DEC", 1, 12, _MONTHS),
    _Field("day of week", "0-7 or SUN-SAT", 0, 6, _DAYS, again=7),
)


@lru_cache(maxsize=4096)
def values(line: str) -> str:
    """The line with all values of each field, in order and each once; `*` where that is one of them.

    Raises Failure `invalid_request`, which names `schedule`.
    """
    fields = _BETWEEN.split(line.strip(" \t"))
    if len(line) > LONGEST:
        raise _bad(line, f"it has {len(line)} characters, at most {LONGEST} are expected")
    if len(fields) != len(_FIELDS) or not all(fields):
        raise _bad(line, f"it has {len([field for field in fields if field])} fields")
    read = [_read(line, field, text) for field, text in zip(_FIELDS, fields, strict=True)]
    _refuse_never(line, *read[2:])
    return " ".join(",".join(map(str, sorted(found))) if found else "*" for found in read)


def tidy(line: str) -> str:
    """The line with one space between its fields."""
    return " ".join(_BETWEEN.split(line.strip(" \t")))


def _read(line: str, field: _Field, text: str) -> set[int]:
    """The values of a field; none for `*`."""
    found: set[int] = set()
    everything = False
    for item in text.split(","):
        part = _item(field, item)
        if part is None:
            raise _bad(line, f"its {field.name} is {shown(text)}, expected {field.expected}")
        everything = everything or item in {"*", "*/1"}
        found.update(part)
    return set() if everything else found


def _item(field: _Field, item: str) -> list[int] | None:
    """The values of one part of a list; None where it means nothing. A range may go over the end, as `FRI-MON` does."""
    match = _ITEM.fullmatch(item)
    if match is None or bool(match["all"]) == bool(match["low"]):
        return None
    whole = range(field.first, field.last + 1)
    step = 1 if match["step"] is None else int(match["step"])
    low = field.first if match["all"] else _value(field, match["low"])
    one = not match["all"] and match["high"] is None and match["step"] is None
    high = low if one else field.last if match["high"] is None else _value(field, match["high"])
    if low is None or high is None or not 1 <= step <= len(whole):
        return None
    count = len(whole) if _is_whole_week(field, match) else (high - low) % len(whole) + 1
    return [whole[(low - field.first + offset) % len(whole)] for offset in range(0, count, step)]


def _is_whole_week(field: _Field, match: re.Match[str]) -> bool:
    """Whether it is 0-7, which has Sunday at both ends."""
    return field.again is not None and (match["low"], match["high"]) == (str(field.first), str(field.again))


def _value(field: _Field, text: str) -> int | None:
    if text.upper() in field.names:
        return field.first + field.names.index(text.upper())
    number = int(text) if text.isdigit() else -1
    if number == field.again:
        return field.first
    return number if field.first <= number <= field.last else None


def _refuse_never(line: str, days: set[int], months: set[int], weekdays: set[int]) -> None:
    longest = max(_MOST_DAYS[month - 1] for month in months or range(1, 13))
    if days and not weekdays and min(days) > longest:
        raise invalid(f"'schedule' {shown(line)} is never due: there is no such day.")


def _bad(line: str, reason: str) -> Exception:
    names = ", ".join(field.name for field in _FIELDS)
    return invalid(
        f"'schedule' {shown(line)} is not valid: {reason}. Expected the five fields of cron ({names}), each of "
        "'*', numbers, ranges 'a-b' and steps '/n' no larger than the field's range, as lists with ','."
    )
