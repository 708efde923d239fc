"""The `filter` of a list of triggers: comparisons of fields, joined by AND.

status = "active"
display_name = "Daily report" AND status != paused
"""

import re
from typing import Final, Literal, get_args

from interplay.errors import invalid, listed, shown
from interplay.store.triggers import Condition
from interplay.wire import TRIGGER_STATUSES

_Field = Literal["display_name", "status", "time_zone"]
_FIELDS: Final[dict[str, _Field]] = {field: field for field in get_args(_Field)}
_COMPARISON: Final = re.compile(r"""\s*(?P<field>\w+)\s*(?P<sign>!=|=)\s*("(?P<quoted>[^"]*)"|(?P<bare>[^\s"=!]+))""")
_AND: Final = re.compile(r"\s+AND\s+")
_MOST: Final = 20


def conditions(text: str) -> list[Condition]:
    """What the filter demands, nothing if it is empty. Raises Failure `invalid_request`."""
    found: list[Condition] = []
    rest = text.strip()
    while rest:
        comparison = _COMPARISON.match(rest)
        if comparison is None or len(found) == _MOST:
            raise _wrong(text)
        found.append(_condition(comparison, text))
        rest = _behind(comparison, rest, text)
    return found


def _behind(comparison: re.Match[str], rest: str, text: str) -> str:
    """What follows a comparison and its AND."""
    behind = rest[comparison.end() :]
    if not behind:
        return ""
    joint = _AND.match(behind)
    if joint is None or joint.end() == len(behind):
        raise _wrong(text)
    return behind[joint.end() :]


def _condition(comparison: re.Match[str], text: str) -> Condition:
    name = comparison["field"]
    value = comparison["quoted"] if comparison["bare"] is None else comparison["bare"]
    if name not in _FIELDS:
        raise invalid(f"'filter' {shown(text)} compares {shown(name)}: expected one of {listed(_FIELDS)}.")
    if name == "status" and value not in TRIGGER_STATUSES:
        raise invalid(f"'filter' has the status {shown(value)}: expected one of {listed(TRIGGER_STATUSES)}.")
    return Condition(_FIELDS[name], comparison["sign"] == "=", value)


def _wrong(text: str) -> Exception:
    return invalid(
        f"'filter' {shown(text)} cannot be read: expected at most {_MOST} comparisons such as 'status = \"active\"' or "
        f"'display_name != \"x\"', joined by AND, of {listed(_FIELDS)}."
    )
