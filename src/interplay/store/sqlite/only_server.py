"""One server for one data folder: a second one is told so at its start."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interplay.settings import SettingsError


@contextmanager
def only_server(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. Raises SettingsError when another server holds it; its death frees it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "server.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(
                f"Another server is running on the data folder {folder}. Stop it, or choose another folder with --data."
            ) from error
        yield
