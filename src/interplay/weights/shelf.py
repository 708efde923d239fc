"""The models that are on this machine.

    FOLDER/FILE.gguf           a model; one that the user put there by hand counts as well
    FOLDER/FILE.gguf.json      its record: name, hash, licence, origin
    FOLDER/FILE.gguf.txt       licence and attribution, for people

Not here: bringing models there (`pull`), or running them.
"""

import re
from pathlib import Path
from typing import Final, Literal

import msgspec

from interplay.weights.draft import Draft
from interplay.weights.errors import WeightsError
from interplay.weights.manifest import manifest
from interplay.weights.places import models_folder

Verified = Literal["pinned", "stated", "given", "computed"]
"""What the hash was compared with: our manifest, the host's word, the user's word, or nothing."""

_LATER_PART: Final = re.compile(r"-(?!00001)\d{5}-of-\d{5}\.gguf$")
"""The second and further files of a model that its publisher has cut; the engine opens the first."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a model."""

    name: str
    """What users call it."""
    bytes: int
    """The file's size when it was verified."""
    sha256: str
    """The file's SHA-256."""
    verified: Verified
    """What the hash was compared with."""
    licence: str | None = None
    """The licence's SPDX identifier, where it is known."""
    attribution: str | None = None
    """Who made it, where it is known."""
    origin: str | None = None
    """Where the file came from."""


class Model(msgspec.Struct, frozen=True):
    """A model file on this machine."""

    name: str
    path: Path
    bytes: int
    record: Record | None
    """None for a file that was put there by hand, or changed since it was recorded."""


class Shelf:
    """The models folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def models(self) -> list[Model]:
        """All models here, by name."""
        paths = (path for path in self.folder.glob("*.gguf") if path.is_file() and _is_model(path.name))
        return sorted((self._model(path) for path in paths), key=lambda model: model.name)

    def get(self, name: str) -> Model | None:
        """The model of this name (or file name), or None."""
        return next((model for model in self.models() if name in {model.name, model.path.name}), None)

    def find(self, name: str) -> Model:
        """The model of this name (or file name)."""
        if model := self.get(name):
            return model
        raise WeightsError(self._missing(name))

    def default(self) -> Model | None:
        """The manifest's default if it is here, else the first by name, else None."""
        return self.get(manifest().default) or next(iter(self.models()), None)

    def put(self, draft: Draft, record: Record) -> Model:
        """Publish a finished draft under a record."""
        path = draft.publish()
        self.record(path, record)
        return self._model(path)

    def record(self, path: Path, record: Record) -> None:
        """Remember what a file on the shelf is."""
        _beside(path, "json").write_bytes(msgspec.json.format(msgspec.json.encode(record)))
        _beside(path, "txt").write_text(_notice(path.name, record), encoding="utf-8")

    def _model(self, path: Path) -> Model:
        record, count = _read_record(path), path.stat().st_size
        if record is None or record.bytes != count:
            return Model(path.stem, path, count, None)
        return Model(record.name, path, count, record)

    def _missing(self, name: str) -> str:
        here = ", ".join(model.name for model in self.models()) or "none"
        pull = f"`interplay models pull {name}`" if manifest().get(name) else "`interplay models list`"
        return f"The model {name!r} is not in {self.folder} (models there: {here}); see {pull}."


def default_model() -> Model | None:
    """The model that is used when none is named, in the user's own models folder."""
    return Shelf(models_folder()).default()


def _is_model(file: str) -> bool:
    return not file.startswith((".", "mmproj")) and not _LATER_PART.search(file)


def _read_record(path: Path) -> Record | None:
    try:
        return msgspec.json.decode(_beside(path, "json").read_bytes(), type=Record)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _notice(file: str, record: Record) -> str:
    licence = record.licence or "not stated; see where the file came from"
    lines = [
        f"File: {file}",
        f"Origin: {record.origin or 'unknown'}",
        f"Attribution: {record.attribution or 'unknown'}",
        f"Licence: {licence}",
        f"SHA-256: {record.sha256}",
    ]
    if record.licence:
        lines.append(f"Text of the licence: https://spdx.org/licenses/{record.licence}.html")
    return "\n".join(lines) + "\n"


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")
