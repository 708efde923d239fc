"""Whoever knocks at any operation: all of them, as the server's own document names them."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import msgspec
import pytest

from interplay.api.operation import Body, Checked, Open, Operation
from interplay.api.pages import Page
from interplay.api.query import items
from tests.server import SCRIPTED, RunningServer

LIMIT = 1 << 20
INTERACTION = {"model": "scripted", "input": "say: a secret"}
THINGS: dict[str, dict[str, Any]] = {
    "interactions": INTERACTION,
    "triggers": {"schedule": "0 0 1 1 *", "time_zone": "UTC", "interaction": INTERACTION},
    "webhooks": {"uri": "https://a.example/hook", "subscribed_events": ["interaction.completed"]},
}
"""What makes one of each resource that a project has."""
SHARED = {"models": "scripted"}
"""What every project has."""
ANYWHERE = {"/healthz", "/.well-known/jwks.json"}


class Asked(msgspec.Struct):
    """An operation of the document, on something that is there."""

    method: str
    path: str
    resource: str
    body: dict[str, Any] | None
    """One that it takes, where it takes one."""
    one: bool
    """Whether it is about one thing."""

    def send(self, client: httpx2.Client, **changed: Any) -> httpx2.Response:
        """The answer, with some of the request changed."""
        return client.request(self.method, self.path, **({"json": self.body} | changed if self.body else changed))


class Known(msgspec.Struct):
    """What a server has."""

    server: RunningServer
    operations: list[Asked]
    """Those that need a key."""
    open: list[str]
    """Paths of what needs none."""
    things: dict[str, str]
    """The id of one of each resource."""

    def key(self, project: str) -> str:
        """A new key of a project."""
        return self.server.command("keys", "create", "--project", project).split()[-1]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """A server that takes small bodies only, one of each thing in it, and all that its document names."""
    settings = f"[server]\nmax_body_mib = 1\n{SCRIPTED}"
    with RunningServer(tmp_path_factory.mktemp("door"), settings) as server, server.client() as client:
        things = {name: client.post(f"/v1beta/{name}", json=body).json()["id"] for name, body in THINGS.items()}
        document = client.get("/openapi.json").json()
        described = [(path, method, it) for path, of in document["paths"].items() for method, it in of.items()]
        schemas = document["components"]["schemas"]
        operations = [
            _asked(path, method, it, schemas, things) for path, method, it in described if "security" not in it
        ]
        yield Known(server, operations, [path for path, _, it in described if it.get("security") == []], things)


def _asked(path: str, method: str, described: Any, schemas: Any, things: dict[str, str]) -> Asked:
    resource = path.split("/")[2]
    filled = re.sub(r"{\w+}", (things | SHARED).get(resource, "nothing"), path)
    body = None
    if "requestBody" in described:
        schema = described["requestBody"]["content"]["application/json"].get("schema", {})
        fields = schemas[schema["$ref"].rpartition("/")[2]].get("properties", {}) if schema else {}
        body = {name: "x" for name in fields if name in ("name", "display_name")}
    return Asked(method.upper(), filled, resource, body, "{" in path)


def failed(operation: Asked, answer: httpx2.Response, status: int, code: str) -> bool:
    """Whether it is this failure, in the form of errors that the resource's clients read."""
    error = answer.json().get("error", {})
    form = {"code": status, "status": error.get("status")} if operation.resource in SHARED else {"code": code}
    return answer.status_code == status and error == form | {"message": error["message"]} and error["message"] != ""


def test_the_document_names_operations_of_every_kind(known: Known) -> None:
    """So the tests below are about something."""
    assert {*THINGS, *SHARED, "decisions"} == {operation.resource for operation in known.operations}
    assert len(known.operations) > 20
    assert len(known.open) >= 5


@pytest.mark.parametrize("key", ["", "wrong", "revoked"])
def test_nothing_is_done_without_a_key(known: Known, key: str) -> None:
    """No key, one that never was, and one that is no more: 401, but for what needs none."""
    if key == "revoked":
        key = known.key("short")
        id = next(line for line in known.server.command("keys", "list").splitlines() if "short" in line).split()[1]
        known.server.command("keys", "revoke", id)
    with known.server.client(key) as client:
        for operation in known.operations:
            answer = operation.send(client)
            assert failed(operation, answer, 401, "unauthenticated"), (operation, answer.text)
        for path in known.open:
            assert client.get(path).status_code == 200, path


def test_another_project_sees_and_changes_nothing(known: Known) -> None:
    """What a project has is not found with another's key, nor listed, and stays as it was."""
    with known.server.client() as mine, known.server.client(known.key("stranger")) as client:
        before = {name: mine.get(f"/v1beta/{name}/{id}").json() for name, id in known.things.items()}
        for operation in known.operations:
            if operation.resource in SHARED:
                continue
            answer = operation.send(client)
            assert operation.method != "GET" or operation.one or answer.status_code == 200
            assert not operation.one or failed(operation, answer, 404, "not_found"), (operation, answer.text)
            assert "a secret" not in answer.text
            assert "a.example" not in answer.text
        assert {name: mine.get(f"/v1beta/{name}/{id}").json() for name, id in known.things.items()} == before


def test_an_unknown_query_item_is_refused_by_name(known: Known) -> None:
    """Before anything is done."""
    with known.server.client() as client:
        for operation in known.operations:
            answer = operation.send(client, params={"no_such_item": "1"})
            assert failed(operation, answer, 400, "invalid_request"), (operation, answer.text)
            assert "'no_such_item'" in answer.text


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit_is_refused(known: Known, declared: bool) -> None:
    """Whether its length is known before it has been read or not."""
    with known.server.client() as client:
        for operation in (operation for operation in known.operations if operation.body is not None):
            large = b" " * (LIMIT + 1)
            answer = operation.send(client, json=None, content=large if declared else iter([large[:-1], large[-1:]]))
            assert failed(operation, answer, 413, "request_too_large"), (operation, answer.text)
            assert "1 MiB" in answer.text


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"null"])
def test_a_body_that_is_no_object_is_refused(known: Known, content: bytes) -> None:
    """What is no JSON, and JSON of another kind."""
    with known.server.client() as client:
        for operation in (operation for operation in known.operations if operation.body is not None):
            answer = operation.send(client, json=None, content=content)
            assert failed(operation, answer, 400, "invalid_request"), (operation, answer.text)


def test_a_stranger_without_a_key_learns_only_that_a_server_is_there(tmp_path: Any) -> None:
    """A server without keys tells a page that came by another name nothing: no addresses of upstreams, no numbers."""
    with RunningServer(tmp_path, SCRIPTED, "--no-auth") as server, server.client("") as client:
        paths = client.get("/openapi.json").json()["paths"]
        open = {path for path, of in paths.items() if any(it.get("security") == [] for it in of.values())}
        for headers in ({"host": "rebound.example"}, {"origin": "https://evil.example"}):
            answers = {path: client.get(path, headers=headers).status_code for path in open}
            assert answers == {path: 200 if path in ANYWHERE else 403 for path in open}
        assert {client.get(path).status_code for path in open} == {200}


def test_with_keys_what_is_open_is_shown_under_every_name(known: Known) -> None:
    """Health checks and Prometheus call by address."""
    with known.server.client("") as client:
        for path in known.open:
            assert client.get(path, headers={"host": "10.0.0.7:8790"}).status_code == 200, path


class Items(msgspec.Struct, frozen=True):
    """Query items."""

    name: str = ""


def decode(body: bytes) -> int:
    """A body."""
    return len(body)


async def takes_both(request: Checked[Items, int]) -> object:
    """Show what was asked."""
    return [request.query, request.body]


@pytest.mark.parametrize(
    "declared", [{}, {"query": Items}, {"body": Body(decode)}, {"query": Page, "body": Body(decode)}]
)
def test_a_handler_that_takes_what_is_not_declared_stops_the_start(declared: dict[str, Any]) -> None:
    """It would fail at the first request, or be asked for what nobody has checked."""
    with pytest.raises(TypeError, match="takeBoth declares"):
        Operation("POST", "/both", takes_both, id="takeBoth", **declared)
    Operation("POST", "/both", takes_both, id="takeBoth", query=Items, body=Body(decode))


def test_an_open_handler_that_takes_something_stops_the_start() -> None:
    """Nobody has checked what it would get."""
    with pytest.raises(TypeError, match="isOpen is open"):
        Open("/open", takes_both, id="isOpen")  # type: ignore[arg-type]


def test_a_query_item_of_a_type_that_none_can_have_stops_the_start() -> None:
    """A number needs a largest value."""

    class Boundless(msgspec.Struct):
        many: int = 0

    with pytest.raises(TypeError, match="'many'"):
        items(Boundless)


def test_an_item_with_two_values_is_refused(server: RunningServer) -> None:
    """Which of them was meant nobody knows; the same said twice is said."""
    with server.client() as client:
        refused = client.get("/v1/triggers?page_size=1&page_size=2")
        assert client.get("/v1/triggers?page_size=1&page_size=1").status_code == 200
    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == '\'page_size\' is there as "1" and as "2": expected one value.'
