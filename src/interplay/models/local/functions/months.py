"""Months of languages that a small model mixes up: their numbers, put behind their names in what it reads.

Without them "10 lipca 2026" becomes some day in May.
"""

import re
from typing import Final

POLISH: Final = (
    *("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca"),
    *("lipca", "sierpnia", "września", "października", "listopada", "grudnia"),
)
"""As they stand in dates."""
MONTHS: Final = {name: f"{number:02}" for number, name in enumerate(POLISH, 1)}

DATE: Final = re.compile(rf"(\b\d{{1,2}}\.? (?:{'|'.join(MONTHS)}))\b", re.IGNORECASE)
"""A day and its month; a word alone may be a name."""


def numbered(text: str) -> str:
    """The text with a number behind each month: "10 lipca (07) 2026"."""
    return DATE.sub(lambda found: f"{found[1]} ({MONTHS[found[1].split()[-1].lower()]})", text)
