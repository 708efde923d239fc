"""A client's connection: HTTP/1.1 and nothing else, whatever other protocol a request asks for.

Clients ask for one in passing: Java's sends `Upgrade: h2c` with every request. A server that does not have it answers
as if it had not been asked (RFC 9110, section 7.8). The parser, however, takes what follows such a head for the other
protocol, so the request's body would be lost.
"""

from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_INVALID: Final = "Invalid HTTP request received."

MOST_HEAD: Final = 65_536
"""Bytes of a request's head, beyond those that came with its beginning; the parser itself would take any number."""


class Connection(HttpToolsProtocol):
    """Reads a request that asks for another protocol once more, without the header that asks."""

    _in_head = False
    """Whether a request has begun whose head is not whole."""
    _head = 0
    """Bytes of it that came since."""

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        self._unset_keepalive_if_required()
        went_on = self._in_head
        try:
            behind = self._fed(data)
            while behind is not None:
                self._read_again()
                behind = self._fed(behind)
        except (HttpParserError, HttpParserUpgrade):  # a CONNECT is one for another protocol whatever its headers
            self.logger.warning(_INVALID)
            self.send_400_response(_INVALID)
            return
        self._head = self._head + len(data) if went_on and self._in_head else 0
        if self._head > MOST_HEAD:
            self.send_400_response(f"The head of the request is larger than {MOST_HEAD} bytes.")

    def on_message_begin(self) -> None:
        """Begin with a request's head."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Go on to what follows the head."""
        self._in_head = False
        super().on_headers_complete()

    def _should_upgrade(self) -> bool:
        """Whether a request that asks is left alone until it is read once more. A CONNECT has no path to answer."""
        return self.scope["method"] != "CONNECT"

    def _fed(self, data: bytes | memoryview) -> memoryview | None:
        """Feed the parser; what stands behind the head of a request that asks, if one did."""
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as asked:
            return memoryview(data)[asked.args[0] :]
        return None

    def _read_again(self) -> None:
        """Give a new parser, to which nothing has ended yet, the head that was read last, without `Upgrade`."""
        lines = [b"%b %b HTTP/%b" % (self.scope["method"].encode(), self.url, self.scope["http_version"].encode())]
        lines += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as the one before it had
        self.parser.feed_data(b"\r\n".join([*lines, b"", b""]))
