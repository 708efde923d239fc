"""Notes as they are written down: one line that a header can hold, whatever is in them."""

import pytest

from interplay.notes import LONGEST, Note, written


def test_notes_are_one_line_of_printable_ascii() -> None:
    """Nothing in a note ends a header, begins another one, or looks like the end of the note."""
    line = written([Note("a", "x\r\nset-cookie: y; z"), Note("b.c", 'zażółć \x00"q"')])
    assert line == 'a: x??set-cookie: y? z; b.c: za???? ?"q"'


@pytest.mark.parametrize(("last", "fits"), [(192, True), (193, False)])
def test_a_note_is_there_as_a_whole_or_not_at_all(last: int, fits: bool) -> None:
    """A thousand characters of them fit a header, each of at most two hundred; a short one behind is left out too."""
    long = [Note(f"f{number}", "x" * 196) for number in range(4)]
    whole = "; ".join(f"{note.field}: {note.said}" for note in long)
    assert len(whole) == 806
    line = written([*long, Note("g", "y" * (last - 3)), *([] if fits else [Note("h", "z")])])
    assert line == whole + (f"; g: {'y' * (last - 3)}" if fits else "")
    assert len(line) == (1000 if fits else 806)
    assert written([Note("f", "x" * 198)]) == f"f: {'x' * 197}"


def test_notes_are_bounded() -> None:
    """Many of them, and long ones, are cut between notes and within one."""
    line = written(Note(f"f{number}", "x" * 5000) for number in range(1000))
    assert len(line) <= LONGEST
    assert line.startswith("f0: xxx")
    assert all(note.startswith("f") for note in line.split("; "))
    assert written([]) == ""
