"""Messages to real receivers on real ports: what counts as taken, and what is never connected to."""

import datetime as dt
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from interplay.fetching.client import Client
from interplay.fetching.names import Names
from interplay.settings.webhooks import WebhooksSettings
from interplay.webhooks.reach import Reach
from interplay.webhooks.sending import NotTaken, Outcome, Sender, Taken
from tests.circles import Watched
from tests.receiver import Receiver

ALLOWED = Reach(WebhooksSettings(allow_private=True))
STRICT = Reach(WebhooksSettings(allow_http=True))
NOT_PUBLIC = (
    "its address is not a public one, and the operator has not allowed it (`[webhooks]` `allow_hosts`, or, for private"
    " addresses and http, `allow_private`)"
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver for one test."""
    with Receiver() as running:
        yield running


@pytest.fixture
def names() -> Iterator[Names]:
    """The machine's own names."""
    made = Names()
    yield made
    made.close()


async def _sent(uri: str, names: Names, reach: Reach = ALLOWED, seconds: float = 5) -> Outcome:
    return await Sender(Client(reach, names.addresses), seconds).send(uri, {"webhook-id": "msg_1"}, b"{}")


@pytest.mark.parametrize("path", ["/ok", "/status/200", "/status/299", "/endless", "/provisional/1"])
async def test_an_answer_of_2xx_is_taken(receiver: Receiver, names: Names, path: str) -> None:
    """Whatever its body: it is not read, however long it is."""
    assert await _sent(receiver.url + path, names) == Taken()
    [message] = receiver.to(path)
    assert (message.headers["webhook-id"], message.body) == ("msg_1", b"{}")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/status/400", "it answered 400"),
        ("/status/500", "it answered 500"),
        ("/status/304", "it answered 304"),
        ("/redirect", "it answered 302, and redirects are not followed"),
    ],
)
async def test_any_other_answer_is_not(receiver: Receiver, names: Names, path: str, words: str) -> None:
    """A redirect leads nowhere."""
    outcome = await _sent(receiver.url + path, names)
    assert isinstance(outcome, NotTaken)
    assert outcome.reason.startswith(words)
    assert receiver.to("/ok") == []


async def test_a_message_that_nobody_took_is_freed(names: Names) -> None:
    """No circle of the connection that could not be made holds it."""
    await _sent("http://127.0.0.1:1/", names)
    with Watched() as watched:
        await _sent("http://127.0.0.1:1/", names)
    assert not watched.found


async def test_a_receiver_that_hangs_is_left(receiver: Receiver, names: Names) -> None:
    """After the time that there is for everything."""
    outcome = await _sent(receiver.url + "/hang", names, seconds=0.3)
    assert outcome == NotTaken("it did not answer within 0.3 seconds")


async def test_provisional_answers_without_end_are_not_waited_for(receiver: Receiver, names: Names) -> None:
    """They would keep the event loop busy for as long as there is time."""
    outcome = await _sent(receiver.url + "/provisional/10000000", names)
    assert outcome == NotTaken("it sent 16384 bytes and no status but provisional ones (1xx)")


async def test_nobody_there(names: Names) -> None:
    """A closed port and a name without an address are reasons, which do not repeat the URI."""
    for uri, words in (
        ("http://127.0.0.1:1/secret", "it cannot be connected to"),
        ("http://nobody.invalid/secret", "its host's name has no address"),
    ):
        outcome = await _sent(uri, names)
        assert isinstance(outcome, NotTaken)
        assert words in outcome.reason
        assert "secret" not in outcome.reason


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]"])
async def test_this_machine_is_not_connected_to(receiver: Receiver, names: Names, host: str) -> None:
    """In no spelling of its address, unless the operator allows it."""
    outcome = await _sent(f"http://{host}:{receiver.port}/ok", names, STRICT)
    assert isinstance(outcome, NotTaken)
    assert receiver.messages == []


async def test_a_name_that_the_resolver_cannot_spell_is_a_reason(receiver: Receiver) -> None:
    """Like any other failed try."""

    async def unspelled(host: str, _port: int) -> list[str]:
        return [str("a..b".encode("idna") + host.encode())]

    outcome = await Sender(Client(ALLOWED, unspelled)).send(receiver.url, {}, b"{}")
    assert outcome == NotTaken("it is not a URI that can be sent to")


async def test_a_name_that_stands_for_a_private_address_is_refused(receiver: Receiver) -> None:
    """What counts is the address; of several, only those that are allowed are connected to."""

    async def inside(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1", "::1", "10.0.0.1"]

    outcome = await Sender(Client(STRICT, inside)).send(f"http://public.example:{receiver.port}/ok", {}, b"{}")
    assert outcome == NotTaken(NOT_PUBLIC, forbidden=True)
    assert receiver.messages == []


class _OnlyOne(Reach):
    """A reach in which 127.0.0.1 is public and every other address is not."""

    def allows(self, host: str, address: str) -> bool:
        """Whether it is that one."""
        return bool(host) and address == "127.0.0.1"


async def test_a_name_that_changes_its_address_leads_nowhere_else(receiver: Receiver) -> None:
    """DNS rebinding: the name is asked for once, and the address that was judged is the one that is connected to."""
    answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]]
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    with Receiver("127.0.0.2", receiver.port) as inside:
        sender = Sender(Client(_OnlyOne(WebhooksSettings(allow_http=True)), rebinding))
        uri = f"http://rebinding.example:{receiver.port}/ok"
        assert await sender.send(uri, {}, b"{}") == Taken()
        assert (len(asked), len(receiver.messages)) == (1, 1)
        assert isinstance(await sender.send(uri, {}, b"{}"), NotTaken)
        assert inside.messages == []
    assert len(receiver.messages) == 1


async def test_of_several_addresses_those_that_are_refused_are_left_out(receiver: Receiver) -> None:
    """A public name that also stands for an inner address reaches its public one only."""

    async def both(_host: str, _port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    with Receiver("127.0.0.2", receiver.port) as inside:
        sender = Sender(Client(_OnlyOne(WebhooksSettings(allow_http=True)), both))
        assert await sender.send(f"http://both.example:{receiver.port}/ok", {}, b"{}") == Taken()
        assert (inside.messages, len(receiver.messages)) == ([], 1)


async def test_a_certificate_of_ones_own_is_not_trusted(names: Names, tmp_path: Path) -> None:
    """TLS is checked, and the reason says what is wrong."""
    with Receiver(tls=_self_signed(tmp_path)) as receiver:
        outcome = await _sent(receiver.url + "/ok", names)
        assert isinstance(outcome, NotTaken)
        assert outcome.reason == "its TLS certificate is not valid: self-signed certificate"
        assert receiver.messages == []


async def test_what_does_not_speak_tls_is_a_reason(receiver: Receiver, names: Names) -> None:
    """Neither taken nor an error of ours."""
    outcome = await _sent(receiver.url.replace("http:", "https:") + "/ok", names)
    assert outcome == NotTaken("TLS with it failed")


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
