"""Web pages of other origins: what a browser asks beforehand, and what it lets a page read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from interplay.settings import Settings, SettingsError, check
from interplay.settings.server import ServerSettings
from tests.server import SCRIPTED, RunningServer

APP, LOCAL, OTHER = "https://app.example", "http://localhost:3000", "https://evil.example"
EXTENSION = "chrome-extension://abcdefghijklmnop"
ORIGINS = f'[server]\nmax_body_mib = 1\ncors_origins = ["{APP}", "{LOCAL}", "{EXTENSION}"]\n{SCRIPTED}'
GOOD = {"model": "scripted", "input": "say: hello"}
SENT = (
    *("x-goog-api-key", "authorization", "content-type", "x-goog-api-client", "x-goog-user-project"),
    *("user-agent", "api-revision", "last-event-id", "x-server-timeout"),
)


@pytest.fixture(scope="module")
def allowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that asks for keys and lets in some pages."""
    with RunningServer(tmp_path_factory.mktemp("allowing"), ORIGINS) as running:
        yield running


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The same without keys."""
    with RunningServer(tmp_path_factory.mktemp("keyless"), ORIGINS, "--no-auth") as running:
        yield running


@pytest.fixture(scope="module")
def anybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that asks for keys and lets in every page."""
    with RunningServer(tmp_path_factory.mktemp("any"), f'[server]\ncors_origins = ["*"]\n{SCRIPTED}') as running:
        yield running


def preflight(client: httpx2.Client, path: str, origin: str, method: str = "POST", **headers: str) -> httpx2.Response:
    """What a browser asks before a page's request."""
    asked = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": ",".join(SENT),
    }
    return client.request("OPTIONS", path, headers=asked | headers)


def listed(answer: httpx2.Response, header: str) -> list[str]:
    """The words of a header."""
    return [word.strip().lower() for word in answer.headers[f"access-control-{header}"].split(",")]


@pytest.mark.parametrize("origin", [APP, LOCAL, EXTENSION])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1beta/interactions"),
        ("DELETE", "/v1/interactions/v1_a"),
        ("POST", "/interactions/v1_a/cancel"),
        ("PATCH", "/v1beta/webhooks/webhook_1"),
        ("GET", "/v1beta1/projects/p/locations/l/interactions/v1_a"),
        ("POST", "/v1beta/models/scripted:countTokens"),
        ("POST", "/upload/v1beta/files"),
        ("GET", "/v1/nothing"),
        ("GET", "/healthz"),
    ],
)
def test_a_browser_that_asks_is_told_what_its_page_may_do(
    allowing: RunningServer, origin: str, method: str, path: str
) -> None:
    """On every route, without a key: the method, and each header that the SDK or a reader of streams sends."""
    with allowing.client("") as client:
        answer = preflight(client, path, origin, method)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["vary"] == "Origin"
    assert method.lower() in listed(answer, "allow-methods")
    assert {*SENT, "*"} <= set(listed(answer, "allow-headers"))
    assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-private-network" not in answer.headers


def test_a_page_on_the_internet_may_call_a_server_at_home(allowing: RunningServer) -> None:
    """A browser that asks whether the server knows that it is not a public one is told so."""
    with allowing.client("") as client:
        answer = preflight(client, "/v1/interactions", APP, **{"access-control-request-private-network": "true"})
    assert answer.headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize("origin", [OTHER, f"{APP}:8443", "http://app.example", f"{APP}.evil.example", "null"])
def test_other_pages_are_not_let_in(allowing: RunningServer, origin: str) -> None:
    """They are told why where they ask; an answer that they get all the same is not for them to read."""
    with allowing.client() as client:
        asked = preflight(client, "/v1/interactions", origin)
        assert (asked.status_code, asked.json()["error"]["code"]) == (403, "permission_denied")
        assert asked.json()["error"]["message"] == (
            f"Pages of \"{origin}\" may not call this server: it is not among the 'cors_origins' of [server]."
        )
        got = client.post("/v1/interactions", json=GOOD, headers={"origin": origin})
    for answer in (asked, got):
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["vary"] == "Origin"


def requests(server: RunningServer) -> Iterator[tuple[int, dict[str, Any]]]:
    """Requests of every kind, and their statuses."""
    stored = server.create(input="say: hello")["id"]
    yield 200, {"method": "POST", "url": "/v1/interactions", "json": GOOD}
    yield 200, {"method": "POST", "url": "/v1/interactions", "json": GOOD | {"stream": True}}
    yield 200, {"method": "GET", "url": f"/v1/interactions/{stored}", "params": {"stream": "true"}}
    yield 200, {"method": "GET", "url": "/v1/models"}
    yield 400, {"method": "POST", "url": "/v1/interactions", "json": GOOD | {"temperature": 1}}
    yield 400, {"method": "PUT", "url": "/v1/interactions"}
    yield 401, {"method": "GET", "url": "/v1/models", "headers": {"x-goog-api-key": "wrong"}}
    yield 404, {"method": "GET", "url": "/v1/nothing"}
    yield 413, {"method": "POST", "url": "/v1/interactions", "content": b" " * (1 << 21)}
    yield 429, {"method": "POST", "url": "/v1/interactions", "json": GOOD | {"input": "fail: rate_limited wait"}}


def test_every_answer_can_be_read(allowing: RunningServer) -> None:
    """By a page that is let in: streams and errors too, with the headers that say when to come again."""
    with allowing.client() as client:
        for status, request in requests(allowing):
            headers = {"origin": APP} | request.pop("headers", {})
            with client.stream(headers=headers, **request) as answer:
                assert answer.status_code == status, answer.read()
            assert answer.headers["access-control-allow-origin"] == APP, request
            assert answer.headers["vary"] == "Origin"
            assert {"retry-after", "x-interplay-notes", "*"} <= set(listed(answer, "expose-headers"))


def test_a_cache_keeps_answers_to_nobody_apart(allowing: RunningServer) -> None:
    """An answer to a request without an origin says that one with it would be another."""
    with allowing.client() as client:
        answer = client.get("/v1/models")
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in answer.headers


def test_without_the_setting_nothing_is_said(server: RunningServer) -> None:
    """No header for browsers, and a refusal that names the setting for one that asks."""
    with server.client() as client:
        answer = client.get("/v1/models", headers={"origin": LOCAL})
        assert not [name for name in answer.headers if name.startswith("access-control") or name == "vary"]
        asked = preflight(client, "/v1/interactions", LOCAL)
    assert (asked.status_code, "cors_origins" in asked.text) == (403, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": APP}, 200),
        ({"origin": LOCAL}, 200),
        ({"origin": "http://127.0.0.1:9"}, 200),
        ({"origin": OTHER}, 403),
        ({"origin": "null"}, 403),
        ({"origin": APP, "host": "rebound.example"}, 403),
        ({"origin": "http://rebound.example", "host": "rebound.example"}, 403),
    ],
)
def test_without_keys_an_allowed_page_is_answered(keyless: RunningServer, headers: dict[str, str], status: int) -> None:
    """A stranger's is not, and a name that was pointed at this machine opens nothing, whatever page says it."""
    with keyless.client("") as client:
        answer = client.post("/v1/interactions", json=GOOD, headers=headers)
    assert answer.status_code == status, answer.text
    allowed = headers["origin"] in (APP, LOCAL)
    assert answer.headers.get("access-control-allow-origin") == (headers["origin"] if allowed else None)


def test_every_page_may_be_let_in(anybody: RunningServer) -> None:
    """With a key; not without, and not to what is the operator's."""
    with anybody.client() as client:
        for origin in (OTHER, "null"):
            assert preflight(client, "/v1/interactions", origin).headers["access-control-allow-origin"] == "*"
            answer = client.post("/v1/interactions", json=GOOD, headers={"origin": origin})
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
        assert client.get("/v1/models", headers={"x-goog-api-key": "", "origin": OTHER}).status_code == 401
        for path in ("/metrics", "/healthz", "/readyz"):
            assert "access-control-allow-origin" not in client.get(path, headers={"origin": OTHER}).headers


@pytest.mark.parametrize(
    "origin",
    [
        *("https://app.example/", "https://app.example/path", "https://App.example", "app.example", "localhost:3000"),
        *(
            "https://app.example:443",
            "http://app.example:80",
            "https://*.example",
            "null",
            "",
            "https://user@app.example",
        ),
        *("https://app.example:", "https://app.example:99999x", "https://app.example https://b.example", "file://"),
    ],
)
def test_what_is_no_origin_stops_the_start(origin: str) -> None:
    """It is named, with what was expected: such a setting would never let anybody in."""
    with pytest.raises(SettingsError, match="expected an origin as browsers send it") as refusal:
        check(Settings(server=ServerSettings(cors_origins=(APP, origin))), "interplay.toml")
    assert repr(origin) in str(refusal.value)


@pytest.mark.parametrize(
    "origin", [APP, LOCAL, EXTENSION, "https://app.example:80", "http://[::1]:8080", "app://local"]
)
def test_what_browsers_send_is_an_origin(origin: str) -> None:
    """Also with the port of another scheme, of an address, or of a program that shows pages."""
    check(Settings(server=ServerSettings(cors_origins=(origin,))))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (ServerSettings(cors_origins=("*",), auth=False), "the server asks for no keys"),
        (ServerSettings(cors_origins=("*", APP)), '"\\*" alone'),
    ],
)
def test_every_page_together_with_what_cannot_be_stops_the_start(settings: ServerSettings, message: str) -> None:
    """Every page needs a key, and needs no others beside it."""
    with pytest.raises(SettingsError, match=message):
        check(Settings(server=settings))


def test_a_bad_origin_is_said_in_one_sentence(tmp_path: Path) -> None:
    """The server does not start."""
    server = RunningServer(tmp_path, f'[server]\ncors_origins = ["https://app.example/"]\n{SCRIPTED}')
    with pytest.raises(AssertionError, match=r"interplay: The cors_origins of .*interplay\.toml have 'https://app"):
        server.start()
    server.stop()
