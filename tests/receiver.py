"""A real receiver of webhooks on a real port, which answers as the path says."""

import asyncio
import base64
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

from tests.waiting import until


class Message(msgspec.Struct, frozen=True):
    """What has come."""

    path: str
    headers: dict[str, str]
    """By lower-case names."""
    body: bytes

    def json(self) -> Any:
        """The body."""
        return msgspec.json.decode(self.body)

    def verified(self, secret: str) -> Any:
        """The body, if the signature of a registered webhook is good, as the reference implementation judges it."""
        return Webhook(secret).verify(self.body.decode(), self.headers)

    def signed_by(self, keys: dict[str, Any]) -> str | None:
        """The id of the published key by which the asymmetric signature is good, as `cryptography` judges it."""
        version, _, signature = self.headers["webhook-signature"].partition(",")
        assert version == "v1a"
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        for key in keys["keys"]:
            if (key["kty"], key.get("crv")) == ("OKP", "Ed25519"):
                public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
                with suppress(InvalidSignature):
                    public.verify(base64.b64decode(signature, validate=True), signed)
                    return str(key["kid"])
        return None

    def claims(self, keys: dict[str, Any], audience: str) -> Any:
        """The claims of the token, if it is good by one of these published keys, as PyJWT judges it."""
        token = self.headers["webhook-signature"]
        key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
        return jwt.decode(token, key, algorithms=["RS256"], audience=audience, issuer="interplay")


class Receiver:
    """Takes everything at `/ok`; the other paths are ways to fail.

    `/status/500` answers that, `/redirect` leads to `/ok`, `/hang` never answers, `/endless` answers 200 with a body
    that does not end, `/provisional/3` 103 three hundred times and then 204, `/switch` answers `status`, which a test
    may change.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.messages: list[Message] = []
        self.status = 500
        self.open = threading.Event()
        """Set at the end, so that whoever hangs can go."""
        self._server = _Server((host, port), self)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.url = f"{'http' if tls is None else 'https'}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.open.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def to(self, path: str) -> list[Message]:
        """What has come to a path."""
        return [message for message in self.messages if message.path == path]

    def wait(self, path: str, count: int = 1, seconds: float = 20) -> list[Message]:
        """What has come to a path, once it is so many."""
        until(lambda: len(self.to(path)) >= count, seconds)
        return self.to(path)

    async def came(self, path: str) -> list[Message]:
        """The same, for tests on an event loop."""
        return await asyncio.to_thread(self.wait, path)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    block_on_close = False

    def __init__(self, address: tuple[str, int], receiver: Receiver) -> None:
        super().__init__(address, _Handler)
        self.receiver = receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of those who hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.messages.append(Message(self.path, headers, body))
        match self.path.partition("?")[0].strip("/").split("/"):
            case ["status", number]:
                self._answer(int(number))
            case ["provisional", count]:
                for _ in range(int(count)):
                    self.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)
                self._answer(204)
            case ["switch", *_]:
                self._answer(receiver.status)
            case ["redirect"]:
                self._answer(302, "location", f"{receiver.url}/ok")
            case ["hang"]:
                receiver.open.wait()
            case ["endless"]:
                self._answer(200, "content-length", str(1 << 60))
                while True:
                    self.wfile.write(b"x" * 65536)
            case _:
                self._answer(204)

    def _answer(self, status: int, *header: str) -> None:
        self.send_response(status)
        if header:
            self.send_header(*header)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
