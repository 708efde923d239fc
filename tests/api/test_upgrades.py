"""Requests that ask for another protocol: answered as if they had not, byte by byte as clients send them."""

import json
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import pytest

from tests.server import RunningServer, parsed

BODY = json.dumps({"model": "scripted", "input": "say: hello", "store": False}).encode()
WHOLE = (b"content-length: %d" % len(BODY), BODY)
CHUNKED = (b"transfer-encoding: chunked", b"5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (BODY[:5], len(BODY) - 5, BODY[5:]))
ASKING = {
    "java": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk",
    "websocket": b"connection: keep-alive, upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13",
    "several": b"Connection: foo\r\nProxy-Connection: UPGRADE\r\nUpgrade: TLS/1.0, h2c\r\nUpgrade: IRC/6.9",
}


class Wire:
    """A connection to a server, on which a test writes the bytes and reads the answers."""

    def __init__(self, sock: socket.socket, key: str) -> None:
        self._sock = sock
        self._read: BinaryIO = sock.makefile("rb")
        self._key = key.encode()

    def request(self, line: bytes, *headers: bytes) -> bytes:
        """A head with the key."""
        return b"\r\n".join(
            [line + b" HTTP/1.1", b"host: 127.0.0.1", b"x-goog-api-key: " + self._key, *headers, b"", b""]
        )

    def send(self, *packets: bytes) -> None:
        """Each as a packet of its own."""
        for packet in packets:
            self._sock.sendall(packet)

    def send_until_answered(self, packet: bytes, most: int) -> None:
        """The same again and again, at most so often."""
        for _ in range(most):
            self.send(packet)
            if select.select([self._sock], [], [], 0.001)[0]:
                return

    def answer(self) -> tuple[int, Any]:
        """The next answer: its status and its JSON."""
        status = int(self._read.readline().split()[1])
        headers = dict(line.rstrip().lower().split(b": ", 1) for line in iter(self._read.readline, b"\r\n"))
        return status, json.loads(self._read.read(int(headers[b"content-length"])))

    def rest(self) -> str:
        """What comes until the server closes."""
        return self._read.read().decode()


@contextmanager
def connected(server: RunningServer) -> Iterator[Wire]:
    """A connection of its own."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=20) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Wire(sock, server.key)


@pytest.fixture
def wire(server: RunningServer) -> Iterator[Wire]:
    """A connection for one test."""
    with connected(server) as made:
        yield made


@pytest.mark.parametrize("asking", ASKING)
@pytest.mark.parametrize("framed", [WHOLE, CHUNKED], ids=["whole", "chunked"])
@pytest.mark.parametrize("together", [True, False], ids=["one packet", "two packets"])
def test_the_body_is_read_and_the_connection_kept(
    wire: Wire, asking: str, framed: tuple[bytes, bytes], *, together: bool
) -> None:
    """Whatever is asked for, and however the body is sent, twice; then a request that asks for nothing."""
    framing, body = framed
    head = wire.request(b"POST /v1/interactions", ASKING[asking], b"content-type: application/json", framing)
    for _ in range(2):
        wire.send(*([head + body] if together else [head, body]))
        status, answer = wire.answer()
        assert (status, answer["status"]) == (200, "completed"), answer
    wire.send(wire.request(b"GET /v1/models/scripted"))
    assert wire.answer()[1]["name"] == "models/scripted"


def test_requests_that_come_together_are_all_answered(wire: Wire) -> None:
    """Pipelined, with and without a body, some of them asking: each gets its own answer, in order."""
    asking, (framing, body) = ASKING["java"], WHOLE
    post = wire.request(b"POST /v1/interactions", asking, framing) + body
    get = wire.request(b"GET /v1/models/scripted", asking)
    wire.send(get + post + wire.request(b"GET /v1/nothing") + post + get)
    answers = [wire.answer() for _ in range(5)]
    assert [status for status, _ in answers] == [200, 200, 404, 200, 200]
    assert [answer.get("status") for _, answer in answers] == [None, "completed", None, "completed", None]


def test_a_head_in_pieces_asks_for_nothing_either(wire: Wire) -> None:
    """A head that comes byte by byte is a head."""
    framing, body = WHOLE
    head = wire.request(b"POST /v1/interactions", ASKING["java"], framing)
    wire.send(*(head[at : at + 1] for at in range(len(head))), body[:9], body[9:])
    assert wire.answer()[1]["status"] == "completed"


def test_a_stream_is_answered(wire: Wire) -> None:
    """Also on a connection that the client wants closed, and with a client that waits for `100 Continue`."""
    body = BODY.replace(b'"store"', b'"stream": true, "store"')
    more = (b"Upgrade: h2c", b"Connection: Upgrade, close", b"expect: 100-continue", b"content-length: %d" % len(body))
    wire.send(wire.request(b"POST /v1/interactions", *more))
    wire.send(body)
    answer = wire.rest()
    assert answer.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert parsed(answer)[-1]["event_type"] == "interaction.completed"


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /v1/nothing", 404),
        (b"GET /v1/interactions/v1_nothing", 404),
        (b"GET /v1/interactions", 400),
        (b"POST /v1/interactions", 400),
        (b"GET /v1/models", 200),
    ],
)
def test_a_websocket_is_answered_by_the_route(wire: Wire, line: bytes, status: int) -> None:
    """In JSON, as anybody else who asks; the client sees that it got no WebSocket."""
    wire.send(wire.request(line, ASKING["websocket"]))
    answered, body = wire.answer()
    assert answered == status
    assert ("error" in body) == (status != 200)


def test_the_body_of_a_stranger_is_not_taken_for_a_request(server: RunningServer) -> None:
    """A request within the body of one that asks stays a body."""
    with connected(server) as wire:
        inner = wire.request(b"GET /v1/models/scripted", ASKING["java"])
        wire.send(wire.request(b"POST /v1/interactions", ASKING["java"], b"content-length: %d" % len(inner)) + inner)
        assert wire.answer()[0] == 400
        wire.send(wire.request(b"GET /v1/nothing", b"connection: close"))
        assert wire.answer()[0] == 404
        assert wire.rest() == ""


@pytest.mark.parametrize("more", [b"", b"upgrade: h2c\r\nconnection: upgrade\r\n"])
def test_a_tunnel_is_refused(wire: Wire, more: bytes) -> None:
    """CONNECT names no resource: it is a 400, and the connection ends, whatever else it asks for."""
    wire.send(b"CONNECT example.org:443 HTTP/1.1\r\nhost: example.org\r\n" + more + b"\r\n")
    assert wire.rest().startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize("part", [b"a: b\r\n" * 1000, b"x" * 6000])
def test_a_head_without_end_is_refused(wire: Wire, part: bytes) -> None:
    """Many fields or one long one: it is a 400 that names the limit, long before it could fill the memory."""
    wire.send(b"GET /healthz HTTP/1.1\r\nhost: x\r\nlong: ")
    wire.send_until_answered(part, most=200)
    assert "larger than 65536 bytes" in wire.rest()


def test_a_large_head_is_read(wire: Wire) -> None:
    """The limit is for what no client sends: 48 KiB of cookies are one."""
    wire.send(wire.request(b"GET /v1/models", b"cookie: " + b"c" * 48_000))
    assert wire.answer()[0] == 200
