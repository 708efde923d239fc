"""The numbers of a range, digit by digit."""

from decimal import Decimal
from math import ceil, floor
from typing import Final

from interplay.schemas.rules import EMPTY, Literal, Rule, chars, choice, optional, repeat, sequence
from interplay.schemas.shapes import Number

DIGITS: Final = 15
"""As many digits as a double holds exactly; no number without bounds has more before its point."""
FRACTION: Final = 6
"""Digits after the point of a number with bounds; more where the bounds themselves have more."""
MOST_PLACES: Final = 20
"""Digits after the point that are kept of a bound: enough for a double's all, unless it is very near to 0."""
FAR: Final = Decimal(10**DIGITS - 1)
"""The bound of a number on a side where the schema gives none."""

DIGIT: Final = chars("09")
WHOLE: Final = choice(Literal("0"), sequence(chars("19"), repeat(DIGIT, 0, DIGITS - 1)))
EXPONENT: Final = sequence(chars("e", "E"), optional(chars("+", "-")), repeat(DIGIT, 1, 2))
ANY: Final = sequence(
    optional(Literal("-")), WHOLE, optional(sequence(Literal("."), repeat(DIGIT, 1, DIGITS))), optional(EXPONENT)
)


def numerals(number: Number) -> Rule:
    """How the numbers of this range are written. Without any bounds a number may have an exponent."""
    if number.low is None and number.high is None and not number.whole:
        return ANY
    low, high = span(number)
    places = 0 if number.whole else fraction_digits(number, low, high)
    least, most = scaled(number, low, high, places)
    sides = []
    if least < 0:
        lowest = max(-most, 1 if number.whole else 0)
        sides.append(sequence(Literal("-"), magnitude(lowest, -least, places)))
    if most >= 0:
        sides.append(magnitude(max(least, 0), most, places))
    return choice(*sides)


def span(number: Number) -> tuple[Decimal, Decimal]:
    """The bounds, brought nearer where there are none or they are very far."""
    low = number.low if number.low is not None else min(-FAR, Decimal(-10) * abs(number.high or Decimal(0)))
    high = number.high if number.high is not None else max(FAR, Decimal(10) * abs(number.low or Decimal(0)))
    return max(low, -FAR) if high > -FAR else low, min(high, FAR) if low < FAR else high


def fraction_digits(number: Number, low: Decimal, high: Decimal) -> int:
    """How many digits after the point there may be: few enough that a double still tells neighbours apart."""
    stated = [bound for bound in (low, high) if abs(bound) != FAR] or [FAR]
    whole_digits = max(len(str(abs(int(bound)))) for bound in stated)
    places = max(min(FRACTION, DIGITS - whole_digits), *(min(decimals(bound), MOST_PLACES) for bound in stated))
    while scaled(number, low, high, places)[0] > scaled(number, low, high, places)[1]:
        places += 1
    return places


def decimals(bound: Decimal) -> int:
    """How many digits a number has after its point."""
    return max(0, -int(bound.normalize().as_tuple().exponent))


def scaled(number: Number, low: Decimal, high: Decimal, places: int) -> tuple[int, int]:
    """The first and last number of the range, counted in units of its last place. Exact, so not Decimal's division."""
    least, most = shifted(low, places), shifted(high, places)
    lowest = ceil(least) + (1 if number.above and least == least.to_integral_value() else 0)
    highest = floor(most) - (1 if number.below and most == most.to_integral_value() else 0)
    nines = 10**places - 1  # up to the far bound, its fraction included: a shorter rule
    return lowest - (nines if number.low is None else 0), highest + (nines if number.high is None else 0)


def shifted(bound: Decimal, places: int) -> Decimal:
    """The number with its point moved."""
    sign, digits, exponent = bound.as_tuple()
    return Decimal((sign, digits, int(exponent) + places))


def magnitude(low: int, high: int, places: int) -> Rule:
    """Numbers from 0 up, given in units of the last place."""
    unit = 10**places
    (low_whole, low_part), (high_whole, high_part) = divmod(low, unit), divmod(high, unit)
    zeros, nines = "0" * places, "9" * places
    low_digits, high_digits = (str(part).zfill(places) if places else "" for part in (low_part, high_part))
    if low_whole == high_whole:
        return sequence(Literal(str(low_whole)), fraction(low_digits, high_digits))
    options = []
    if low_digits != zeros:
        options.append(sequence(Literal(str(low_whole)), fraction(low_digits, nines)))
        low_whole += 1
    top = [] if high_digits == nines else [sequence(Literal(str(high_whole)), fraction(zeros, high_digits))]
    high_whole -= len(top)
    if low_whole <= high_whole:
        options.append(sequence(whole(low_whole, high_whole), fraction(zeros, nines)))
    return choice(*options, *top)


def whole(low: int, high: int) -> Rule:
    """Whole numbers from 0 up, without leading zeros."""
    options: list[Rule] = [] if low or high == 0 else [Literal("0")]
    low += len(options)
    if str(low).strip("0") == "1" and not str(high).strip("9"):
        return choice(*options, sequence(chars("19"), repeat(DIGIT, len(str(low)) - 1, len(str(high)) - 1)))
    while len(str(low)) < len(str(high)):
        nines = 10 ** len(str(low)) - 1
        options.append(between(str(low), str(nines)))
        low = nines + 1
    return choice(*options, between(str(low), str(high)))


def between(low: str, high: str) -> Rule:
    """As many digits as each of the two has, from the first to the last."""
    count = len(low)
    if low == high:
        return Literal(low) if low else EMPTY
    if low == "0" * count and high == "9" * count:
        return repeat(DIGIT, count, count)
    if low[0] == high[0]:
        return sequence(Literal(low[0]), between(low[1:], high[1:]))
    return choice(*(sequence(digit, between(*rest)) for digit, rest in split(low, high)))


def split(low: str, high: str) -> list[tuple[Rule, tuple[str, str]]]:
    """The first digits of a range that begins and ends with different ones, and what may follow each."""
    count = len(low) - 1
    zeros, nines = "0" * count, "9" * count
    first, last = int(low[0]), int(high[0])
    bottom = [] if low[1:] == zeros else [(Literal(low[0]), (low[1:], nines))]
    top = [] if high[1:] == nines else [(Literal(high[0]), (zeros, high[1:]))]
    first, last = first + len(bottom), last - len(top)
    middle = [(chars(f"{first}{last}"), (zeros, nines))] if first <= last else []
    return [*bottom, *middle, *top]


def fraction(low: str, high: str) -> Rule:
    """The point and what follows; nothing at all where that is in the range as well."""
    if not low:
        return EMPTY
    rule = sequence(Literal("."), tail(low, high))
    return rule if low.strip("0") else optional(rule)


def tail(low: str, high: str) -> Rule:
    """One digit or more after the point; the digits that are left out are zeros."""
    count = len(low)
    if low == "0" * count and high == "9" * count:
        return repeat(DIGIT, 1, count)
    if low[0] == high[0]:
        return sequence(Literal(low[0]), more(low[1:], high[1:]))
    return choice(*(sequence(digit, more(*rest)) for digit, rest in split(low, high)))


def more(low: str, high: str) -> Rule:
    """The digits that follow a first one."""
    if not low:
        return EMPTY
    return tail(low, high) if low.strip("0") else optional(tail(low, high))
