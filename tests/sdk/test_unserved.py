"""What the newest SDKs can ask for and this server does not serve reaches their users as a sentence, at once."""

from collections.abc import Callable
from typing import Any

import pytest
from google import genai
from google.genai._interactions_errors import APIWebSocketError, BadRequestError, NotFoundError
from google.genai.errors import ClientError

from tests.server import RunningServer

pytestmark = pytest.mark.filterwarnings("ignore:.* experimental:UserWarning")

SELF_HOSTED: dict[str, Any] = {"mode": "self_hosted", "custom_config": {"team": "a"}}


@pytest.mark.parametrize("key", ["", "wrong"])
async def test_a_live_interaction_is_refused_before_it_begins(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """The handshake, which carries `api-revision`, gets a status that the SDK tells: 404, or 401 with a wrong key."""
    monkeypatch.setenv("GEMINI_API_KEY", key or server.key)
    async with genai.Client().aio as client:
        with pytest.raises(APIWebSocketError) as refusal:
            async with client.interactions.connect("v1_x"):
                pytest.fail("it was connected")
    assert refusal.value.http_status == (401 if key else 404)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda client: client.interactions.auth_tokens.create("v1_x"), "Auth tokens are not served"),
        (lambda client: client.interactions.auth_tokens.delete("v1_x", "auth_tokens/t"), "Auth tokens are not served"),
        (lambda client: client.environments.create(**SELF_HOSTED), "Environments are not served yet"),
        (lambda client: client.environments.list(mode="self_hosted"), "Environments are not served yet"),
        (
            lambda client: client.environments.files.download(environment="e", path="a.txt"),
            "Environments are not served yet",
        ),
        (lambda client: client.agents.list(), "Agents are not served yet"),
        (lambda client: client.credentials.list(), "Credentials are not served yet"),
        (lambda client: client.voices.list(), "Voices are not served"),
    ],
)
def test_a_resource_is_refused_by_its_own_sentence(call: Callable[[genai.Client], Any], words: str) -> None:
    """The SDK raises its class for what is not found, for files an older one, and its user reads the sentence."""
    with genai.Client() as client, pytest.raises((NotFoundError, ClientError), match=words):
        call(client)


def test_a_self_hosted_environment_is_refused_by_name() -> None:
    """As the SDK sends it, with its `type` beside."""
    with (
        genai.Client() as client,
        pytest.raises(BadRequestError, match=r"environment\.mode.*self_hosted.*sandboxes are"),
    ):
        client.interactions.create(model="scripted", input="x", environment=SELF_HOSTED)
