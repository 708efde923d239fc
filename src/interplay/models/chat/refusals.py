"""What an upstream says when it refuses or breaks, as a Failure. Not here: HTTP, or the answers that succeed.

Upstreams write errors in many ways. Their own words are passed on where they help the client, shortened and
without our secrets. They are not passed on for a refused key: some repeat the key that they refuse.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from interplay.errors import Failure
from interplay.models.chat.halves import joined, kept

LONGEST_MESSAGE: Final = 500
"""Characters of an upstream's message that are passed on."""

_DEEPEST_MESSAGE: Final = 8
"""Errors inside errors in which a message is looked for."""

_CODES: Final = {
    400: "invalid_request",
    404: "invalid_request",
    408: "gateway_timeout",
    413: "invalid_request",
    422: "invalid_request",
    429: "rate_limited",
    503: "unavailable",
    504: "gateway_timeout",
    529: "unavailable",
}


class Refused(Failure):
    """What an upstream did not take; `upstream_status` is its HTTP status."""

    def __init__(self, code: str, message: str, upstream_status: int) -> None:
        # A proxy says 502 while the server behind it starts again.
        super().__init__(code, message, passing=True if upstream_status == 502 else None)
        self.upstream_status = upstream_status


def refused(status: int, body: bytes, secrets: Sequence[str] = ()) -> Failure:
    """The failure for an answer with this HTTP status."""
    if status in {401, 403}:
        return Failure("bad_gateway", f"the upstream refused this server's key (HTTP {status})")
    return _failure(status, told(decoded(body)) or _plain(body), secrets)


def broken_off(error: object, secrets: Sequence[str] = ()) -> Failure:
    """The failure for an error that arrived inside a stream; its `code` is an HTTP status with most senders."""
    code = error.get("code") if isinstance(error, dict) else None
    status = int(code) if isinstance(code, int | str) and re.fullmatch("[1-5][0-9][0-9]", str(code)) else 500
    if status in {401, 403}:
        return refused(status, b"")
    return _failure(status, told(error), secrets)


def told(error: object, deep: int = _DEEPEST_MESSAGE) -> str:
    """The message inside an error, in any of the shapes that are about; empty when there is none."""
    match error:
        case _ if deep == 0:
            return ""
        case str():
            return error
        case {"error": (dict() | str()) as inner}:
            return told(inner, deep - 1)
        case {"message": str() as message} | {"detail": str() as message} | {"msg": str() as message}:
            return message
        case {"detail": [*details]}:
            return "; ".join(told(detail, deep - 1) for detail in details)
        case _:
            return ""


def decoded(body: bytes) -> object:
    """The JSON in some bytes; None where it cannot be read."""
    try:
        return msgspec.json.decode(kept(body) or body)
    except (ValueError, RecursionError):
        return None


def shortened(text: str, secrets: Sequence[str] = ()) -> str:
    """A text from outside, fit to be shown: one line, no secrets, no longer than it need be."""
    for secret in secrets:
        text = text.replace(secret, "[removed]")
    line = " ".join(joined(text).split())
    return line if len(line) <= LONGEST_MESSAGE else line[:LONGEST_MESSAGE] + "..."


def _failure(status: int, message: str, secrets: Sequence[str]) -> Failure:
    said = shortened(message, secrets) or "no reason given"
    return Refused(_CODES.get(status, "bad_gateway"), f"the upstream answered HTTP {status}: {said}", status)


def _plain(body: bytes) -> str:
    """A body that is not JSON of a known shape; a page of HTML tells a client nothing."""
    text = body.decode(errors="replace").strip()
    return "" if text.startswith("<") else text
