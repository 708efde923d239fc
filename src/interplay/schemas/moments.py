"""Dates and times as RFC 3339 writes them, each of which there is: no 30th of February."""

from typing import Final

from interplay.schemas.rules import Literal, Rule, chars, choice, optional, repeat, sequence

DIGIT: Final = chars("09")
YEAR: Final = sequence(chars("12"), repeat(DIGIT, 3, 3))
"""From 1000 to 2999: no model means another one, and small ones run on through nines."""
LEAP_YEAR: Final = sequence(
    chars("12"),
    DIGIT,
    choice(
        sequence(Literal("0"), chars("4", "8")),
        sequence(chars("2", "4", "6", "8"), chars("0", "4", "8")),
        sequence(chars("1", "3", "5", "7", "9"), chars("2", "6")),
    ),
)
"""Without the century years, of which some are none."""
TO_28: Final = choice(
    sequence(Literal("0"), chars("19")), sequence(Literal("1"), DIGIT), sequence(Literal("2"), chars("08"))
)
MONTH: Final = choice(sequence(Literal("0"), chars("19")), sequence(Literal("1"), chars("02")))
NOT_FEBRUARY: Final = choice(sequence(Literal("0"), chars("1", "39")), sequence(Literal("1"), chars("02")))
LONG_MONTH: Final = choice(
    sequence(Literal("0"), chars("1", "3", "5", "7", "8")), sequence(Literal("1"), chars("0", "2"))
)
DASH: Final = Literal("-")

DATE: Final = choice(
    sequence(
        YEAR,
        DASH,
        choice(
            sequence(MONTH, DASH, TO_28),
            sequence(NOT_FEBRUARY, DASH, choice(Literal("29"), Literal("30"))),
            sequence(LONG_MONTH, DASH, Literal("31")),
        ),
    ),
    sequence(LEAP_YEAR, Literal("-02-29")),
)

HOUR: Final = choice(sequence(chars("01"), DIGIT), sequence(Literal("2"), chars("03")))
SIXTIETH: Final = sequence(chars("05"), DIGIT)
ZONE: Final = choice(Literal("Z"), sequence(chars("+", "-"), HOUR, Literal(":"), SIXTIETH))
TIME: Final = sequence(
    *(HOUR, Literal(":"), SIXTIETH, Literal(":"), SIXTIETH),
    optional(sequence(Literal("."), repeat(DIGIT, 1, 6))),
    ZONE,
)

MOMENTS: Final[dict[str, Rule]] = {"date": DATE, "time": TIME, "date-time": sequence(DATE, Literal("T"), TIME)}
