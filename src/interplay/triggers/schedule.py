"""Cron lines in the time of a zone.

The line is read by the clock on the wall, and every time of that clock counts once:

    a time that the clock skips, in spring          the first moment after the gap
    a time that the clock shows twice, in autumn    the first of the two

Several skipped times are one moment, and one run. The line is matched to times without a zone (croniter), and the
zone's own rules (zoneinfo) make moments of them here, so nothing depends on how croniter treats zones.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from croniter import croniter

from interplay.errors import invalid, shown
from interplay.triggers.cron import values

_SECOND: Final = timedelta(seconds=1)
_NOWHERE: Final = "Factory"
"""What a machine has before somebody sets its zone."""


class Schedule:
    """When something is due. Moments are seconds since 1970, and whole ones.

    Raises Failure `invalid_request`, which names `schedule` or `time_zone`.
    """

    def __init__(self, schedule: str, time_zone: str) -> None:
        self._zone = _zone(time_zone)
        self._line = values(schedule)

    def after(self, moment: float) -> float:
        """The first time that it is due behind a moment."""
        start = _wall(moment, self._zone)
        times = croniter(self._line, start)
        return next(due for due in self._moments(iter(lambda: times.get_next(datetime), None)) if due > moment)

    def latest(self, moment: float) -> float:
        """The last time that it was due up to a moment."""
        now = datetime.fromtimestamp(moment, self._zone)
        # In the second of two equal hours, all of the first have been, later ones on the wall too.
        repeated = (now.replace(fold=0).utcoffset() or timedelta()) - (now.utcoffset() or timedelta())
        start = now.replace(tzinfo=None, microsecond=0) + repeated + _SECOND  # croniter's start does not count itself
        times = croniter(self._line, start)
        return next(due for due in self._moments(iter(lambda: times.get_prev(datetime), None)) if due <= moment)

    def _moments(self, times: Iterator[datetime]) -> Iterator[float]:
        return (_moment(time, self._zone) for time in times)


def _zone(name: str) -> ZoneInfo:
    if name not in _names() or name == _NOWHERE:
        raise invalid(
            f"'time_zone' {shown(name)} is not known: expected the IANA name of a zone, such as \"Europe/Warsaw\" or "
            '"UTC".'
        )
    return ZoneInfo(name)


@cache
def _names() -> frozenset[str]:
    """IANA's zones. The machine's own list may have names that other machines do not."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text().split())


def _wall(moment: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(moment, zone).replace(tzinfo=None)


def _moment(wall: datetime, zone: ZoneInfo) -> float:
    """The first moment that the clock shows this time, or the end of the gap that it falls into."""
    moment = int(wall.replace(tzinfo=zone).timestamp())
    if _wall(moment, zone) == wall:
        return float(moment)
    return float(_change(int(wall.replace(tzinfo=zone, fold=1).timestamp()), moment, zone))


def _change(before: int, after: int, zone: ZoneInfo) -> int:
    """The first second with the offset of `after`; there is one change between the two."""
    offset = _offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(middle, zone) == offset else (before, middle)
    return after


def _offset(moment: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
