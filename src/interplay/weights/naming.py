"""Names and file names of models that are not pinned."""

import re
from pathlib import Path
from typing import Final

from interplay.weights.errors import WeightsError
from interplay.weights.shelf import Shelf

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")


def file_name(name: str) -> str:
    """The file name for a model of this name (or of this file name)."""
    stem = name.removesuffix(".gguf")
    if _NAME.fullmatch(stem):
        return f"{stem}.gguf"
    raise WeightsError(
        f"{name!r} cannot be a model's name; give one with --name, of letters, digits, dots, dashes and underscores."
    )


def refuse_taken(shelf: Shelf, file: str, unless: Path | None = None) -> None:
    """Refuse to put another file where one is, or another model under a name that is in use."""
    path = shelf.folder / file
    taken = path if path.exists() else None
    if named := shelf.get(file.removesuffix(".gguf")):
        taken = named.path
    if taken and not (unless and taken.samefile(unless)):
        raise WeightsError(
            f"{taken} is already there and is not known to be that model; move it away, register it with "
            f"--from {taken}, or choose another name with --name."
        )
