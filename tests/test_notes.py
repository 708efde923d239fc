"""Notes as they are written down: one line that a header can hold, whatever is in them."""

from interplay.notes import LONGEST, Note, written


def test_notes_are_one_line_of_printable_ascii() -> None:
    """Nothing in a note ends a header, begins another one, or looks like the end of the note."""
    line = written([Note("a", "x\r\nset-cookie: y; z"), Note("b.c", 'zażółć \x00"q"')])
    assert line == 'a: x??set-cookie: y? z; b.c: za???? ?"q"'


def test_notes_are_bounded() -> None:
    """Many of them, and long ones, are cut between notes and within one."""
    line = written(Note(f"f{number}", "x" * 5000) for number in range(1000))
    assert len(line) <= LONGEST
    assert line.startswith("f0: xxx")
    assert all(note.startswith("f") for note in line.split("; "))
    assert written([]) == ""
