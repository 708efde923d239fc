"""Arithmetic of probabilities. Pure functions; each takes and gives one number an option."""

import math
from collections.abc import Sequence
from typing import Final

from interplay.models.base import normalised

_DIGITS: Final = 6
_LEAST: Final = 0.01
_MOST: Final = 0.99
"""How probable yes may be said to be, by the documentation of the SDKs."""
_SMALLEST: Final = 1e-30
"""Stands for a probability of nothing where a logarithm is taken."""


def averaged(one: Sequence[float], other: Sequence[float]) -> tuple[float, ...]:
    """The geometric mean of two opinions."""
    return normalised([math.sqrt(max(a, _SMALLEST) * max(b, _SMALLEST)) for a, b in zip(one, other, strict=True)])


def ranked(heats: Sequence[Sequence[float]], final: Sequence[float]) -> tuple[float, ...]:
    """The probabilities of all options, from those within each group and those among the groups' best.

    An option is as many times less probable than another as it was where the two were compared, if only by way of
    their groups' best.
    """
    return normalised([best * chance / max(heat) for heat, best in zip(heats, final, strict=True) for chance in heat])


def calibrated(probabilities: Sequence[float], temperature: float) -> tuple[float, ...]:
    """Less certain than the model with a temperature above one, more certain below it; never in another order."""
    logarithms = [math.log(max(probability, _SMALLEST)) / temperature for probability in probabilities]
    highest = max(logarithms)
    return normalised([math.exp(logarithm - highest) for logarithm in logarithms])


def rounded(probabilities: Sequence[float]) -> tuple[float, ...]:
    """As many digits as mean something, and a sum of one again."""
    return normalised([round(probability, _DIGITS) for probability in probabilities])


def moderate(probability: float) -> float:
    """The probability of yes or no as it is said: neither is ever quite sure."""
    return min(max(probability, _LEAST), _MOST)
