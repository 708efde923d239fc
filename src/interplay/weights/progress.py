"""How a pull says how far it is. Not here: drawing it (`interplay.cli.models`)."""

from typing import Final, Protocol

_KILO: Final = 1000


class Progress(Protocol):
    """Whoever watches a pull."""

    def begin(self, total: int | None, done: int) -> None:
        """The file will have `total` bytes (None when nobody said), and `done` of them are here already."""

    def reached(self, done: int) -> None:
        """`done` bytes of the file are here, or as good as here."""

    def note(self, sentence: str) -> None:
        """Something that the user should know and that is no failure."""


class Silent:
    """Nobody watches."""

    def begin(self, total: int | None, done: int) -> None:
        """Nothing."""

    def reached(self, done: int) -> None:
        """Nothing."""

    def note(self, sentence: str) -> None:
        """Nothing."""


def size(count: int) -> str:
    """`1.12 GB`: a count of bytes as people read it, in powers of 1000."""
    value = float(count)
    for unit in ("bytes", "kB", "MB"):
        if value < _KILO:
            return f"{value:.3g} {unit}"
        value /= _KILO
    return f"{value:.2f} GB"
