"""The loop that empties the outbox, its ticks called one by one: real rows, real receivers."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import msgspec
import pytest

from interplay.fetching.client import Client
from interplay.fetching.names import Names
from interplay.jobs.delivery import Delivery, again_in
from interplay.observe import Fault, NoticeSent, Observation
from interplay.settings.webhooks import WebhooksSettings
from interplay.store.interactions import Work
from interplay.store.outbox import Notice
from interplay.store.sqlite import SqliteStore
from interplay.store.webhooks import ENABLED, GIVEN_UP, SigningSecret, StoredWebhook
from interplay.webhooks.asymmetric import Asymmetric
from interplay.webhooks.form import Message, Signatures
from interplay.webhooks.keys import SigningKeys
from interplay.webhooks.posting import Posting
from interplay.webhooks.reach import Reach
from interplay.webhooks.sending import Sender
from interplay.webhooks.signing import new_secret
from interplay.webhooks.tokens import Tokens
from tests.receiver import Receiver
from tests.store.samples import ending, new

NOW = 1_795_000_000.0
DAY = 86_400.0


class Post:
    """One server's delivery over a store of its own, and what it observed."""

    def __init__(self, store: SqliteStore, folder: Path, names: Names, audience: str | None = None) -> None:
        self.store = store
        self.seen: list[NoticeSent] = []
        self.now = time.time()
        self._folder = folder
        reach = Reach(WebhooksSettings(allow_private=True))
        self.tokens = Tokens(SigningKeys(store, self._clock, Tokens.kind), audience)
        self.asymmetric = Asymmetric(SigningKeys(store, self._clock, Asymmetric.kind))
        self.signatures = Signatures(self.tokens, self.asymmetric)
        self.posting = Posting(Sender(Client(reach, names.addresses), 0.5), self.signatures, self._clock)
        self.delivery = Delivery(store.outbox, self.posting, "me", self._observe, jitter=lambda: 0.0)

    async def told(self, id: str, *uris: str, project: str = "home") -> None:
        """End an interaction in the background."""
        payload = json.dumps({"type": "interaction.completed", "version": "v1", "data": {"id": id}}).encode()
        notice = Notice(id=f"msg_{id}", type="interaction.completed", payload=payload, uris=uris)
        await self.store.insert(msgspec.structs.replace(new(id, project=project), work=Work(1, b"{}")))
        assert await self.store.finish(msgspec.structs.replace(ending(id, project=project), notice=notice))

    async def registered(self, uri: str, *secrets: SigningSecret) -> str:
        """Register a receiver; its first secret."""
        kept = secrets or (SigningSecret(new_secret()),)
        webhook = StoredWebhook(
            project="home",
            id="webhook_1",
            name=None,
            uri=uri,
            events=("interaction.completed",),
            state=ENABLED,
            created=NOW,
            updated=NOW,
            secrets=kept,
        )
        assert await self.store.webhooks.add(webhook, 10)
        return kept[0].value

    async def tick(self) -> None:
        """Send what is due, and wait for what becomes of it."""
        await self.delivery.tick()
        await self.delivery.idle()

    def later(self, seconds: float) -> None:
        """Let so much time pass for what is in the outbox."""
        with closing(apsw.Connection(str(self._folder / "app.db"))) as other:
            other.set_busy_timeout(5000)
            other.execute("UPDATE deliveries SET due = due - ?1, created = created - ?1", (seconds,))
            other.execute("UPDATE webhooks SET healthy = healthy - ?", (seconds,))

    def _observe(self, observation: Observation) -> None:
        assert isinstance(observation, NoticeSent), observation
        self.seen.append(observation)

    def _clock(self) -> float:
        return self.now


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """A delivery over an empty store."""
    names, store = Names(), SqliteStore(tmp_path)
    await store.open()
    post = Post(store, tmp_path, names)
    yield post
    await post.delivery.close()
    await store.close()
    names.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver for one test."""
    with Receiver() as running:
        yield running


async def test_a_registered_receiver_gets_a_standard_signature(post: Post, receiver: Receiver) -> None:
    """The reference implementation finds it good, with the id of the message and the time of the try."""
    secret = await post.registered(f"{receiver.url}/ok")
    await post.told("a")
    await post.tick()
    [message] = receiver.to("/ok")
    assert message.verified(secret)["data"] == {"id": "a"}
    assert message.headers["webhook-id"] == "msg_a_webhook_1"
    assert message.headers["webhook-timestamp"] == str(int(post.now))
    assert message.headers["content-type"] == "application/json"
    assert [(each.type, each.failure, each.attempt) for each in post.seen] == [("interaction.completed", None, 1)]


async def test_every_secret_that_is_valid_signs(post: Post, receiver: Receiver) -> None:
    """And none that has expired."""
    secrets = [new_secret() for _ in range(3)]
    expires = (None, post.now + 1, post.now - 1)
    await post.registered(f"{receiver.url}/ok", *map(SigningSecret, secrets, expires))
    await post.told("a")
    await post.tick()
    [message] = receiver.to("/ok")
    assert message.verified(secrets[0]) == message.verified(secrets[1])
    with pytest.raises(Exception, match="No matching signature"):
        message.verified(secrets[2])


async def test_a_receiver_of_a_request_gets_a_token(post: Post, receiver: Receiver) -> None:
    """PyJWT finds it good by the published keys; its claims are the message and whom it is for, for five minutes."""
    uri = f"{receiver.url}/ok?job=7"
    await post.told("a", uri)
    await post.tick()
    [message] = receiver.messages
    claims = message.claims(json.loads(await post.signatures.jwks()), uri)
    said = message.json()
    assert {name: claims[name] for name in said} == said
    assert (claims["jti"], message.headers["webhook-id"]) == ("msg_a_1", "msg_a_1")
    assert (claims["iat"], claims["exp"]) == (int(post.now), int(post.now) + 300)


async def test_what_was_signed_before_the_form_was_changed_can_be_checked(post: Post) -> None:
    """The keys of both forms are published once they are used, whichever is chosen; none is made for the other."""
    message = Message("https://a.example", "msg_1", 1_795_000_000, b"{}")
    before = json.loads(await post.signatures.jwks())["keys"]
    assert [key["kty"] for key in before] == ["RSA"]
    now = Signatures(post.asymmetric, post.tokens)
    assert (await now.signature(message)).startswith("v1a,")
    assert [key["kty"] for key in json.loads(await now.jwks())["keys"]] == ["OKP", "RSA"]
    post.now += 11  # until which the keys are not looked up again
    assert [key["kty"] for key in json.loads(await post.signatures.jwks())["keys"]] == ["RSA", "OKP"]
    assert before[0] in json.loads(await now.jwks())["keys"]


async def test_the_operator_may_set_the_audience(tmp_path: Path, receiver: Receiver) -> None:
    """Then it is the same for every receiver."""
    names, store = Names(), SqliteStore(tmp_path)
    await store.open()
    post = Post(store, tmp_path, names, audience="my-project")
    await post.told("a", f"{receiver.url}/ok")
    await post.tick()
    assert receiver.messages[0].claims(json.loads(await post.signatures.jwks()), "my-project")["aud"] == "my-project"
    await store.close()
    names.close()


async def test_what_was_not_taken_is_sent_again_under_the_same_id(post: Post, receiver: Receiver) -> None:
    """Not before its time, and signed anew."""
    secret = await post.registered(f"{receiver.url}/switch")
    await post.told("a")
    await post.tick()
    await post.tick()
    assert len(receiver.messages) == 1
    post.later(6)
    post.now += 6
    receiver.status = 200
    await post.tick()
    first, second = receiver.messages
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert first.verified(secret) == second.verified(secret)
    assert [(each.attempt, each.failure) for each in post.seen] == [(1, "it answered 500"), (2, None)]
    post.later(DAY)
    await post.tick()
    assert len(receiver.messages) == 2


async def test_after_a_day_it_is_given_up(post: Post, receiver: Receiver) -> None:
    """It is a dead letter with the reason, its webhook is disabled; replayed, it is sent under its id."""
    await post.registered(f"{receiver.url}/switch")
    await post.told("a")
    post.later(DAY - 4)
    await post.tick()
    [letter] = await post.store.outbox.dead()
    assert (letter.id, letter.reason) == ("msg_a_webhook_1", "it answered 500")
    assert [(each.given_up, each.disabled) for each in post.seen] == [(True, True)]
    webhook = await post.store.webhooks.get("home", "webhook_1")
    assert webhook is not None
    assert webhook.state == GIVEN_UP
    enabled = msgspec.structs.replace(webhook, state=ENABLED)
    await post.store.webhooks.update("home", "webhook_1", lambda _: enabled)
    receiver.status = 200
    await post.store.outbox.replay()
    await post.tick()
    assert [message.headers["webhook-id"] for message in receiver.messages] == ["msg_a_webhook_1"] * 2
    assert await post.store.outbox.dead() == []


async def test_whatever_goes_wrong_in_a_try_is_a_failed_try(post: Post, receiver: Receiver) -> None:
    """A fault of this server's too: it is tried again later, and given up after a day."""

    async def broken(host: str, _port: int) -> list[str]:
        raise RuntimeError(host)

    faults: list[Observation] = []
    post.posting._sender._client._resolve = broken
    post.delivery._observe = faults.append
    await post.told("a", f"{receiver.url}/ok")
    post.later(DAY - 4)
    await post.tick()
    [letter] = await post.store.outbox.dead()
    assert (letter.id, letter.reason) == ("msg_a_1", "this server failed to send it")
    assert isinstance(faults[0], Fault)


async def test_what_this_servers_settings_forbid_is_left_to_others(post: Post, receiver: Receiver) -> None:
    """It is no try: another server, which may, sends it seconds later. If none may, it is given up after a day."""
    allowed = post.posting._sender._client._rules
    post.posting._sender._client._rules = Reach(WebhooksSettings())
    await post.told("a", f"{receiver.url}/ok")
    for _ in range(5):
        await post.tick()
        post.later(6)
    post.posting._sender._client._rules = allowed
    await post.tick()
    assert [each.attempt for each in post.seen] == [1] * 6
    assert len(receiver.messages) == 1
    post.posting._sender._client._rules = Reach(WebhooksSettings())
    await post.told("b", f"{receiver.url}/ok")
    post.later(DAY - 4)
    await post.tick()
    assert [letter.id for letter in await post.store.outbox.dead()] == ["msg_b_1"]


async def test_a_disabled_webhook_gets_nothing_until_it_is_enabled(post: Post, receiver: Receiver) -> None:
    """What was due before waits, for as long as any message is tried."""
    await post.registered(f"{receiver.url}/ok")
    await post.told("a")
    webhook = await post.store.webhooks.get("home", "webhook_1")
    assert webhook is not None
    disabled = msgspec.structs.replace(webhook, state="disabled")
    await post.store.webhooks.update("home", "webhook_1", lambda _: disabled)
    await post.tick()
    assert (receiver.messages, post.seen[0].failure) == ([], "the webhook is disabled")
    await post.store.webhooks.update("home", "webhook_1", lambda _: webhook)
    post.later(6)
    await post.tick()
    assert len(receiver.messages) == 1


async def test_a_receiver_that_hangs_holds_up_nobody_else(post: Post, receiver: Receiver) -> None:
    """However much is due to it: others get theirs in the same tick, while it still hangs."""
    with Receiver() as other:
        for number in range(200):
            await post.told(f"hangs{number}", f"{receiver.url}/hang")
        await post.told("ok", f"{other.url}/ok")
        await post.delivery.tick()
        await other.came("/ok")
        await post.delivery.tick()  # nothing more of the one that hangs
        await post.delivery.idle()
        assert len(receiver.messages) == 8
        await post.tick()
        assert len(receiver.messages) == 9  # a single one, now that it is known to fail
    assert sum(each.failure is None for each in post.seen) == 1


async def test_a_project_whose_receivers_hang_holds_up_nobody_else(post: Post, receiver: Receiver) -> None:
    """Many receivers of one project, all hanging: another project's message, at one of them even, goes at once."""
    hosts = [f"http://127.0.0.{number}:{receiver.port}/hang" for number in range(1, 41)]
    with Receiver("0.0.0.0") as everywhere:  # noqa: S104 - all addresses of the loopback
        for number, host in enumerate(hosts * 2):
            await post.told(f"hangs{number}", host.replace(f"{receiver.port}", f"{everywhere.port}"))
        await post.told("ok", f"http://127.0.0.1:{everywhere.port}/ok", project="away")
        await post.delivery.tick()
        await everywhere.came("/ok")
        await post.delivery.tick()
        await post.delivery.idle()
        assert len(everywhere.to("/hang")) == 16


async def test_all_that_is_due_is_sent_tick_by_tick(post: Post, receiver: Receiver) -> None:
    """A receiver that takes everything gets everything once."""
    for number in range(30):
        await post.told(f"{number}", f"{receiver.url}/ok")
    room: list[int] = []
    post.delivery.on_room = lambda: room.append(1)
    while len(receiver.messages) < 30:
        await post.tick()
    await post.tick()
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == len(receiver.messages) == 30
    assert len(room) == 30


async def test_what_was_for_a_deleted_webhook_is_dropped(post: Post, receiver: Receiver) -> None:
    """Also what another transaction put into the outbox just then."""
    await post.registered(f"{receiver.url}/ok")
    await post.told("a")
    with closing(apsw.Connection(str(post._folder / "app.db"))) as other:
        other.set_busy_timeout(5000)
        other.execute("DELETE FROM webhooks")
    await post.tick()
    assert (receiver.messages, await post.store.outbox.claim("x", 1, 9, each=9, of_project=9)) == ([], [])


async def test_a_stop_leaves_the_rest_to_the_next_start(post: Post, receiver: Receiver) -> None:
    """What is on its way is cut after a moment, and due at once again."""
    slow = Post(post.store, post._folder, Names())
    slow.posting._sender._seconds = 60
    await slow.told("a", f"{receiver.url}/hang")
    await slow.delivery.tick()
    await receiver.came("/hang")
    await slow.delivery.close()
    [due] = await post.store.outbox.claim("other", 30, 9, each=9, of_project=9)
    assert (due.id, due.attempts) == ("msg_a_1", 2)


@pytest.mark.parametrize(
    ("attempts", "age", "jitter", "pause"),
    [
        (1, 0, 0, 5),
        (2, 5, 0, 10),
        (5, 100, 0.5, 100),
        (11, 9000, 0, 3600),
        (5000, 9000, 0, 3600),
        (12, DAY - 3600, 0, 3600),
        (12, DAY - 3599, 0, None),
        (12, DAY - 3600, 0.1, None),
        (1, DAY - 4, 0, None),
    ],
)
def test_pauses_grow_for_a_day(attempts: int, age: float, jitter: float, pause: float | None) -> None:
    """Twice as long each time, up to an hour, a little longer by chance, until the message is a day old."""
    assert again_in(attempts, age, jitter) == pause


def test_a_message_is_tried_some_thirty_times() -> None:
    """So it reaches a receiver that was away for hours within the hour."""
    age, tries = 0.0, 1
    while (pause := again_in(tries, age, 0)) is not None:
        age, tries = age + pause, tries + 1
    assert 30 <= tries <= 40
    assert age > DAY - 3600
