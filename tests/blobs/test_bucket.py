"""What goes wrong with S3: clear failures, nothing half-done, no key in any of them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from interplay.blobs.blobs import Blobs
from interplay.blobs.bucket import Bucket
from interplay.errors import Failure
from interplay.jobs.blobs import BlobSweep
from interplay.observe import BlobsRemoved, Observation
from interplay.settings.blobs import BucketSettings
from interplay.store.base import Store
from tests.s3 import KEYS, S3, s3

CONTENT = os.urandom(20 << 20)


@pytest.fixture
def own_s3() -> Iterator[S3]:
    """A server that a test may stop."""
    with s3() as running:
        yield running


def _blobs(store: Store, bucket: BucketSettings, drafts: Path, seconds: float = 30.0) -> Blobs:
    return Blobs(store.blobs, Bucket(bucket, drafts, seconds), store.secret, grace_seconds=0)


async def _refused(blobs: Blobs) -> str:
    """What a start with this bucket says."""
    with pytest.raises(Failure) as caught:
        await blobs.open()
    assert caught.value.code == "unavailable"
    told = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in KEYS.values() if secret in told]
    return caught.value.message


@pytest.mark.parametrize("variable", KEYS)
async def test_wrong_keys(
    variable: str, store: Store, s3_server: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start is refused with the bucket's name and without the keys."""
    bucket = s3_server.bucket()
    monkeypatch.setenv(variable, "wrong-wrong-wrong")
    message = await _refused(_blobs(store, bucket, tmp_path / "drafts"))
    assert "refuses its keys" in message
    assert f"the bucket {bucket.bucket} at {s3_server.endpoint}" in message
    assert "wrong-wrong" not in message
    assert s3_server.names(bucket) == []


async def test_a_bucket_that_is_not_there(store: Store, s3_server: S3, tmp_path: Path) -> None:
    """It is named, and not made."""
    message = await _refused(_blobs(store, BucketSettings("nowhere", s3_server.endpoint), tmp_path / "drafts"))
    assert "no such bucket. It is the bucket nowhere" in message


async def test_a_server_that_is_not_there(store: Store, tmp_path: Path) -> None:
    """After a few tries."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
    assert "does not answer" in await _refused(_blobs(store, BucketSettings("any", endpoint), tmp_path / "drafts"))


async def test_a_server_that_takes_too_long(store: Store, own_s3: S3, tmp_path: Path) -> None:
    """Whoever waits hears so in time; when it is itself again, so is everything else."""
    bucket = own_s3.bucket()
    patient = _blobs(store, bucket, tmp_path / "drafts")
    await patient.open()
    blob = await patient.put("home", b"a few bytes")
    blobs = _blobs(store, bucket, tmp_path / "drafts", seconds=0.5)
    await blobs.open()
    own_s3.signal(signal.SIGSTOP)
    async with asyncio.timeout(20):
        for attempt in (blobs.put("home", b"others"), blobs.get("home", blob.digest), blobs.check()):
            with pytest.raises(Failure, match="does not answer"):
                await attempt
    own_s3.signal(signal.SIGCONT)
    assert await patient.get("home", blob.digest) == b"a few bytes"


async def test_a_server_that_dies_in_the_middle(store: Store, own_s3: S3, tmp_path: Path) -> None:
    """Nothing is kept of the upload. Readiness tells; once the server is back, the next look clears up."""
    bucket = own_s3.bucket()
    observed: list[Observation] = []
    async with _dying(own_s3, after=10 << 20) as endpoint:
        blobs = _blobs(store, msgspec.structs.replace(bucket, endpoint=endpoint), tmp_path / "drafts")
        await blobs.open()
        with pytest.raises(Failure, match="does not answer") as caught:
            await blobs.put("home", CONTENT)
    assert caught.value.code == "unavailable"
    assert list((tmp_path / "drafts").iterdir()) == []
    blobs = _blobs(store, bucket, tmp_path / "drafts")
    sweep = BlobSweep(blobs, observed.append)
    with pytest.raises(Failure, match=rf"does not answer.* the bucket {bucket.bucket}"):
        await sweep.tick()
    assert not sweep.usable()
    own_s3.start()
    await blobs.open()
    [mark] = own_s3.names(bucket)
    await sweep.tick()
    assert sweep.usable()
    assert observed == [BlobsRemoved(1)]
    blob = await blobs.put("home", CONTENT)
    assert await blobs.get("home", blob.digest) == CONTENT
    assert own_s3.names(bucket) == sorted([blob.name, mark])


@asynccontextmanager
async def _dying(server: S3, after: int) -> AsyncIterator[str]:
    """The address of a way to the server on which it is killed once so many bytes have come."""
    left = after

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counts: bool) -> None:
        nonlocal left
        with suppress(ConnectionError):
            while piece := await reader.read(1 << 16):
                left -= len(piece) * counts
                if left < 0:
                    server.kill()
                    break
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", server.port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(forward(reader, back, True), forward(there, writer, False))

    way = await asyncio.start_server(connected, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{way.sockets[0].getsockname()[1]}"
    way.close()
    await way.wait_closed()


def test_the_client_costs_a_server_with_a_folder_nothing() -> None:
    """It is not even imported."""
    code = "import sys; import interplay.app; print([name for name in sys.modules if name.startswith('obstore')])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[]\n"
