"""The webhooks resource: registering, changing, listing, and everything that can be wrong about it."""

from typing import Any

import pytest

from tests.server import RunningServer

GOOD = {"uri": "https://a.example/hook", "subscribed_events": ["interaction.completed"], "name": "mine"}
PATH = "/v1/webhooks"


@pytest.fixture
def webhook(server: RunningServer) -> Any:
    """A registered webhook."""
    with server.client() as client:
        return client.post(PATH, json=GOOD).json()


def test_a_webhook_is_made_read_and_removed(server: RunningServer, webhook: Any) -> None:
    """The secret is in the first answer only."""
    secret = webhook.pop("new_signing_secret")
    assert secret.startswith("whsec_")
    assert webhook == GOOD | {
        "id": webhook["id"],
        "state": "enabled",
        "create_time": webhook["create_time"],
        "update_time": webhook["create_time"],
        "signing_secrets": [{"truncated_secret": f"...{secret[-4:]}"}],
    }
    path = f"{PATH}/{webhook['id']}"
    with server.client() as client:
        read = client.get(path)
        assert read.json() == webhook
        assert secret not in read.text + client.get(PATH).text + server.log()
        assert client.delete(path).json() == {}
        assert [client.get(path).status_code, client.delete(path).status_code] == [404, 404]


def test_every_event_of_the_api_can_be_subscribed_to(server: RunningServer) -> None:
    """Batches and films too, of which there are none here."""
    events = [f"batch.{end}" for end in ("succeeded", "expired", "failed", "cancelled")] + ["video.generated"]
    events += [f"interaction.{end}" for end in ("requires_action", "completed", "failed", "cancelled")]
    with server.client() as client:
        made = client.post(PATH, json=GOOD | {"subscribed_events": events}).json()
        assert made["subscribed_events"] == events
        client.delete(f"{PATH}/{made['id']}")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"uri": None}, ["uri"]),
        ({"uri": 5}, ["uri", "5"]),
        ({"uri": "a.example"}, ["'uri'", "a.example", "host"]),
        ({"uri": "http://a.example"}, ["'uri'", "https://"]),
        ({"uri": "https://me:pw@a.example"}, ["'uri'", "password"]),
        ({"uri": "https://192.168.0.1/"}, ["'uri'", "192.168.0.1", "public"]),
        ({"subscribed_events": None}, ["subscribed_events"]),
        ({"subscribed_events": []}, ["'subscribed_events' is empty", "interaction.completed"]),
        ({"subscribed_events": "interaction.completed"}, ["subscribed_events", "a list"]),
        ({"subscribed_events": ["interaction.done"]}, ["subscribed_events[0]", "interaction.done", "batch.succeeded"]),
        ({"subscribed_events": ["batch.failed", "batch.failed"]}, ["subscribed_events[1]", "twice"]),
        ({"subscribed_events": [1]}, ["subscribed_events[0]", "1"]),
        ({"name": "x" * 257}, ["'name'", "256"]),
        ({"name": "a\x00b"}, ["'name'", "printable"]),
        ({"uris": []}, ["Unknown parameter 'uris'", "uri"]),
        ({"subscribedEvents": []}, ["subscribedEvents", "subscribed_events"]),
        ({"state": "disabled"}, ["Unknown parameter 'state'"]),
    ],
)
def test_a_wrong_field_is_named(server: RunningServer, changes: dict[str, Any], words: list[str]) -> None:
    """When a webhook is made, and, as far as it can be, when it is changed."""
    with server.client() as client:
        _refused(client.post(PATH, json=GOOD | changes), words)


@pytest.mark.parametrize(
    ("mask", "body", "words"),
    [
        (None, {}, ["nothing to change", "subscribed_events"]),
        (None, {"uri": "http://a.example"}, ["'uri'", "https://"]),
        (None, {"uri": "https://127.0.0.1/"}, ["'uri'", "public"]),
        (None, {"state": "off"}, ["'state'", "off", "enabled", "disabled_due_to_failed_deliveries"]),
        (None, {"subscribed_events": []}, ["'subscribed_events' is empty"]),
        (None, {"name": "x" * 257}, ["'name'"]),
        (None, {"id": "webhook_x"}, ["Unknown parameter 'id'"]),
        ("uri,names", {"uri": "https://b.example"}, ["'update_mask'", "names", 'Did you mean "name"?']),
        ("signing_secrets", {}, ["'update_mask'", "signing_secrets", "cannot be changed"]),
        ("", {"name": "x"}, ["'update_mask'"]),
        ("uri", {"name": "x"}, ["'update_mask' names 'uri'", "leaves out"]),
        ("*", {"name": "x"}, ["'update_mask' names every field", "'state'", "leaves out"]),
    ],
)
def test_a_wrong_change_is_refused(
    server: RunningServer, webhook: Any, mask: str | None, body: dict[str, Any], words: list[str]
) -> None:
    """And changes nothing."""
    path = f"{PATH}/{webhook['id']}"
    with server.client() as client:
        _refused(client.patch(path, json=body, params={} if mask is None else {"update_mask": mask}), words)
        assert client.get(path).json() == {name: webhook[name] for name in webhook if name != "new_signing_secret"}


def test_a_change_without_a_mask_changes_what_is_given(server: RunningServer, webhook: Any) -> None:
    """The rest stays as it was; null is as good as nothing."""
    path = f"{PATH}/{webhook['id']}"
    with server.client() as client:
        changed = client.patch(path, json={"state": "disabled", "name": None}).json()
        assert (changed["state"], changed["name"], changed["uri"]) == ("disabled", "mine", GOOD["uri"])
        assert client.get(path).json() == changed


def test_a_mask_says_what_is_changed(server: RunningServer, webhook: Any) -> None:
    """The rest of the body counts for nothing; a name that it names and the body leaves out is taken away."""
    path = f"{PATH}/{webhook['id']}"
    body = {"uri": "https://b.example", "subscribed_events": ["interaction.failed"]}
    with server.client() as client:
        changed = client.patch(path, json=body, params={"update_mask": "uri, name"}).json()
    assert (changed["uri"], changed["subscribed_events"]) == ("https://b.example", ["interaction.completed"])
    assert "name" not in changed


@pytest.mark.parametrize(
    ("act", "body", "words"),
    [
        (":ping", {"x": 1}, ["Unknown parameter 'x'. No parameters are expected here."]),
        (":ping", [], ["object"]),
        (":rotateSigningSecret", {"revocation_behavior": "never"}, ["revocation_behavior", "never", "after_h24"]),
        (":rotateSigningSecret", {"revocation_behaviour": "x"}, ["Did you mean 'revocation_behavior'?"]),
        (":pong", {}, ["POST is not for"]),
    ],
)
def test_a_wrong_act_is_refused(server: RunningServer, webhook: Any, act: str, body: Any, words: list[str]) -> None:
    """A 400 with the reason."""
    with server.client() as client:
        _refused(client.post(f"{PATH}/{webhook['id']}{act}", json=body), words)


def test_secrets_do_not_pile_up(server: RunningServer, webhook: Any) -> None:
    """Of those that are still valid there are ten at most; the way out is named."""
    path = f"{PATH}/{webhook['id']}:rotateSigningSecret"
    with server.client() as client:
        for _ in range(9):
            assert client.post(path).status_code == 200
        _refused(client.post(path), ["10 secrets", "revoke_previous_secrets_immediately"])
        assert client.post(path, json={"revocation_behavior": "revoke_previous_secrets_immediately"}).status_code == 200


def test_webhooks_are_listed_page_by_page(server: RunningServer) -> None:
    """The oldest first, each once, with an end; another project has its own."""
    key = server.command("keys", "create", "--project", "lister").split()[-1]
    with server.client(key) as client:
        assert client.get(PATH).json() == {"webhooks": []}
        made = [client.post(PATH, json=GOOD | {"name": f"{n}"}).json()["id"] for n in range(5)]
        seen: list[str] = []
        query: dict[str, Any] = {"page_size": 2}
        while query:
            page = client.get(PATH, params=query).json()
            seen += [webhook["id"] for webhook in page["webhooks"]]
            query = {"page_size": 2, "page_token": page["next_page_token"]} if "next_page_token" in page else {}
        assert seen == made
        assert "next_page_token" not in client.get(PATH, params={"page_size": 5}).json()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"page_size": "1001"}, ["page_size", "1001", "1000"]),
        ({"page_size": "x"}, ["page_size", "x"]),
        ({"page_token": "x"}, ["page_token", "x"]),
        ({"page_token": "ä"}, ["page_token"]),
        ({"page_token": "WzEsMl0="}, ["page_token"]),
        ({"pageSize": "1"}, ["Unknown parameter 'pageSize'"]),
    ],
)
def test_a_wrong_page_is_refused(server: RunningServer, query: dict[str, str], words: list[str]) -> None:
    """A 400 that names the item."""
    with server.client() as client:
        _refused(client.get(PATH, params=query), words)


def test_another_projects_webhook_is_not_there(server: RunningServer, webhook: Any) -> None:
    """To no operation, and it stays as it is."""
    path = f"{PATH}/{webhook['id']}"
    key = server.command("keys", "create", "--project", "stranger").split()[-1]
    with server.client(key) as client:
        answers = [
            client.get(path),
            client.patch(path, json={"name": "x"}),
            client.delete(path),
            client.post(f"{path}:ping"),
            client.post(f"{path}:rotateSigningSecret"),
        ]
    assert [answer.status_code for answer in answers] == [404] * 5
    with server.client() as client:
        assert client.get(path).json()["name"] == "mine"


def test_without_a_key_there_are_only_public_keys(server: RunningServer) -> None:
    """Everything of the resource is a 401; the key set is for everybody, and has nothing private in it."""
    with server.client("") as client:
        for answer in (client.get(PATH), client.post(PATH, json=GOOD), client.post(f"{PATH}/x:ping")):
            assert answer.status_code == 401
        [key] = client.get("/.well-known/jwks.json").json()["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}


def test_other_spellings_of_the_path_lead_there(server: RunningServer, webhook: Any) -> None:
    """Any version, a Vertex parent, and a colon that came encoded."""
    with server.client() as client:
        for path in ("/v1beta/webhooks/", "/webhooks/", "/v1beta1/projects/p/locations/l/webhooks/"):
            assert client.get(path + webhook["id"]).json()["id"] == webhook["id"]
        assert client.post(f"{PATH}/{webhook['id']}%3ArotateSigningSecret").status_code == 200


def _refused(answer: Any, words: list[str]) -> None:
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["code"] == "invalid_request"
    assert [word for word in words if word not in error["message"]] == [], error["message"]
