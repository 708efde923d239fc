from collections.abc import Callable
from typing import Any

import pytest

from tests.sdk.client import Client, SdkError
from tests.sdk.conftest import Connect, metric
from tests.sdk.javascript import JavaScriptClient
from tests.sdk.python import SyncClient
from tests.server import RunningServer
from tests.waiting import until

Counted = Callable[[], int]


@pytest.mark.parametrize(
    ("name", "message", "call"),
    [
        ("NotFoundError", "v1_nothing", lambda client: client.get("v1_nothing")),
        ("NotFoundError", "v1_nothing", lambda client: client.delete("v1_nothing")),
        ("NotFoundError", "v1_nothing", lambda client: client.cancel("v1_nothing")),
        ("NotFoundError", "Expected one of: scripted", lambda client: client.create(model="gpt-9", input="a")),
        (
            "BadRequestError",
            "fail:.*expected one of",
            lambda client: client.create(model="scripted", input="fail: x"),
        ),
    ],
)
def test_a_wrong_request_raises_the_sdks_class_at_once(
    client: Client, requests_answered: Counted, name: str, message: str, call: Callable[[Client], Any]
) -> None:
    """4xx answers become the SDK's own classes with our message, after a single request: none is tried again."""
    before = requests_answered()
    with pytest.raises(SdkError, match=f"(?s){message}") as refusal:
        call(client)
    assert refusal.value.name == name
    assert requests_answered() == before + 1


def test_a_wrong_key_is_an_authentication_error(
    connect: Connect, requests_answered: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is not ours raises AuthenticationError and says where keys come from."""
    monkeypatch.setenv("GEMINI_API_KEY", "not-a-key")
    before = requests_answered()
    with pytest.raises(SdkError, match="interplay keys") as refusal:
        connect().create(model="scripted", input="a")
    assert (refusal.value.name, refusal.value.status) == ("AuthenticationError", 401)
    assert requests_answered() == before + 1


def test_a_model_that_fails_before_it_speaks_is_tried_again(
    javascript: JavaScriptClient, requests_answered: Counted
) -> None:
    """A failure of the model's is a 5xx, which the SDKs try again as often as their user allows."""
    before = requests_answered()
    with pytest.raises(SdkError, match="down for a moment") as failure:
        javascript.create(model="scripted", input="fail: unavailable down for a moment", options={"maxRetries": 1})
    assert (failure.value.name, failure.value.status) == ("InternalServerError", 503)
    assert requests_answered() == before + 2


def test_a_limit_asks_for_a_short_pause_only(server: RunningServer) -> None:
    """Retry-After is small: the Python SDK sleeps as long as it is told."""
    with server.client() as http:
        answer = http.post("/v1/interactions", json={"model": "scripted", "input": "fail: rate_limited slowly"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 2


def test_a_create_that_its_caller_gave_up_is_cancelled(server: RunningServer) -> None:
    """A client that times out leaves no run behind, though the SDKs send no key by which to know a repeated create."""
    cancelled = 'interplay_runs_ended_total{model="scripted",status="cancelled"}'
    before = metric(server, cancelled)
    client = SyncClient()
    with pytest.raises(SdkError, match="timed out"):
        client.create(model="scripted", input="wait: 600", timeout=0.3)
    client.close()
    until(lambda: metric(server, cancelled) == before + 1)
