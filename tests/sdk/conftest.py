"""The SDKs, set up as their users are told to: by two variables of the environment, and by nothing else."""

import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.sdk.client import Client
from tests.sdk.javascript import JavaScriptClient, OldestJavaScriptClient
from tests.sdk.oldest import OldestAsyncClient, OldestPythonClient
from tests.sdk.python import AsyncClient, SyncClient
from tests.server import RunningServer

Connect = Callable[..., Client]

KINDS: Final[dict[str, Callable[..., Client]]] = {
    "python": SyncClient,
    "python-async": AsyncClient,
    "javascript": JavaScriptClient,
}
"""The newest versions."""

OLDEST: Final[dict[str, Callable[..., Client]]] = {
    "oldest-python": OldestPythonClient,
    "oldest-python-async": OldestAsyncClient,
    "oldest-javascript": OldestJavaScriptClient,
}
"""The oldest that are supported. What differs between versions shows in calls, not in how a client is made."""


@pytest.fixture(autouse=True)
def environment(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two variables, and none of the others that the SDKs look at."""
    _point_at(server, monkeypatch)


@pytest.fixture(scope="session", params=[*KINDS, *OLDEST])
def client(request: pytest.FixtureRequest, server: RunningServer) -> Iterator[Client]:
    """One client of each SDK in turn, of the newest and of the oldest version."""
    yield from _shared((KINDS | OLDEST)[request.param], server)


@pytest.fixture(scope="session")
def second(server: RunningServer) -> Iterator[Client]:
    """Another client of the same server, in another place."""
    yield from _shared(SyncClient, server)


@pytest.fixture(params=list(KINDS))
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Makes a client of each SDK in turn, now: with `version` or `address` in code, or from a changed environment."""
    made: list[Client] = []

    def connected(**options: str) -> Client:
        made.append(KINDS[request.param](**options))
        return made[-1]

    yield connected
    for client in made:
        client.close()


@pytest.fixture
def javascript() -> Iterator[JavaScriptClient]:
    """The JavaScript SDK, for what only its user can do."""
    made = JavaScriptClient()
    yield made
    made.close()


@pytest.fixture
def requests_answered(server: RunningServer) -> Callable[[], int]:
    """How many requests for interactions the server has answered so far, by its own count."""

    def counted() -> int:
        with server.client() as http:
            lines = http.get("/metrics").text.splitlines()
        counts = [
            line for line in lines if line.startswith("interplay_http_requests_total") and "/interactions" in line
        ]
        return sum(int(float(line.rpartition(" ")[2])) for line in counts)

    return counted


def _shared(kind: Callable[..., Client], server: RunningServer) -> Iterator[Client]:
    with pytest.MonkeyPatch.context() as patch:
        _point_at(server, patch)
        made = kind()
    yield made
    made.close()


def _point_at(server: RunningServer, patch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_API_KEY", "GOOGLE_GENAI_API_VERSION", "GOOGLE_GENAI_USE_VERTEXAI"):
        patch.delenv(name, raising=False)
    patch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    patch.setenv("GEMINI_API_KEY", server.key)


def metric(server: RunningServer, pattern: str) -> float:
    """The sum of the server's metrics whose names and labels match a regular expression."""
    with server.client() as http:
        text = http.get("/metrics").text
    return sum(float(number) for number in re.findall(rf"^{pattern} (\S+)$", text, re.MULTILINE))
