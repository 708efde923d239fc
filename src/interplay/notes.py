"""What was taken of a request though nothing comes of it, in words for whoever sent it.

A hint whose absence cannot make an answer wrong is taken, and the answer says so; what a client relies on is done or
refused. Not here: which fields are hints (`interplay.engine.admission`, `interplay.models.checks`).
"""

from collections.abc import Iterable
from typing import Final

import msgspec

LONGEST: Final = 1000
"""Characters of all notes of one request together, written down."""
_LONGEST_OF_ONE: Final = 200


class Note(msgspec.Struct, frozen=True):
    """One field, and what became of it. Holds no text of a user's but words that the API knows."""

    field: str
    said: str


def written(notes: Iterable[Note]) -> str:
    """All of them on one line of printable ASCII, for a header and the log; empty where there are none."""
    line = ""
    for note in notes:
        one = _plain(f"{note.field}: {note.said}")[:_LONGEST_OF_ONE]
        if len(line) + len(one) + 2 > LONGEST:
            return line
        line = f"{line}; {one}" if line else one
    return line


def _plain(text: str) -> str:
    """Nothing that could end a header, or a note."""
    return "".join(letter if " " <= letter <= "~" and letter != ";" else "?" for letter in text)
