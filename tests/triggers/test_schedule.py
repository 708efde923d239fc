"""When a schedule is due: the times of the wall's clock, each once, whatever the zone does to them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interplay.triggers.cron import values
from interplay.triggers.schedule import Schedule


def moment(text: str) -> float:
    """Seconds since 1970 of an ISO time."""
    return datetime.fromisoformat(text).timestamp()


def due(line: str, zone: str, start: str, count: int) -> list[str]:
    """The next times in UTC, each the latest at its own moment, and none in between."""
    schedule, now, found = Schedule(line, zone), moment(start), []
    for _ in range(count):
        following = schedule.after(now)
        assert schedule.latest(following) == following
        assert schedule.latest(following - 0.001) <= now
        now = following
        found.append(datetime.fromtimestamp(now, UTC).strftime("%m-%dT%H:%M"))
    return found


@pytest.mark.parametrize(
    ("zone", "line", "start", "expected"),
    [
        # Skipped in spring: the first moment after the gap, once.
        ("Europe/Warsaw", "30 2 * * *", "2026-03-28T12:00Z", ["03-29T01:00", "03-30T00:30"]),
        ("America/New_York", "30 2 * * *", "2026-03-07T12:00Z", ["03-08T07:00", "03-09T06:30"]),
        ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03T00:00Z", ["10-03T15:30", "10-04T15:15"]),
        # Several skipped times are one, and so are they and the time that the gap ends with.
        ("Europe/Warsaw", "*/15 2 * * *", "2026-03-29T00:50Z", ["03-29T01:00", "03-30T00:00"]),
        ("Europe/Warsaw", "*/30 * * * *", "2026-03-29T00:20Z", ["03-29T00:30", "03-29T01:00", "03-29T01:30"]),
        ("America/New_York", "*/30 * * * *", "2026-03-08T06:20Z", ["03-08T06:30", "03-08T07:00", "03-08T07:30"]),
        # Shown twice in autumn: the first of the two.
        ("Europe/Warsaw", "30 2 * * *", "2026-10-24T12:00Z", ["10-25T00:30", "10-26T01:30"]),
        ("America/New_York", "30 1 * * *", "2026-10-31T12:00Z", ["11-01T05:30", "11-02T06:30"]),
        ("Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00Z", ["04-04T14:45", "04-05T15:15"]),
        ("Europe/Warsaw", "*/30 * * * *", "2026-10-24T23:50Z", ["10-25T00:00", "10-25T00:30", "10-25T02:00"]),
        # Looked at from within the second of the two.
        ("Europe/Warsaw", "30 2 * * *", "2026-10-25T01:10Z", ["10-26T01:30"]),
        # A zone whose clock never changes, and one that is a whole day further on at once.
        ("Asia/Kolkata", "0 9 * * *", "2026-03-28T12:00Z", ["03-29T03:30", "03-30T03:30"]),
        ("UTC", "30 2 * * *", "2026-03-28T12:00Z", ["03-29T02:30", "03-30T02:30"]),
        ("Pacific/Apia", "0 12 * * *", "2011-12-29T12:00Z", ["12-29T22:00", "12-30T10:00", "12-30T22:00"]),
    ],
)
def test_daylight_saving(zone: str, line: str, start: str, expected: list[str]) -> None:
    """A time that does not exist is due at the next moment that does; one that exists twice is due once."""
    assert due(line, zone, start, len(expected)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 0 29 2 *", ["02-29T00:00", "02-29T00:00"]),
        ("0 0 1 * sun", ["11-29T00:00", "12-01T00:00", "12-06T00:00"]),  # either day will do
        ("0 0 * * fri-mon", ["11-28T00:00", "11-29T00:00", "11-30T00:00", "12-04T00:00"]),
        ("0 22-2/2 * * 7", ["11-29T00:00", "11-29T02:00", "11-29T22:00", "12-06T00:00"]),
        ("5,10-14/2 3 * JAN *", ["01-01T03:05", "01-01T03:10", "01-01T03:12", "01-01T03:14", "01-02T03:05"]),
        (" 0   9 * * * ", ["11-28T09:00"]),
        ("0 0 5-7 * *", ["12-05T00:00", "12-06T00:00", "12-07T00:00", "01-05T00:00"]),
        ("50-1/5,50 3 28-1 * *", ["11-28T03:00", "11-28T03:50", "11-28T03:55", "11-29T03:00"]),
        ("5/20\t3 * * *", ["11-28T03:05", "11-28T03:25", "11-28T03:45", "11-29T03:05"]),
        ("0 0 1-31 * mon", ["11-28T00:00", "11-29T00:00"]),  # either, and the first is every day
        ("0 0 31 * 0-7", ["11-28T00:00", "11-29T00:00"]),
        ("0 0 * * *,mon", ["11-28T00:00", "11-29T00:00"]),
        ("0 0 * 12 */4,4-4", ["12-03T00:00", "12-06T00:00", "12-10T00:00"]),
    ],
)
def test_cron(line: str, expected: list[str]) -> None:
    """Five fields with lists, ranges, steps and names; of two restricted days, either."""
    assert due(line, "UTC", "2026-11-27T12:00Z", len(expected)) == expected


def test_a_hostile_line_is_small_when_it_is_searched() -> None:
    """Each value of a field once, however often and in however many ways the line says it."""
    assert values("*/2,0-58/2,58 " + ",".join(["0-23"] * 40) + " *,1 1,1,1 7,0,sun") == (
        f"{','.join(map(str, range(0, 60, 2)))} {','.join(map(str, range(24)))} * 1 0"
    )


CHANGES = [
    ("Europe/Warsaw", "2026-03-29T01:00Z"),
    ("Europe/Warsaw", "2026-10-25T01:00Z"),
    ("America/New_York", "2026-03-08T07:00Z"),
    ("America/New_York", "2026-11-01T06:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00Z"),
    ("Asia/Kolkata", "2026-03-29T01:00Z"),
]


@settings(deadline=None)
@given(
    change=st.sampled_from(CHANGES),
    before=st.integers(0, 4 * 3600),
    minutes=st.sets(st.integers(0, 59), min_size=1, max_size=6),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=24),
)
def test_every_time_on_the_wall_counts_once(
    change: tuple[str, str], before: int, minutes: set[int], hours: set[int]
) -> None:
    """Around a change of the zone, what is due is what the clock comes to show, without what it shows again."""
    zone, at = change
    start = int(moment(at)) - before
    end = start + 8 * 3600
    schedule = Schedule(f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * *", zone)
    found, now = [], float(start)
    while (now := schedule.after(now)) < end:
        assert schedule.latest(now) == now
        found.append(now)
    assert found == _by_the_clock(ZoneInfo(zone), start, end, minutes, hours)


def _by_the_clock(zone: ZoneInfo, start: int, end: int, minutes: set[int], hours: set[int]) -> list[float]:
    """The same by looking at the clock every minute: due is what it has come to show for the first time."""
    first = start - start % 60 - 7200
    reached = datetime.fromtimestamp(first, zone).replace(tzinfo=None)
    found = []
    for second in range(first + 60, end, 60):
        wall, is_due = datetime.fromtimestamp(second, zone).replace(tzinfo=None), False
        while reached < wall:
            reached += timedelta(minutes=1)
            is_due |= reached.minute in minutes and reached.hour in hours
        found += [float(second)] if is_due and second > start else []
    return found


def test_a_long_pause_costs_nothing() -> None:
    """The latest time is found from its end: a year of minutes is not walked through."""
    schedule = Schedule("* * * * *", "Europe/Warsaw")
    now = moment("2026-11-27T12:00:30Z")
    assert schedule.latest(now) == now - 30
    assert schedule.after(now - timedelta(days=365).total_seconds()) < now


@pytest.mark.parametrize(
    ("line", "expected"), [("45 2 * * *", "2026-10-25T00:45Z"), ("5,45 2 * * *", "2026-10-25T00:45Z")]
)
def test_what_was_missed_before_the_clock_went_back(line: str, expected: str) -> None:
    """Looked for in the second of the two hours, a later time of the first one is past."""
    assert Schedule(line, "Europe/Warsaw").latest(moment("2026-10-25T01:10Z")) == moment(expected)
