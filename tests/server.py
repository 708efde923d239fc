"""A real Interplay server in a process of its own, on a real port, for tests to talk to and to kill."""

import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import httpx2

from tests.waiting import until

_START_SECONDS = 30.0

SCRIPTED = """
[[models]]
match = "scripted"
backend = "scripted"
"""
"""Settings that serve the double that ships with the product."""


class RunningServer:
    """`interplay serve` on a free port with its own data folder.

    `settings` is the settings file's text; `arguments` go to the command line as they are. `file_limit` is the
    largest size of a file that it can write, in bytes: a full disk for everything beyond.
    """

    def __init__(
        self,
        folder: Path,
        settings: str = SCRIPTED,
        *arguments: str,
        file_limit: int | None = None,
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._settings = folder / "interplay.toml"
        self._settings.write_text(settings)
        self._arguments = arguments
        self._file_limit = file_limit
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.key = ""
        self.greeting = ""
        """What it said when it was ready."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and wait for the greeting that names the address and the key."""
        self._launch("serve")
        self.greeting = greeting = self._greeting(r"\ncurl\ncurl .*\n")
        self.url = _found(r"address\s+(\S+)", greeting)
        shown = _found(r"key\s+(.+)", greeting)
        self.key = (self.data / "first-key").read_text().strip() if shown.startswith("$(cat ") else shown

    def _program(self) -> Sequence[str]:
        """What the interpreter runs."""
        return ("-m", "interplay")

    def _launch(self, program: str) -> None:
        command = [sys.executable, *self._program(), program, "--port", "0", "--data", str(self.data)]
        log = (self.folder / "server.log").open("a")
        self._process = subprocess.Popen(
            [*command, "--config", str(self._settings), *self._arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            preexec_fn=self._limit_files,  # noqa: PLW1509 - it only sets a limit
        )
        log.close()

    def stop(self) -> int:
        """Ask it to stop (SIGTERM); its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def log(self) -> str:
        """What it wrote to standard error."""
        return (self.folder / "server.log").read_text()

    def client(self, key: str | None = None) -> httpx2.Client:
        """A plain HTTP client with the server's key, or another; an empty key sends none."""
        headers = {"x-goog-api-key": self.key if key is None else key} if key != "" else {}
        return plain(self.url, headers=headers, timeout=60)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """What it has logged of this event, once there is something: a request is logged behind its answer."""
        until(lambda: f'"event": "{event}"' in self.log())
        return [line for line in map(json.loads, self.log().splitlines()) if line["event"] == event]

    def create(self, **body: Any) -> Any:
        """Create an interaction; its JSON."""
        with self.client() as client:
            answer = client.post("/v1beta/interactions", json={"model": "scripted"} | body)
            assert answer.status_code == 200, answer.text
            return answer.json()

    def stream(self, **body: Any) -> list[dict[str, Any]]:
        """Create an interaction with `stream`; its events."""
        with self.client() as client:
            return events(client, "POST", "/v1beta/interactions", json={"model": "scripted", "stream": True} | body)

    def command(self, *arguments: str) -> str:
        """Run another `interplay` command on this server's data; its output."""
        command = [sys.executable, "-m", "interplay", *arguments, "--data", str(self.data)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def _limit_files(self) -> None:
        if self._file_limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self._file_limit, self._file_limit))

    def _greeting(self, end: str) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        output = self._process.stdout.fileno()
        text = ""
        deadline = time.monotonic() + _START_SECONDS
        while not re.search(end, text):
            ready, _, _ = select.select([output], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(output, 65536) if ready else b""
            assert chunk, f"the server did not start:\n{text}\n{self.log()}"
            text += chunk.decode()
        return text

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        status = self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return status


class RunningWorker(RunningServer):
    """`interplay worker` for the servers of a database."""

    def start(self) -> None:
        """Start, and wait until it works."""
        self._launch("worker")
        self.url = _found(r"metrics are at (\S+)\.\n", self._greeting(r"is working.*\n"))


def plain(url: str = "", **options: Any) -> httpx2.Client:
    """An HTTP client for addresses without TLS. It makes none ready, which would take 40 ms of processor time each."""
    return httpx2.Client(base_url=url, verify=False, **options)


def engine_of(server: RunningServer) -> int:
    """The process of its local engine, the one that was started last."""
    return int(re.findall(r'"detail": "process (\d+)', server.log())[-1])


def events(client: httpx2.Client, method: str, path: str, **request: Any) -> list[dict[str, Any]]:
    """All events of a stream, which must end as the contract says."""
    with client.stream(method, path, **request) as answer:
        text = answer.read().decode()
        assert answer.status_code == 200, text
        assert answer.headers["content-type"].startswith("text/event-stream")
    assert text.endswith("event: done\ndata: [DONE]\n\n")
    return parsed(text)


def parsed(text: str) -> list[dict[str, Any]]:
    """The events in the text of a stream; comments and the end mark are left out."""
    data = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(item) for item in data if item != "[DONE]"]


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, f"{pattern} is not in: {text}"
    return match[1]
