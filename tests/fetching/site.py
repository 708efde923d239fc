"""A real web site on a real port, which answers as the path says."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import unquote

PAGE: Final = b"<p>a page</p>" * 100
BOMB: Final = gzip.compress(bytes(50_000_000))
"""50 MB in 50 kB."""
_PACKED: Final = gzip.compress(PAGE)
_SENT: Final = {
    "packed": ("gzip", _PACKED),
    "bomb": ("gzip", BOMB),
    "cut": ("gzip", _PACKED[:-4]),
    "garbage": ("gzip", b"this is no gzip"),
    "twice": ("gzip", _PACKED + _PACKED),
    "other": ("br", _PACKED),
}
"""The content encodings and the bodies of these paths."""


class Site:
    """`/page` has PAGE; the other paths are ways to be difficult.

    `/to?URI` leads there, `/round` to itself, `/nowhere` is a redirect without a target, `/status/404` answers that.
    `/slow` sends a byte at a time and never the last, `/endless` a body without end, `/long` says that it will,
    `/broken` less than it says, `/provisional` 103 without end. `/packed` is PAGE in gzip, `/bomb` BOMB, and `/cut`,
    `/garbage`, `/twice` and `/other` are no good.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        """Paths, and headers by lower-case names."""
        self.closing = threading.Event()
        self._server = _Server((host, port), self)
        self.port = self._server.server_port
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def paths(self) -> list[str]:
        """What was asked for."""
        return [path for path, _ in self.asked]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        super().__init__(address, _Handler)
        self.site = site

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of those who hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        path, _, query = self.path.partition("?")
        match path.strip("/").split("/"):
            case ["to"]:
                target = unquote(query).encode().decode("latin-1")  # as UTF-8: headers go out as Latin-1
                self._head(302, ("location", target), ("set-cookie", "seen=1"))
            case ["round"]:
                self._head(307, ("location", "/round"))
            case ["nowhere"]:
                self._head(302)
            case ["status", number]:
                self._head(int(number))
            case ["provisional"]:
                while True:
                    self.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)
            case other:
                self._body(other[0])

    def _body(self, name: str) -> None:
        match name:
            case "slow":
                self._head(200, ("content-length", "100"))
                while not self.server.site.closing.wait(0.02):
                    self.wfile.write(b"x")
            case "endless":
                self._head(200)
                while True:
                    self.wfile.write(b"x" * 65536)
            case "long":
                self._head(200, ("content-length", str(1 << 40)))
                self.server.site.closing.wait()
            case "broken":
                self._head(200, ("content-length", "100"))
                self.wfile.write(b"x")
            case _ if name in _SENT:
                encoding, body = _SENT[name]
                self._head(200, ("content-encoding", encoding), ("content-length", str(len(body))))
                self.wfile.write(body)
            case _:
                self._head(200, ("content-type", "text/html"), ("content-length", str(len(PAGE))))
                self.wfile.write(PAGE)

    def _head(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
