"""What the engine has read, kept in files from one start to the next: a prompt's state, as the engine itself writes it.

    FOLDER/MODEL.KEY.DIGEST.prompt     a finished file; KEY is of all that it depends on, DIGEST of what is in it
    FOLDER/half-NUMBER.tmp             one that is being written

So a file says by its name whether it is whole, and whose it is. Files of the same model are few; the oldest go first.
Not here: what is read (`study`), and how the engine is asked to write and read such a file (`connection`).
"""

import errno
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

FORMAT: Final = 1
"""Of what is above. Files of another format are not found."""
MOST_BYTES: Final = 2**31
"""Of a file. The 1.5B takes 28 KiB for each token."""
MOST_FILES: Final = 4
"""Of one model: other settings, or another engine, have other files."""
ABANDONED_SECONDS: Final = 3600.0
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
SAMPLE_BYTES: Final = 2**20


class SavedPrompts:
    """The prompts of one model file that are kept in a folder."""

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder = folder
        self._model = model

    def open(self) -> None:
        """Make the folder, keep others out of it, and see that something can be written there. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self._folder.stat()
        if found.st_uid != os.geteuid() or found.st_mode & _OTHERS_WRITE:
            raise PermissionError(errno.EPERM, "others may write there")
        self._folder.chmod(0o700)
        trial = self._folder / self.half()
        trial.touch(mode=0o600)
        trial.unlink()

    def key(self, engine: object, tokens: Sequence[int]) -> str:
        """What a prompt's state depends on: the weights, what is known of the engine, and the prompt itself."""
        whole = msgspec.json.encode([FORMAT, identity(self._model), engine, tokens])
        return hashlib.sha256(whole).hexdigest()[:32]

    def half(self) -> str:
        """A name for a file that is to be written."""
        return f"half-{secrets.token_hex(8)}.tmp"

    def find(self, key: str) -> str | None:
        """The name of the whole file of this key. Those that are not what their name says are removed."""
        for path in self._files(key):
            if sound(path) and digest(path) == path.name.split(".")[-2]:
                os.utime(path)
                return path.name
            self.remove(path.name)
        return None

    def publish(self, key: str, half: str) -> None:
        """Give a file that was written its name, and remove those that are too many. Raises OSError."""
        path = self._folder / half
        path.chmod(0o600)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.rename(self._folder / f"{self._prefix()}{key}.{digest(path)}.prompt")
        for old in sorted(self._files(), key=lambda path: path.lstat().st_mtime)[:-MOST_FILES]:
            self.remove(old.name)
        for abandoned in self._folder.glob("half-*.tmp"):
            if abandoned.lstat().st_mtime < time.time() - ABANDONED_SECONDS:
                self.remove(abandoned.name)

    def remove(self, name: str) -> None:
        """Remove a file, if it can be: one that is no good is written anew under another name."""
        try:
            (self._folder / name).unlink()
        except OSError:
            return

    def _files(self, key: str = "") -> Iterator[Path]:
        prefix = f"{self._prefix()}{key}"
        return (path for path in self._folder.glob("*.prompt") if path.name.startswith(prefix))

    def _prefix(self) -> str:
        """What the names of this model's files begin with; a model's own name may have anything in it."""
        return f"{hashlib.sha256(self._model.name.encode()).hexdigest()[:16]}."


def identity(path: Path) -> list[object]:
    """What tells a large file from others without reading all of it."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        begins = hashlib.sha256(file.read(SAMPLE_BYTES)).hexdigest()
        file.seek(max(0, size - SAMPLE_BYTES))
        return [size, path.stat().st_mtime_ns, begins, hashlib.sha256(file.read()).hexdigest()]


def sound(path: Path) -> bool:
    """Whether it is a file of ours, and of a size that may be."""
    found = path.lstat()
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_size <= MOST_BYTES


def digest(path: Path) -> str:
    """The SHA-256 of what is in a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
