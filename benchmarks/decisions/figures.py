"""How right and how well calibrated probabilities are. Pure functions."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from interplay.engine.decisions.weights import calibrated

_BINS: Final = 10
_SMALLEST: Final = 1e-12

Outcome = tuple[Sequence[float], int]
"""The probabilities of the options, and the place of the true one."""


class Figures(msgspec.Struct, frozen=True):
    """What is said of some outcomes."""

    count: int
    accuracy: float
    """How often the likeliest option is the true one."""
    loss: float
    """Mean negative log-likelihood of the true option, in nats."""
    calibration_error: float
    """Expected calibration error in ten bins: how far confidence and accuracy lie apart."""


def figures(outcomes: Sequence[Outcome], temperature: float = 1.0) -> Figures:
    """The figures of these outcomes, at this temperature."""
    softened = [(calibrated(probabilities, temperature), truth) for probabilities, truth in outcomes]
    judged = [
        (max(probabilities), probabilities.index(max(probabilities)) == truth) for probabilities, truth in softened
    ]
    return Figures(
        len(outcomes),
        sum(right for _, right in judged) / len(judged),
        loss(outcomes, temperature),
        _calibration_error(judged),
    )


def loss(outcomes: Sequence[Outcome], temperature: float) -> float:
    """The mean negative log-likelihood."""
    found = [calibrated(probabilities, temperature)[truth] for probabilities, truth in outcomes]
    return -math.fsum(math.log(max(probability, _SMALLEST)) for probability in found) / len(found)


def fitted(outcomes: Sequence[Outcome]) -> float:
    """The temperature of the least loss, to two digits."""
    return min((step / 20 for step in range(4, 101)), key=lambda temperature: loss(outcomes, temperature))


def _calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for confidence, right in judged:
        bins[min(int(confidence * _BINS), _BINS - 1)].append((confidence, right))
    return math.fsum(abs(math.fsum(sure - right for sure, right in part)) for part in bins) / len(judged)
