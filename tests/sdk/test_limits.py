"""The SDKs and limits: what they try again by themselves, they get when it is free."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import uvicorn
from google import genai
from google.genai._gaos.lib.compat_errors import RateLimitError
from google.genai.types import HttpOptions, HttpRetryOptions

from interplay.app import App
from interplay.settings import Settings
from interplay.settings.limits import LimitsSettings
from interplay.settings.models import ScriptedEntry
from interplay.settings.server import ServerSettings
from tests.sdk.conftest import Connect, metric
from tests.sdk.python import SyncClient
from tests.server import SCRIPTED, RunningServer
from tests.waiting import until


class Time:
    """The time that it really is, and some more."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.ahead


@pytest.fixture
async def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Time]:
    """A server that lets in one request a minute, by a time that can be set; the SDK is pointed at it."""
    now = Time()
    settings = Settings(
        server=ServerSettings(data=str(tmp_path)),
        models=(ScriptedEntry(match="scripted"),),
        limits=LimitsSettings(requests_per_minute=1),
    )
    async with App(settings, now=now) as app:
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app.asgi, lifespan="off", log_config=None))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.setenv("GEMINI_API_KEY", await app.introduction.key(on_a_terminal=True))
        yield now
        server.should_exit = True
        await running
        listener.close()


async def test_the_python_sdk_comes_again_when_it_is_told_to(serving: Time) -> None:
    """Its own second try, after the pause that the server names, is let in."""
    client = SyncClient()
    assert (await asyncio.to_thread(client.create, model="scripted", input="say: one"))["status"] == "completed"
    serving.ahead = 59.2 - time.time() % 1  # so that the minute ends within a second
    started = time.monotonic()
    assert (await asyncio.to_thread(client.create, model="scripted", input="say: two"))["status"] == "completed"
    assert 0.9 < time.monotonic() - started < 5
    client.close()


LONG = {"model": "scripted", "input": "wait: 60", "background": True}
_ONE_RUN = """
[server]
grace_seconds = 0

[limits]
concurrent_runs = 1
"""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> RunningServer:
    """A server for one run at a time, not started yet."""
    return RunningServer(tmp_path_factory.mktemp("busy"), f"{SCRIPTED}{_ONE_RUN}")


def test_each_sdk_gets_the_place_of_a_run_that_ends(
    busy: RunningServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused while another run goes on, and answered after it, without its user knowing."""
    with busy:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", busy.url)
        key = (busy.data / "first-key").read_text().strip()
        monkeypatch.setenv("GEMINI_API_KEY", key)
        with busy.client(key) as http, ThreadPoolExecutor() as beside:
            answer = http.post("/v1/interactions", json=LONG).json()

            def end_once_it_was_refused() -> None:
                until(lambda: metric(busy, r"interplay_requests_limited_total\{[^}]*\}") >= 1)
                http.post(f"/v1/interactions/{answer['id']}/cancel")

            ending = beside.submit(end_once_it_was_refused)
            assert connect().create(model="scripted", input="say: hello")["status"] == "completed"
            ending.result()


def test_a_user_who_wants_no_second_try_is_told_of_the_limit(
    busy: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK's own class, with the limit's name and when it is free."""
    with busy:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", busy.url)
        key = (busy.data / "first-key").read_text().strip()
        monkeypatch.setenv("GEMINI_API_KEY", key)
        with busy.client(key) as http:
            http.post("/v1/interactions", json=LONG)
        client = genai.Client(http_options=HttpOptions(retry_options=HttpRetryOptions(attempts=1)))
        with pytest.raises(RateLimitError, match=r"concurrent_runs.* is 1; runs going on: 1\. It is free again"):
            client.interactions.create(model="scripted", input="say: hello")
        client.close()
