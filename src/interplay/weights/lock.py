"""One pull of a file at a time, across processes. The operating system lets go of the lock of a dead process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interplay.weights.errors import WeightsError


@contextmanager
def locked(path: Path, file: str) -> Iterator[None]:
    """Hold the lock file `path` while `file` is being written; never waits."""
    descriptor = _take(path, file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _take(path: Path, file: str) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WeightsError(_busy(descriptor, file)) from None
        if _is_still(descriptor, path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            return descriptor
        os.close(descriptor)


def _busy(descriptor: int, file: str) -> str:
    holder = os.pread(descriptor, 20, 0).decode(errors="replace") or "unknown"
    os.close(descriptor)
    return f"Another pull is bringing {file} right now (process {holder}); let it finish, or stop it, and try again."


def _is_still(descriptor: int, path: Path) -> bool:
    # The holder before us removes the file as it lets go, so a lock on a removed file guards nothing.
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
