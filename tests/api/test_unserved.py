"""What the API has and this server does not is refused by its own sentence, never as if nobody knew it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.server import RunningServer

CONTRACT = Path(__file__).parents[1] / "wire" / "contract.json"
UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "api-revision": "2026-05-20",
}
ELSEWHERE = {"<value of X-Goog-Upload-URL>"}
OPERATIONS: list[dict[str, str]] = [
    operation for operation in json.loads(CONTRACT.read_text())["operations"] if operation["path"] not in ELSEWHERE
]


@pytest.fixture(scope="module")
def client(server: RunningServer) -> Iterator[httpx2.Client]:
    """A plain HTTP client of the server that all tests share."""
    with server.client() as made:
        yield made


def refusal(client: httpx2.Client, method: str, path: str, **options: Any) -> tuple[int, str]:
    """Status and message of a request that is refused."""
    answer = client.request(method, path, **options)
    return answer.status_code, answer.json()["error"]["message"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation['method']} {operation['path']}")
def test_every_operation_of_the_sdks_is_known(client: httpx2.Client, operation: dict[str, str]) -> None:
    """None is answered as a path that does not exist, or as one that takes another method."""
    path = re.sub(r"{\w+}", "x", operation["path"].replace("{api_version}", "v1beta"))
    text = client.request(operation["method"], path).text
    assert "There is no" not in text
    assert "is not for" not in text


@pytest.mark.parametrize("version", ["/v1", "/v1beta", "", "/prefix/v1", "/v1beta1/projects/p/locations/l"])
@pytest.mark.parametrize(
    ("method", "path", "sentence"),
    [
        ("GET", "/interactions/live", "Live interactions are not served"),
        ("DELETE", "/interactions/live", "Live interactions are not served"),
        ("POST", "/interactions/live/cancel", "Live interactions are not served"),
        ("POST", "/interactions/v1_x/auth_tokens", "Auth tokens are not served"),
        ("DELETE", "/interactions/v1_x/auth_tokens/abc", "Auth tokens are not served"),
        ("GET", "/environments", "Environments are not served yet"),
        ("GET", "/environments?mode=self_hosted", "Environments are not served yet"),
        ("POST", "/environments", "Environments are not served yet"),
        ("GET", "/environments/e/files/a/b.txt?alt=media", "Environments are not served yet"),
        ("POST", "/agents", "Agents are not served yet"),
        ("PATCH", "/credentials/c", "Credentials are not served yet"),
        ("GET", "/voices?search=kore", "Voices are not served"),
    ],
)
def test_resources_are_refused_by_their_own_sentence(
    client: httpx2.Client, version: str, method: str, path: str, sentence: str
) -> None:
    """Whatever is asked of them, under every spelling of the path: a 404 that says what is not served."""
    status, message = refusal(client, method, version + path)
    assert (status, message.startswith(sentence)) == (404, True), message


def test_upload_to_an_environment_is_refused_like_the_environment(client: httpx2.Client) -> None:
    """Uploads have a part before the version."""
    status, message = refusal(client, "PUT", "/upload/v1/environments/e/files/a.txt")
    assert (status, message.startswith("Environments are not served yet")) == (404, True)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 404, ["Environments are not served yet"]),
        ({"mode": "on_demand"}, 404, ["Environments are not served yet"]),
        ({"mode": "self_hosted", "system_instruction": "x", "custom_config": {"a": 1}}, 404, ["not served yet"]),
        ({"custom_config": {"secret": "hush"}}, 400, ["'custom_config'", "'mode' \"self_hosted\"", "null"]),
        ({"mode": "on_demand", "system_instruction": "x"}, 400, ["'system_instruction'", '"on_demand"']),
        ({"mode": "selfhosted"}, 400, ["'mode'", "selfhosted", "on_demand", "self_hosted"]),
        ({"mode": 5}, 400, ["'mode'", "5", "string"]),
        ({"custom_config": [1], "mode": "self_hosted"}, 400, ["'custom_config'", "an object", "not shown"]),
        ({"networks": "disabled"}, 400, ["Unknown parameter 'networks'", "network"]),
    ],
)
def test_a_new_environment_is_read_before_it_is_refused(
    client: httpx2.Client, body: dict[str, Any], status: int, words: list[str]
) -> None:
    """What is wrong in itself is a 400, and what only a self-hosted environment has needs that mode."""
    got, message = refusal(client, "POST", "/v1/environments", json=body)
    assert got == status, message
    assert all(word in message for word in words), message
    assert "hush" not in message


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"mode": "self_hosted"}, ["'environment.mode' \"self_hosted\" cannot be honoured: sandboxes are not served"]),
        ({"mode": "self_hosted", "custom_config": {"x": 1}}, ["'environment.mode' \"self_hosted\" cannot be honoured"]),
        ({"mode": "on_demand"}, ["'environment.mode' \"on_demand\" cannot be honoured: sandboxes are not served yet."]),
        ({"mode": "elsewhere"}, ["'environment.mode' \"elsewhere\" is unknown", "on_demand", "self_hosted"]),
        ({"custom_config": {"x": "hush"}}, ["'environment.custom_config'", "'environment.mode' \"self_hosted\""]),
        ({"mode": "on_demand", "custom_config": {"x": 1}}, ["'environment.custom_config'", '"on_demand"']),
        ({"mode": "self_hosted", "system_instruction": "x"}, ["Unknown parameter", "environment.system_instruction'"]),
        ({"environment_key": "hush"}, ["Unknown parameter", "environment.environment_key'"]),
        ({}, ["'environment' cannot be honoured: sandboxes are not served yet."]),
    ],
)
@pytest.mark.parametrize("starter", ["interactions", "triggers"])
def test_fields_of_an_environment_are_refused_by_their_own_sentence(
    client: httpx2.Client, starter: str, environment: dict[str, Any], words: list[str]
) -> None:
    """The field, what was received and why it is refused; in a trigger's interaction too."""
    body: dict[str, Any] = {"model": "scripted", "input": "x", "environment": {"type": "remote"} | environment}
    if starter == "triggers":
        body = {"interaction": body, "schedule": "0 9 * * *", "time_zone": "UTC"}
    status, message = refusal(client, "POST", f"/v1/{starter}", json=body)
    assert status == 400, message
    assert all(word in message for word in words), message
    assert "hush" not in message


def test_deferred_tools_of_an_mcp_server_are_refused_as_its_tools_are(client: httpx2.Client) -> None:
    """The field is known: what is refused is the tool."""
    tool = {"type": "mcp_server", "name": "m", "url": "https://m.example", "defer_loading": True}
    body = {"model": "scripted", "input": "x", "tools": [tool]}
    status, message = refusal(client, "POST", "/v1/interactions", json=body)
    assert (status, "mcp_server" in message, "Unknown parameter" in message) == (400, True, False)


@pytest.mark.parametrize("path", ["/v1/interactions/live", "/v1beta/interactions/live", "/v1/elsewhere"])
def test_an_upgrade_that_is_not_served_is_a_plain_404(client: httpx2.Client, path: str) -> None:
    """A WebSocket's handshake gets an HTTP answer that can be read, and the connection goes on."""
    answer = client.get(path, headers=UPGRADE)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert "upgrade" not in answer.headers
    assert client.get("/v1/models").status_code == 200


def test_refusals_are_for_those_who_may_ask(server: RunningServer) -> None:
    """Without a key there is no word on what is served."""
    for path in ("/v1/interactions/live", "/v1/environments", "/v1/interactions/x/auth_tokens"):
        assert httpx2.get(server.url + path).status_code == 401
        assert httpx2.post(server.url + path, json={}).status_code == 401
