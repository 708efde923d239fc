import pytest

from tests.sdk.conftest import Connect
from tests.sdk.python import SyncClient
from tests.server import RunningServer, plain

BODY = {"model": "scripted", "input": "say: hello"}


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha", "v2025"])
def test_any_version_chosen_in_code_is_served(connect: Connect, version: str) -> None:
    """The version part of the path is the client's choice."""
    assert connect(version=version).create(**BODY)["output_text"] == "hello"


@pytest.mark.parametrize("version", ["beta", "v1", "house-blend"])
def test_any_version_of_the_environment_is_served(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """So is what GOOGLE_GENAI_API_VERSION says."""
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", version)
    assert connect().create(**BODY)["output_text"] == "hello"


def test_no_version_at_all_is_served() -> None:
    """An empty version gives `/interactions`."""
    client = SyncClient(version="")
    assert client.create(**BODY)["output_text"] == "hello"
    client.close()


@pytest.mark.parametrize("prefix", ["/gemini", "/a/b/", "/interactions", "/models"])
def test_a_prefix_in_the_base_url_is_served(
    connect: Connect, server: RunningServer, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """A base URL may have a path, even one that reads like a resource; models are found behind it too."""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url + prefix)
    client = connect()
    interaction_id = client.create(**BODY)["id"]
    assert client.get(interaction_id)["output_text"] == "hello"
    assert client.models() == ["models/scripted"]
    client.delete(interaction_id)


@pytest.mark.parametrize(
    "path",
    [
        "/v1beta1/projects/p/locations/l/interactions",
        "/v1beta1/projects/interactions/locations/models/interactions",
        "/interactions",
        "//v1//interactions",
        "/v1beta/interactions?alt=sse&$alt=json",
    ],
)
def test_other_spellings_of_the_path_are_served(server: RunningServer, path: str) -> None:
    """Vertex's path, no version, doubled slashes, and the query items of Google's clients."""
    with server.client() as http:
        answer = http.post(path, json=BODY | {"stream": False})
        assert answer.status_code == 200
        assert http.get(path.partition("?")[0] + "/" + answer.json()["id"]).json() == answer.json()


def test_an_address_in_code_is_served(connect: Connect, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address may stand in the code instead of the environment."""
    monkeypatch.delenv("GOOGLE_GEMINI_BASE_URL")
    assert connect(address=server.url + "/").create(**BODY)["output_text"] == "hello"


@pytest.mark.parametrize("way", ["x-goog-api-key", "authorization", "query"])
def test_a_key_may_come_in_three_ways(server: RunningServer, way: str) -> None:
    """As `x-goog-api-key`, as a bearer token, or as `?key=`."""
    headers = {"x-goog-api-key": server.key} if way == "x-goog-api-key" else {}
    headers |= {"authorization": f"Bearer {server.key}"} if way == "authorization" else {}
    params = {"key": server.key} if way == "query" else {}
    with plain(server.url, headers=headers, params=params) as client:
        answer = client.post("/v1/interactions", json=BODY)
    assert answer.status_code == 200
