"""Webhooks from end to end: what a real server tells real receivers, whatever dies in between."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from interplay.settings import Settings, SettingsError, check
from interplay.settings.webhooks import WebhooksSettings
from tests.postgres import Postgres
from tests.receiver import Message, Receiver
from tests.server import SCRIPTED, RunningServer
from tests.waiting import until

ALLOWED = f"{SCRIPTED}\n[webhooks]\nallow_private = true\n"
EVENTS = [f"interaction.{end}" for end in ("completed", "requires_action", "failed", "cancelled")]
TOOL = {"type": "function", "name": "look_up", "parameters": {"type": "object", "properties": {"word": {}}}}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver for one test."""
    with Receiver() as running:
        yield running


@pytest.fixture(scope="module")
def allowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that may reach this machine."""
    with RunningServer(tmp_path_factory.mktemp("allowing"), ALLOWED) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningServer]:
    """The same for one test, which may kill it."""
    with RunningServer(tmp_path, ALLOWED) as running:
        yield running


def register(server: RunningServer, uri: str, events: list[str] = EVENTS) -> Any:
    """A new webhook."""
    with server.client() as client:
        answer = client.post("/v1/webhooks", json={"uri": uri, "subscribed_events": events})
        assert answer.status_code == 200, answer.text
        return answer.json()


def _delete(server: RunningServer, webhook: Any) -> None:
    with server.client() as client:
        assert client.delete(f"/v1/webhooks/{webhook['id']}").json() == {}


@pytest.mark.parametrize(
    ("request_", "status", "type", "data"),
    [
        ({"input": "say: hello"}, "completed", "interaction.completed", {}),
        ({"input": "call: look_up {}", "tools": [TOOL]}, "requires_action", "interaction.requires_action", {}),
        (
            {"input": "say: half\nfail: bad_gateway it broke"},
            "failed",
            "interaction.failed",
            {"error_code": "bad_gateway", "error_message": "it broke"},
        ),
        (
            {"input": "say: a b c", "generation_config": {"max_output_tokens": 1}},
            "incomplete",
            "interaction.completed",
            {},
        ),
    ],
)
def test_an_end_in_the_background_is_told(
    allowing: RunningServer, receiver: Receiver, request_: dict[str, Any], status: str, type: str, data: dict[str, str]
) -> None:
    """Each kind of end has its type, and the body is thin: the id leads to the rest."""
    webhook = register(allowing, f"{receiver.url}/ok")
    id = allowing.create(background=True, **request_)["id"]
    [message] = receiver.wait("/ok")
    told = message.verified(webhook["new_signing_secret"])
    with allowing.client() as client:
        interaction = client.get(f"/v1/interactions/{id}").json()
    assert interaction["status"] == status
    assert told == {"type": type, "version": "v1", "timestamp": interaction["updated"], "data": {"id": id} | data}
    _delete(allowing, webhook)


def test_a_cancelled_run_is_told(allowing: RunningServer, receiver: Receiver) -> None:
    """By a cancel, and by a delete, which cancels first; the id of a deleted one leads nowhere."""
    webhook = register(allowing, f"{receiver.url}/ok")
    ids = [allowing.create(input="wait: 60", background=True)["id"] for _ in range(2)]
    with allowing.client() as client:
        client.post(f"/v1/interactions/{ids[0]}/cancel")
        client.delete(f"/v1/interactions/{ids[1]}")
    told = [message.json() for message in receiver.wait("/ok", 2)]
    assert {(each["type"], each["data"]["id"]) for each in told} == {("interaction.cancelled", id) for id in ids}
    _delete(allowing, webhook)


def test_only_what_was_subscribed_to_is_told(allowing: RunningServer, receiver: Receiver) -> None:
    """And nothing of what a client waited for."""
    failures = register(allowing, f"{receiver.url}/ok?failures", ["interaction.failed"])
    everything = register(allowing, f"{receiver.url}/ok?all")
    allowing.create(input="say: hello")
    allowing.stream(input="say: hello")
    id = allowing.create(input="say: hello", background=True)["id"]
    failed = allowing.create(input="fail: bad_gateway it broke", background=True)["id"]
    told = receiver.wait("/ok?all", 2)
    assert {message.json()["data"]["id"] for message in told} == {id, failed}
    assert [message.json()["data"]["id"] for message in receiver.wait("/ok?failures")] == [failed]
    for webhook in (failures, everything):
        _delete(allowing, webhook)


def test_a_request_names_its_own_receivers(allowing: RunningServer, receiver: Receiver) -> None:
    """They stand for the registered ones; the metadata comes along, and the interaction says what was asked."""
    webhook = register(allowing, f"{receiver.url}/ok?registered")
    uris = [f"{receiver.url}/ok?{n}" for n in range(2)]
    config = {"uris": uris, "user_metadata": {"job": 7, "tags": ["a", None]}}
    created = allowing.create(input="say: hello", background=True, webhook_config=config)
    assert created["webhook_config"] == config
    with allowing.client() as client:
        keys = client.get("/.well-known/jwks.json").json()
        for uri in uris:
            [message] = receiver.wait(uri.removeprefix(receiver.url))
            assert message.json()["user_metadata"] == config["user_metadata"]
            assert message.claims(keys, uri)["data"] == {"id": created["id"]}
        assert client.get(f"/v1/interactions/{created['id']}").json()["webhook_config"] == config
    assert receiver.to("/ok?registered") == []
    _delete(allowing, webhook)


def test_the_operator_chooses_the_asymmetric_form(tmp_path: Path, receiver: Receiver) -> None:
    """Ed25519 over id, timestamp and body, by a published key, which lasts over a rotation and a restart.

    A receiver that checks by the published keys finds nothing else good.
    """
    settings = f'{ALLOWED}request_signatures = "v1a"\n'
    config = {"uris": [f"{receiver.url}/ok"], "user_metadata": {"job": 7}}
    with RunningServer(tmp_path, settings) as server:
        server.create(input="say: hello", background=True, webhook_config=config)
        [message] = receiver.wait("/ok")
        [key] = before = _jwks(server)["keys"]
        assert set(key) == {"kty", "crv", "use", "alg", "kid", "x"}
        assert message.signed_by({"keys": before}) == key["kid"]
        assert message.json()["user_metadata"] == {"job": 7}
        for other in (Message("", message.headers, message.body + b" "), _later(message)):
            assert other.signed_by({"keys": before}) is None
        new = server.command("webhooks", "rotate-key").split()[1]
        server.stop()
        server.start()
        keys = _jwks(server)
        assert [each["kid"] for each in keys["keys"]] == [key["kid"], new]
        server.create(input="say: hello", background=True, webhook_config=config)
        assert receiver.wait("/ok", 2)[1].signed_by(keys) == key["kid"]  # the new one is not known everywhere yet
        assert server.command("webhooks", "rotate-key", "--revoke").split()[1] not in (key["kid"], new)


def _jwks(server: RunningServer) -> Any:
    with server.client("") as client:
        return client.get("/.well-known/jwks.json").json()


def _later(message: Message) -> Message:
    timestamp = str(int(message.headers["webhook-timestamp"]) + 1)
    return Message("", message.headers | {"webhook-timestamp": timestamp}, message.body)


def test_an_audience_without_tokens_stops_the_start() -> None:
    """It would be in no signature."""
    settings = Settings(webhooks=WebhooksSettings(audience="me", request_signatures="v1a"))
    with pytest.raises(SettingsError, match=r"audience in \[webhooks\] of the command line would be in no signature"):
        check(settings)


def test_metadata_alone_goes_to_the_registered_receivers(allowing: RunningServer, receiver: Receiver) -> None:
    """A request that names no receiver of its own may send something along."""
    webhook = register(allowing, f"{receiver.url}/ok")
    allowing.create(input="say: hello", background=True, webhook_config={"user_metadata": {"job": 7}})
    [message] = receiver.wait("/ok")
    assert message.verified(webhook["new_signing_secret"])["user_metadata"] == {"job": 7}
    _delete(allowing, webhook)


def test_the_largest_message_fits_into_a_header(allowing: RunningServer, receiver: Receiver) -> None:
    """The token of a failure with as much metadata and URI as is allowed has less than 6 KiB; more is a 400."""
    path = "/ok?" + "z" * (1020 - len(receiver.url))
    config: dict[str, Any] = {"uris": [receiver.url + path], "user_metadata": {"x": "y" * 2038}}
    allowing.create(input='fail: bad_gateway "' + "\\u0001" * 600 + '"', background=True, webhook_config=config)
    [message] = receiver.wait(path)
    assert len(message.headers["webhook-signature"]) < 6000
    assert 60 < len(message.json()["data"]["error_message"]) <= 500
    asked = {"model": "scripted", "input": "say: x", "background": True}
    config["uris"] = [f"{receiver.url}{path}z"]
    with allowing.client() as client:
        refused = client.post("/v1/interactions", json=asked | {"webhook_config": config})
    assert (refused.status_code, "at most 3072 together" in refused.text) == (400, True)


def test_the_end_of_a_run_that_a_crash_cut_off_is_told(own: RunningServer, receiver: Receiver) -> None:
    """Kill -9 in the middle of it: it is gone on with, and its end told once; what a client waited for is not."""
    webhook = register(own, f"{receiver.url}/ok")
    id = own.create(input="say: half of\nwait: 2\nsay: an answer", background=True)["id"]
    foreground = threading.Thread(target=_leave, args=(own,))
    foreground.start()
    until(lambda: _running(own) == 2)
    own.kill()
    foreground.join()
    own.start()
    [message] = receiver.wait("/ok")
    told = message.verified(webhook["new_signing_secret"])
    assert (told["type"], told["data"]) == ("interaction.completed", {"id": id})
    own.create(input="say: x", background=True)
    assert len(receiver.wait("/ok", 2)) == 2


def _leave(server: RunningServer) -> None:
    with pytest.raises(Exception, match=r".*"), server.client() as client:
        client.post("/v1/interactions", json={"model": "scripted", "input": "wait: 60"})


def _running(server: RunningServer) -> int:
    with server.client() as client:
        [line] = [line for line in client.get("/metrics").text.splitlines() if line.startswith("interplay_runs_in_pro")]
    return int(float(line.split()[1]))


def test_an_end_outlives_the_death_of_the_server(own: RunningServer, receiver: Receiver) -> None:
    """Kill -9 between the end and its delivery, five times: each end is told after the next start, in good form."""
    webhook = register(own, f"{receiver.url}/switch")
    ids = set()
    for number in range(5):
        id = own.create(input="say: hello", background=True)["id"]
        ids.add(id)
        receiver.wait("/switch", number + 1)  # refused with 500, so the notice is still due
        own.kill()
        own.start()
    seen = len(receiver.messages)
    receiver.status = 200
    _pass(own, 600)
    until(lambda: {_id(message) for message in receiver.messages[seen:]} == ids)
    for message in receiver.messages:
        message.verified(webhook["new_signing_secret"])
    per_id = {message.headers["webhook-id"] for message in receiver.messages}
    assert len(per_id) == 5


def test_a_kill_while_a_receiver_hangs_sends_it_again(own: RunningServer, receiver: Receiver) -> None:
    """What was on its way is claimed by nobody after the restart, and goes out at once under its id."""
    register(own, f"{receiver.url}/hang")
    own.create(input="say: hello", background=True)
    receiver.wait("/hang")
    own.kill()
    own.start()
    first, second = receiver.wait("/hang", 2, seconds=10)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def _id(message: Message) -> str:
    return str(message.json()["data"]["id"])


def test_what_is_refused_is_a_dead_letter_and_can_be_sent_again(own: RunningServer, receiver: Receiver) -> None:
    """The operator sees why, without the path of the address, and sends it again."""
    webhook = register(own, f"{receiver.url}/switch/s3cret-path")
    own.create(input="say: hello", background=True)
    receiver.wait("/switch/s3cret-path")
    _pass(own, 86_400)
    until(lambda: "it answered 500" in own.command("webhooks", "dead"))
    with own.client() as client:
        kept = client.get(f"/v1/webhooks/{webhook['id']}").json()
        assert kept["state"] == "disabled_due_to_failed_deliveries"
        client.patch(f"/v1/webhooks/{webhook['id']}", json={"state": "enabled"})
    assert "s3cret" not in own.command("webhooks", "dead") + own.log()
    receiver.status = 200
    assert "1 is sent again" in own.command("webhooks", "replay", "--all")
    until(lambda: len({len(m.body) for m in receiver.messages}) == 1 and len(receiver.messages) >= 3)
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == 1
    assert "Everything that was due" in own.command("webhooks", "dead")


def _pass(server: RunningServer, seconds: float) -> None:
    """Let time pass for what is in the outbox, once every try under way is over."""

    def passed() -> bool:
        with closing(apsw.Connection(str(server.data / "app.db"))) as other:
            other.set_busy_timeout(10_000)
            if other.execute("SELECT count(*) FROM deliveries WHERE holder <> ''").get:
                return False
            other.execute("UPDATE deliveries SET due = due - ?1, created = created - ?1", (seconds,))
            other.execute("UPDATE webhooks SET healthy = healthy - ?", (seconds,))
            return True

    until(passed)


def test_a_private_address_is_refused_by_default(own_server: RunningServer, receiver: Receiver) -> None:
    """At once where the URI has it, and when it is sent, for one that was given while it was allowed."""
    with own_server.client() as client:
        local = f"https://localhost:{receiver.port}/ok"
        for uri in (f"{receiver.url}/ok", f"https://127.0.0.1:{receiver.port}/ok", local):
            body = {"uri": uri, "subscribed_events": EVENTS}
            assert client.post("/v1/webhooks", json=body).status_code == 400
        webhook = register(own_server, "https://a.example/ok")
        with closing(apsw.Connection(str(own_server.data / "app.db"))) as other:
            other.set_busy_timeout(10_000)
            other.execute("UPDATE webhooks SET uri = ?", (local,))
        ping = client.post(f"/v1/webhooks/{webhook['id']}:ping")
    assert ping.status_code == 400
    assert "its address is not a public one" in ping.json()["error"]["message"]
    assert receiver.messages == []


def test_a_ping_says_what_came_of_it(allowing: RunningServer, receiver: Receiver) -> None:
    """It is signed as all messages are; a receiver that refuses it, or is disabled, is told of too."""
    webhook = register(allowing, f"{receiver.url}/switch")
    path = f"/v1/webhooks/{webhook['id']}"
    with allowing.client() as client:
        refused = client.post(f"{path}:ping", json={})
        assert refused.status_code == 400
        assert "did not take the ping: it answered 500" in refused.json()["error"]["message"]
        receiver.status = 200
        client.patch(path, json={"state": "disabled"})
        assert client.post(f"{path}:ping").json() == {}
    told = receiver.messages[-1].verified(webhook["new_signing_secret"])
    assert (told["type"], told["data"]) == ("webhook.ping", {"id": webhook["id"]})
    _delete(allowing, webhook)


def test_a_rotated_secret_signs_beside_the_one_before(allowing: RunningServer, receiver: Receiver) -> None:
    """For a day, which both can be seen; or at once no more."""
    webhook = register(allowing, f"{receiver.url}/ok")
    path, old = f"/v1/webhooks/{webhook['id']}", webhook["new_signing_secret"]
    with allowing.client() as client:
        new = client.post(f"{path}:rotateSigningSecret", json={}).json()["secret"]
        client.post(f"{path}:ping")
        assert receiver.messages[-1].verified(old) == receiver.messages[-1].verified(new)
        newest, previous = client.get(path).json()["signing_secrets"]
        assert newest == {"truncated_secret": f"...{new[-4:]}"}
        assert previous["truncated_secret"] == f"...{old[-4:]}"
        left = time.mktime(time.strptime(previous["expire_time"], "%Y-%m-%dT%H:%M:%SZ")) - time.mktime(time.gmtime())
        assert 86_300 < left <= 86_401
        body = {"revocation_behavior": "REVOKE_PREVIOUS_SECRETS_IMMEDIATELY"}  # as the API's guide writes it
        only = client.post(f"{path}/rotate_secret", json=body).json()["secret"]
        client.post(f"{path}:ping")
        assert len(client.get(path).json()["signing_secrets"]) == 1
    receiver.messages[-1].verified(only)
    for secret in (old, new):
        with pytest.raises(Exception, match="No matching signature"):
            receiver.messages[-1].verified(secret)
    _delete(allowing, webhook)


def test_two_servers_share_the_outbox(postgres_server: Postgres, tmp_path: Path, receiver: Receiver) -> None:
    """Each end is told once, whichever server ran it; what a dead server had claimed the other one sends."""
    address = postgres_server.database()
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    arguments = (ALLOWED, "--database", address)
    with RunningServer(tmp_path / "one", *arguments) as one, RunningServer(tmp_path / "two", *arguments) as two:
        two.key = one.key
        webhook = register(one, f"{receiver.url}/ok")
        ids = {server.create(input="say: hello", background=True)["id"] for _ in range(20) for server in (one, two)}
        told = receiver.wait("/ok", 40)
        assert {_id(message) for message in told} == ids
        _delete(two, webhook)
        hanging = register(one, f"{receiver.url}/hang")
        id = one.create(input="say: hello", background=True)["id"]
        first = receiver.wait("/hang")[0]
        one.kill()
        second = receiver.wait("/hang", 2, seconds=60)[1]
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert _id(second) == id
        second.verified(hanging["new_signing_secret"])
    assert len(receiver.to("/ok")) == 40
