"""Months of languages that a small model mixes up: in English, put behind their names in what it reads.

Without them "10 lipca 2026" becomes some day in May. Their numbers do not help; English names do.
"""

import re
from typing import Final

MONTHS: Final = {
    "stycznia": "January",
    "lutego": "February",
    "marca": "March",
    "kwietnia": "April",
    "maja": "May",
    "czerwca": "June",
    "lipca": "July",
    "sierpnia": "August",
    "września": "September",
    "października": "October",
    "listopada": "November",
    "grudnia": "December",
}
"""Polish, as they stand in dates."""

DATE: Final = re.compile(rf"(\b\d{{1,2}}\.? (?:{'|'.join(MONTHS)}))\b", re.IGNORECASE)
"""A day and its month; a word alone may be a name."""


def translated(text: str) -> str:
    """The text with English behind each month: "10 lipca (July) 2026"."""
    return DATE.sub(lambda found: f"{found[1]} ({MONTHS[found[1].split()[-1].lower()]})", text)
