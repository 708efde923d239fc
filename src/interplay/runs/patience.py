"""How often, and when, a background run asks its model again. Nobody waits in front of it who could do so."""

import random
from typing import Final

from interplay.errors import Failure

LONGEST: Final = 60.0
"""Seconds between two tries."""
MOST_BREAKS: Final = 3
"""Tries after a model died over the answer: the request may be the reason, and others use that model too."""


class Patience:
    """That of one run: pauses of one, two, four seconds and so on, each cut short at random.

    Without the cut all runs would come back at the same moment to a model that has just started.
    """

    def __init__(self, tries: int) -> None:
        self._left = tries
        self._breaks_left = MOST_BREAKS
        self._longest = 1.0

    def bears(self, failure: Failure) -> bool:
        """Whether it is worth to ask again after this."""
        return failure.passing and self._left > 0 and (not failure.broke or self._breaks_left > 0)

    def pause(self, failure: Failure) -> float:
        """Seconds until the next try."""
        self._left -= 1
        self._breaks_left -= failure.broke
        longest, self._longest = self._longest, min(LONGEST, 2 * self._longest)
        return min(LONGEST, max(longest * random.uniform(0.5, 1.0), failure.retry_seconds or 0))  # noqa: S311 - no secret
