"""`client.webhooks` of both SDKs, unchanged."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.receiver import Receiver
from tests.sdk.client import Client, SdkError
from tests.sdk.javascript import JavaScriptClient
from tests.sdk.python import AsyncClient, SyncClient
from tests.server import SCRIPTED, RunningServer

KINDS: dict[str, Callable[[], Client]] = {
    "python": SyncClient,
    "python-async": AsyncClient,
    "javascript": JavaScriptClient,
}
EVENTS = ["interaction.completed", "interaction.failed"]


@pytest.fixture(scope="module")
def allowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that may reach receivers on this machine."""
    folder: Path = tmp_path_factory.mktemp("allowing")
    with RunningServer(folder, f"{SCRIPTED}\n[webhooks]\nallow_private = true\n") as running:
        yield running


@pytest.fixture(params=KINDS)
def user(request: pytest.FixtureRequest, allowing: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """One client of each SDK in turn."""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", allowing.url)
    monkeypatch.setenv("GEMINI_API_KEY", allowing.key)
    made = KINDS[request.param]()
    yield made
    made.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver for one test."""
    with Receiver() as running:
        yield running


def test_a_webhook_from_its_creation_to_its_end(user: Client, receiver: Receiver) -> None:
    """Create, get, list, update, ping, rotate, delete: each is the SDK's own call, and does what it says."""
    made = user.webhook("create", uri=f"{receiver.url}/ok", subscribed_events=EVENTS, name="mine")
    id, secret = made["id"], made["new_signing_secret"]
    assert (made["state"], made["subscribed_events"]) == ("enabled", EVENTS)
    assert user.webhook("get", id)["uri"] == made["uri"]
    assert id in [each["id"] for each in user.webhook("list", page_size=1000)["webhooks"]]
    changed = user.webhook("update", id, update_mask="name", name="ours", uri="https://ignored.example")
    assert (changed["name"], changed["uri"]) == ("ours", made["uri"])
    user.webhook("ping", id)
    assert receiver.messages[-1].verified(secret)["type"] == "webhook.ping"
    new = user.webhook("rotate", id, revocation_behavior="revoke_previous_secrets_immediately")["secret"]
    created = user.create(model="scripted", input="say: hello", background=True)
    [message] = [each for each in receiver.wait("/ok", 2) if each.json()["type"] != "webhook.ping"]
    assert message.verified(new)["data"]["id"] == created["id"]
    user.webhook("delete", id)
    with pytest.raises(SdkError) as refusal:
        user.webhook("get", id)
    assert refusal.value.status == 404


def test_webhooks_are_paged(user: Client) -> None:
    """By the token of the page before."""
    made = [user.webhook("create", uri="https://a.example", subscribed_events=EVENTS)["id"] for _ in range(3)]
    seen: list[str] = []
    page: dict[str, Any] = {}
    while not seen or page.get("next_page_token"):
        token = {"page_token": page["next_page_token"]} if seen else {}
        page = user.webhook("list", page_size=1, **token)
        seen += [each["id"] for each in page["webhooks"]]
    assert [id for id in seen if id in made] == made
    for id in made:
        user.webhook("delete", id)


def test_a_request_names_its_own_receiver(user: Client, receiver: Receiver, allowing: RunningServer) -> None:
    """`webhook_config` of `interactions.create`, as the API's guide has it."""
    uri = f"{receiver.url}/ok"
    config = {"uris": [uri], "user_metadata": {"job_group": "nightly-eval", "priority": "high"}}
    created = user.create(model="scripted", input="say: hello", background=True, webhook_config=config)
    [message] = receiver.wait("/ok")
    with allowing.client("") as http:
        claims = message.claims(http.get("/.well-known/jwks.json").json(), uri)
    assert (claims["data"], claims["user_metadata"]) == ({"id": created["id"]}, config["user_metadata"])
    assert user.get(created["id"])["webhook_config"] == config


def test_refusals_are_the_sdks_own_errors(user: Client) -> None:
    """Tried once, and with the reason; a ping that is not taken too."""
    with pytest.raises(SdkError, match=r"batch\.done") as refusal:
        user.webhook("create", uri="https://a.example", subscribed_events=["batch.done"])
    assert refusal.value.status == 400
    made = user.webhook("create", uri="https://127.0.0.1:1/", subscribed_events=EVENTS)
    with pytest.raises(SdkError, match="cannot be connected to") as refusal:
        user.webhook("ping", made["id"])
    assert refusal.value.status == 400
    user.webhook("delete", made["id"])
    with pytest.raises(SdkError, match="background"):
        user.create(model="scripted", input="x", webhook_config={"uris": ["https://a.example"]})
