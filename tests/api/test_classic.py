"""Google's older resources: not served, and refused in the form that their clients read."""

import itertools
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import types
from google.genai.errors import ClientError

from interplay.api.classic import NAMES
from tests.server import RunningServer

PREFIXES = ("/v1beta", "/v1", "/v1alpha", "/v1beta1/projects/p/locations/l", "/gemini/v1beta", "")
RUNS = "POST /interactions runs a model, by its name."
INPUT = "what a model is to read goes into the 'input' of POST /interactions."
LATER = "POST /interactions with 'background' works while nobody waits, and GET /interactions/{id} shows how far it is."
TUNED = "a model that was tuned elsewhere is served under a name of its own, by an entry of [[models]]."
EMBEDS = "no model here makes embeddings."
KEYS = "'interplay keys create' makes keys."
INSTEAD = {
    **dict.fromkeys(("files", "generatedFiles", "upload", "fileSearchStores", "ragStores", "corpora"), INPUT),
    **dict.fromkeys(("batches", "batchPredictionJobs", "operations"), LATER),
    **dict.fromkeys(("tunedModels", "tuningJobs"), TUNED),
    **dict.fromkeys(("endpoints", "dynamic", "reasoningEngines"), RUNS),
    **dict.fromkeys(("auth_tokens", "authTokens"), KEYS),
    "cachedContents": "what requests begin with in common is kept in the model's cache by itself.",
}
"""What is served instead of each resource."""
METHODS_OF_MODELS = {
    "generateContent": "POST /interactions runs a model.",
    "streamGenerateContent": "POST /interactions with 'stream' runs a model and gives its events.",
    **dict.fromkeys(
        ("embedContent", "batchEmbedContents", "asyncBatchEmbedContent"), "no model here makes embeddings."
    ),
    **dict.fromkeys(("batchGenerateContent", "fetchPredictOperation"), LATER),
    **dict.fromkeys(("predict", "predictLongRunning"), "POST /interactions runs a model, which answers in text."),
    "computeTokens": "of a model itself ':countTokens' is served.",
    "somethingNew": "POST /interactions runs a model; of a model itself only ':countTokens' is served.",
}
PNG = {"mimeType": "image/png", "data": "aGk="}


def error(answer: httpx2.Response) -> Any:
    """The error, which must be of the older form and say the answer's own status."""
    said = answer.json()["error"]
    assert set(said) == {"code", "message", "status"}
    assert said["code"] == answer.status_code
    return said


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_resource_that_is_not_served_says_what_is(server: RunningServer, name: str) -> None:
    """By every method, at every form of its path, behind every version: 404, by its own sentence."""
    forms = (name, f"{name}/x", f"{name}/x/documents/y", f"{name}/x:verb", f"{name}:verb")
    with server.client() as client:
        for method, prefix, form in itertools.product(("GET", "POST", "DELETE", "PATCH"), PREFIXES, forms):
            said = error(client.request(method, f"{prefix}/{form}"))
            assert (said["code"], said["status"]) == (404, "NOT_FOUND"), (method, prefix, form)
            assert said["message"] == f"{method} /{form} is not served here: {INSTEAD[name]}"


def test_a_long_path_is_repeated_in_part(server: RunningServer) -> None:
    """Two hundred characters of it."""
    with server.client() as client:
        said = error(client.get(f"/v1/files/{'x' * 300}"))
    assert said["message"] == f"GET /files/{'x' * 193} is not served here: {INPUT}"


@pytest.mark.parametrize("prefix", [*PREFIXES, "/v1beta1/projects/p/locations/l/publishers/google"])
@pytest.mark.parametrize("verb", METHODS_OF_MODELS)
def test_a_method_of_a_model_says_what_is_served(server: RunningServer, prefix: str, verb: str) -> None:
    """The same for what is done with a model."""
    with server.client() as client:
        said = error(client.post(f"{prefix}/models/scripted:{verb}", json={"contents": []}))
    assert (said["code"], said["status"]) == (404, "NOT_FOUND")
    assert said["message"].endswith(f"/models/scripted:{verb} is not served here: {METHODS_OF_MODELS[verb]}")


@pytest.mark.parametrize("path", ["/v1beta/files", "/upload/v1/files", "/v1/models", "/v1/models/scripted:countTokens"])
def test_every_failure_there_has_the_older_form(server: RunningServer, path: str) -> None:
    """No key, a method that nothing has, a page that a browser may not show."""
    asked = {"origin": "https://app.example", "access-control-request-method": "GET"}
    with server.client("") as client:
        assert error(client.post(path) if ":" in path else client.get(path))["status"] == "UNAUTHENTICATED"
        assert error(client.request("OPTIONS", path))["status"] == "INVALID_ARGUMENT"
        assert error(client.request("OPTIONS", path, headers=asked))["status"] == "PERMISSION_DENIED"


def test_a_body_that_is_too_large_has_it_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where a body is read."""
    settings = '[server]\nmax_body_mib = 1\n[[models]]\nmatch = "scripted"\nbackend = "scripted"\n'
    with RunningServer(tmp_path_factory.mktemp("small"), settings) as server, server.client() as client:
        assert error(client.post("/v1/models/scripted:countTokens", content=b" " * (1 << 21)))["code"] == 413


@pytest.mark.parametrize(
    "path", ["/v1/interactions/v1_a", "/v1/nothing", "/v1/environments/e/files/f", "/files/v1/interactions/v1_a"]
)
def test_other_failures_keep_their_form(server: RunningServer, path: str) -> None:
    """What belongs to interactions, and what belongs to nobody, has a word for its code."""
    with server.client() as client:
        answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_the_sdk_raises_its_own_errors(server: RunningServer, tmp_path: Any) -> None:
    """With code, status and sentence, at the first try."""
    (tmp_path / "a.txt").write_text("text")
    client = genai.Client(api_key=server.key, http_options=types.HttpOptions(base_url=server.url))
    for call, word in (
        (client.files.list, "input"),
        (lambda: client.files.get(name="files/x"), "input"),
        (lambda: client.files.upload(file=tmp_path / "a.txt"), "input"),
        (client.caches.list, "cache"),
        (client.batches.list, "background"),
        (client.file_search_stores.list, "input"),
        (
            lambda: client.operations.get(
                types.GenerateVideosOperation.model_validate({"name": "models/m/operations/o"})
            ),
            "background",
        ),
        (lambda: client.models.generate_content(model="scripted", contents="x"), "POST /interactions"),
        (lambda: list(client.models.generate_content_stream(model="scripted", contents="x")), "stream"),
        (lambda: client.models.embed_content(model="scripted", contents="x"), "embeddings"),
    ):
        with pytest.raises(ClientError, match=f"is not served here: .*{word}") as raised:
            call()
        assert (raised.value.code, raised.value.status) == (404, "NOT_FOUND")
    client.close()


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"inlineData": PNG}, "'contents[1].parts[1].inlineData' of \"image/png\""),
        ({"inlineData": {"mime_type": "audio/wav", "data": ""}}, "'contents[1].parts[1].inlineData' of \"audio/wav\""),
        (
            {"inline_data": {"mime_type": "video/mp4", "data": ""}},
            "'contents[1].parts[1].inline_data' of \"video/mp4\"",
        ),
        ({"fileData": {"fileUri": "files/a", "mimeType": "application/pdf"}}, 'fileData\' of "application/pdf"'),
        ({"file_data": {"file_uri": "https://a.example/b"}}, "'contents[1].parts[1].file_data' cannot"),
        ({"text": "a", "inlineData": PNG}, "'contents[1].parts[1].inlineData' of"),
        ({"functionCall": {"name": "f", "args": {}}}, "'contents[1].parts[1].functionCall' cannot"),
        ({"functionResponse": {"name": "f", "response": {}}}, "'contents[1].parts[1].functionResponse' cannot"),
        ({}, "Missing required parameter 'contents[1].parts[1].text'"),
        ({"pictures": []}, "Unknown parameter 'contents[1].parts[1].pictures'"),
    ],
)
def test_what_cannot_be_counted_is_named(server: RunningServer, part: dict[str, Any], named: str) -> None:
    """A medium by its place and its kind, in both spellings that the SDKs mix; not as if its text were missing."""
    contents = [{"parts": [{"text": "a"}]}, {"parts": [{"text": "b"}, part]}]
    with server.client() as client:
        said = error(client.post("/v1/models/scripted:countTokens", json={"contents": contents}))
    assert said["status"] == "INVALID_ARGUMENT"
    assert named in said["message"]
