"""Levels of thinking: how much a client wants at most, and what a model that has some of them is given."""

from collections.abc import Sequence
from typing import Final

from interplay.errors import invalid, listed, shown
from interplay.notes import Note

LEVELS: Final = ("minimal", "low", "medium", "high", "xhigh")
"""The API's, from little to much."""

_FIELD: Final = "generation_config.thinking_level"


def given(level: str | None, levels: Sequence[str]) -> str | None:
    """The level that a model with these is given: the nearest that is not above, the lowest where all are.

    None where none is asked for, and where the model has none that could be compared.
    """
    asked = _meant(level)
    if asked is None or asked in levels:
        return asked
    known = [each for each in LEVELS if each in levels]
    below = [each for each in known if LEVELS.index(each) <= LEVELS.index(asked)]
    return below[-1] if below else known[0] if known else None


def check_level(level: str | None, levels: Sequence[str]) -> tuple[Note, ...]:
    """What becomes of a level. Raises Failure `invalid_request` for a word that is none."""
    asked = _meant(level)
    if asked is None or asked in levels:
        return ()
    if asked not in LEVELS:
        raise invalid(
            f"'{_FIELD}' {shown(level)} is unknown: expected one of {listed(dict.fromkeys((*LEVELS, *levels)))}."
        )
    if not levels:  # one that thinks nothing thinks as little as can be
        return () if asked == LEVELS[0] else (Note(_FIELD, "the model is not known to think"),)
    instead = given(level, levels)
    return (Note(_FIELD, f"{shown(asked)} asked for, {shown(instead) if instead else 'none'} given"),)


def _meant(level: str | None) -> str | None:
    """The level; the SDKs' older enum has capitals."""
    lower = level.lower() if level is not None else None
    return lower if level is not None and level.isupper() and lower in LEVELS else level
