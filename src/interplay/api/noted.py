"""The header of an answer that says which hints of the request were taken though nothing comes of them."""

from collections.abc import Sequence
from typing import Final

from interplay.notes import Note, written

HEADER: Final = "x-interplay-notes"


def noted(notes: Sequence[Note]) -> dict[str, str]:
    """The headers of such an answer; none for one that leaves nothing undone."""
    return {HEADER: written(notes)} if notes else {}
