"""Clients of several servers that go on and on, as the SDKs do while one server after the other is restarted.

A request that a server refuses (503), or does not answer at all, is sent to the next one. From the first event on, a
foreground stream is that server's to finish; a background run is followed on whichever server is there.
"""

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol, Self, TypeVar

import httpx2

from tests.server import parsed, plain
from tests.waiting import until

WORDS = [f"word{number}" for number in range(8)]
_SCRIPT = "\n".join(f"say: {word}\nwait: 0.1" for word in WORDS)
"""Says the words, in 0.8 s."""

_TRIES = 20
_LONGEST_SECONDS = 60.0

Answer = TypeVar("Answer")
Log = list[dict[str, Any]]


class Asked(Protocol):
    """A server, or what stands before some."""

    url: str
    key: str


class Load:
    """While entered, asks without end; then it is read."""

    def __init__(self, servers: Sequence[Asked]) -> None:
        self._servers = servers
        self.key = servers[0].key
        self._client = plain(headers={"x-goog-api-key": self.key}, timeout=_LONGEST_SECONDS)
        self._turn = itertools.count()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(once,))
            for once in (self._stream, self._stream, self._follow, self._follow, self._leave)
        ]
        self.streams: list[Log] = []
        """What readers of foreground streams saw, from the first event to where it broke off."""
        self.followed: dict[str, Log] = {}
        """What followers of background runs saw."""
        self.left: list[str] = []
        """Background runs that nobody followed."""
        self.answers: list[Any] = []
        """Interactions that were answered in one piece."""
        self.refusals: list[httpx2.TransportError] = []
        """What made a client go to the next server."""
        self.faults: list[BaseException] = []
        """What should not have happened to a client."""

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(_LONGEST_SECONDS)
        self._client.close()

    def goes_on(self, more: int = 1) -> None:
        """Wait until so many requests more have been answered to their end."""
        before = self._done()
        until(lambda: self._done() >= before + more)

    def _done(self) -> int:
        return len(self.streams) + len(self.followed) + len(self.answers)

    def _repeat(self, once: Callable[[], None]) -> None:
        try:
            while not self._over.is_set():
                once()
        except BaseException as fault:  # noqa: BLE001 - the test looks at it
            self.faults.append(fault)

    def _stream(self) -> None:
        log: Log = []
        self._ask(lambda url: self._read(log, "POST", url, json=_request(stream=True)))
        self.streams.append(log)

    def _follow(self) -> None:
        id = self._begun()
        log: Log = []
        while not (log and log[-1]["event_type"] == "interaction.completed"):
            self._ask(lambda url: self._read(log, "GET", f"{url}/{id}", params=_behind(log)))
        self.followed[id] = log

    def _leave(self) -> None:
        self.left.append(self._begun())
        self.answers.append(self._ask(lambda url: self._answer(url, _request())))

    def _begun(self) -> str:
        return str(self._ask(lambda url: self._answer(url, _request(background=True)))["id"])

    def _ask(self, ask: Callable[[str], Answer]) -> Answer:
        """The answer of the first server that gives one."""
        for turn in itertools.islice(self._turn, _TRIES):
            server = self._servers[turn % len(self._servers)]
            try:
                return ask(f"{server.url}/v1/interactions")
            except httpx2.TransportError as refusal:
                self.refusals.append(refusal)
        raise AssertionError("no server took the request")

    def _answer(self, url: str, request: dict[str, Any]) -> Any:
        answer = self._client.post(url, json=request)
        _taken(answer)
        return answer.json()

    def _read(self, log: Log, method: str, url: str, **request: Any) -> None:
        """Add the events of a stream to the log, as far as they come. Raises TransportError when none comes."""
        before = len(log)
        try:
            with self._client.stream(method, url, **request) as answer:
                _taken(answer)
                for line in answer.iter_lines():
                    log += parsed(line)
        except httpx2.TransportError:
            if len(log) == before:
                raise


class _Refused(httpx2.TransportError):
    """The server is about to stop."""


def _taken(answer: httpx2.Response) -> None:
    if answer.status_code != 200:
        text = answer.read().decode()
        assert answer.status_code == 503, text
        raise _Refused(text)


def _request(**more: bool) -> dict[str, Any]:
    return {"model": "scripted", "input": _SCRIPT, **more}


def _behind(log: Log) -> dict[str, str]:
    return {"stream": "true"} | ({"last_event_id": log[-1]["event_id"]} if log else {})
