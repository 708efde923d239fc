"""What a folder of blobs does beyond the port: modes, a full disk, SIGKILL at any moment."""

import asyncio
import hashlib
import random
import subprocess
import sys
import threading
from itertools import islice
from pathlib import Path

import pytest

from interplay.blobs.blobs import Blobs
from interplay.blobs.folder import Folder
from interplay.errors import Failure
from interplay.store.base import Store
from interplay.store.sqlite import SqliteStore
from tests.limits import no_file_longer_than

_PUTTER = Path(__file__).with_name("endless_putter.py")


@pytest.fixture
def blobs(store: Store, tmp_path: Path) -> Blobs:
    """Blobs in a folder below one that is not there either."""
    return Blobs(store.blobs, Folder(tmp_path / "srv" / "blobs"), store.secret, grace_seconds=0)


async def test_nobody_else_may_read(blobs: Blobs, tmp_path: Path) -> None:
    """Files are 0600, folders 0700."""
    await blobs.open()
    await blobs.put("home", b"a few bytes")
    for path in (tmp_path / "srv" / "blobs", *(tmp_path / "srv" / "blobs").rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize(("size", "room"), [(1_000_000, 100_000), (4_000, 1_000)])
async def test_the_disk_is_full(blobs: Blobs, tmp_path: Path, size: int, room: int) -> None:
    """Nothing is kept and no draft is left; once there is room again, all is as before."""
    await blobs.open()
    with no_file_longer_than(room), pytest.raises(Failure, match="Make room") as caught:
        await blobs.put("home", bytes(size))
    assert caught.value.code == "storage_full"
    assert str(tmp_path) not in caught.value.message
    assert list((tmp_path / "srv" / "blobs" / "drafts").iterdir()) == []
    await blobs.put("home", b"a few bytes")


async def test_a_folder_that_cannot_be_one(store: Store, tmp_path: Path) -> None:
    """The start is refused with its name."""
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match=rf"could not use its disk.* It is the folder {tmp_path / 'file' / 'blobs'}"):
        await Blobs(store.blobs, Folder(tmp_path / "file" / "blobs"), store.secret).open()


async def test_a_folder_that_is_gone(blobs: Blobs, tmp_path: Path) -> None:
    """It is not made anew behind the operator's back, who may have lost a mount: nothing is taken until it is back."""
    await blobs.open()
    (tmp_path / "srv" / "blobs").rename(tmp_path / "away")
    with pytest.raises(Failure, match="is missing there"):
        await blobs.check()
    with pytest.raises(Failure, match="could not use its disk"):
        await blobs.put("home", b"a few bytes")
    assert not (tmp_path / "srv" / "blobs").exists()
    (tmp_path / "away").rename(tmp_path / "srv" / "blobs")
    await blobs.check()
    await blobs.put("home", b"a few bytes")


async def test_nothing_half_written_is_ever_seen(blobs: Blobs, tmp_path: Path) -> None:
    """Whoever looks at the folder meanwhile finds files that are whole."""
    await blobs.open()
    sizes: set[int] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            sizes.update(file.stat().st_size for file in (tmp_path / "srv" / "blobs").glob("??/*"))

    looking = asyncio.create_task(asyncio.to_thread(look))
    for number in range(5):
        await blobs.put("home", bytes([number]) * (20 << 20))
    done.set()
    await looking
    assert sizes == {20 << 20}


@pytest.mark.parametrize("seed", range(3))
async def test_what_was_promised_survives_a_kill(seed: int, tmp_path: Path) -> None:
    """Each promised blob is whole, and so is all that is kept under a name: the rest are drafts."""
    promised = _killed_after(random.Random(seed).randint(1, 40), tmp_path)
    store = SqliteStore(tmp_path / "data")
    await store.open()
    blobs = Blobs(store.blobs, Folder(tmp_path / "blobs"), store.secret)
    await blobs.open()
    for digest in promised:
        assert len(await blobs.get("home", digest)) == 300_000
    files = list((tmp_path / "blobs").glob("??/*"))
    assert len(files) >= len(promised)
    for file in files:
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.name.partition("-")[0]
    await store.close()


def _killed_after(lines: int, directory: Path) -> list[str]:
    with subprocess.Popen([sys.executable, str(_PUTTER), str(directory)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        promises = list(islice(child.stdout, lines))
        child.kill()
        promises += child.stdout
    return [promise.strip() for promise in promises if promise.endswith("\n")]
