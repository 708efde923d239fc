"""One Interplay server in front of the fake upstream, as an operator would start it: keys on, state on disk."""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import msgspec

from benchmarks.processes import line_with, running

_SETTINGS = """
[[models]]
match = "fake-*"
backend = "openai"
base_url = "{upstream}"
"""


class Server(msgspec.Struct, frozen=True):
    """A server that is ready."""

    url: str
    key: str
    """The one that it has made; empty when its database had one."""
    pid: int
    started: float
    """Seconds from its start until it said that it was ready."""

    def client(self, timeout: float) -> httpx2.Client:
        """A client with the server's key. It makes no TLS ready, which nobody here speaks."""
        headers = {"x-goog-api-key": self.key}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=timeout, verify=False)


_SCRIPTED = """
[[models]]
match = "scripted"
backend = "scripted"
"""


_LOCAL = """
[local]
threads = 1
parallel = 1

[[models]]
match = "small"
backend = "local"
model = "{model}"
"""


@contextmanager
def serving_local(folder: Path, model: str) -> Iterator[Server]:
    """A server with an installed model, which works with one thread, under the name `small`."""
    with _serving(folder, _LOCAL.format(model=model)) as server:
        yield server


@contextmanager
def serving_scripted(folder: Path) -> Iterator[Server]:
    """A server with the scripted model, which takes no time of its own."""
    with _serving(folder, _SCRIPTED) as server:
        yield server


@contextmanager
def serving_shared(folder: Path, database: str) -> Iterator[Server]:
    """The same with its state in a Postgres database, which has its keys already if another server has made them."""
    folder.mkdir()
    with _serving(folder, _SCRIPTED, "--database", database) as server:
        yield server


@contextmanager
def serving(folder: Path, upstream: str, source: Path | None = None) -> Iterator[Server]:
    """A server with its state in `folder` for the length of the block; of another checkout, if `source` is its code."""
    with _serving(folder, _SETTINGS.format(upstream=upstream), source=source) as server:
        yield server


@contextmanager
def _serving(folder: Path, text: str, *arguments: str, source: Path | None = None) -> Iterator[Server]:
    settings, log, data = folder / "interplay.toml", folder / "server.log", folder / "data"
    settings.write_text(text)
    command = ["-m", "interplay", "serve", "--port", "0", "--config", str(settings), "--data", str(data)]
    command += arguments
    began = time.perf_counter()
    with running(command, log, source) as process:
        url = _address(line_with(process, "curl -s "))
        _wait_until_ready(url)
        started = time.perf_counter() - began
        yield Server(url, _key(data), process.pid, started)


def _key(data: Path) -> str:
    file = data / "first-key"
    return file.read_text().strip() if file.exists() else ""


def _address(greeting: str) -> str:
    found = re.search(r"address\s+(\S+)", greeting)
    if found is None:
        raise RuntimeError(f"The server's greeting names no address:\n{greeting}")
    return found[1]


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{url}/readyz", timeout=5).close()  # noqa: S310 - the address of our own process
        except urllib.error.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
