"""What a host says about a file: its hash, its size, and how to tell whether it has changed."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final

import msgspec

_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_DIGEST: Final = re.compile(r"sha-256=:?(?P<value>[A-Za-z0-9+/]{43}=)", re.IGNORECASE)
_RANGE: Final = re.compile(r"bytes (?:(?P<start>\d+)-\d+|\*)/(?P<total>\d+|\*)")
_PARTIAL: Final = 206


class Stated(msgspec.Struct, frozen=True):
    """The host's word."""

    sha256: str | None = None
    bytes: int | None = None
    validator: str | None = None

    def completed(self, other: "Stated") -> "Stated":
        """This, and what only the other says."""
        return Stated(
            self.sha256 or other.sha256,
            self.bytes if self.bytes is not None else other.bytes,
            self.validator or other.validator,
        )


def redirecting(headers: Mapping[str, str]) -> Stated:
    """What the hub says of the file it redirects to: for its big files the linked ETag is the SHA-256."""
    etag = headers.get("X-Linked-Etag", "").removeprefix("W/").strip('"')
    linked = headers.get("X-Linked-Size", "")
    return Stated(as_hash(etag), int(linked) if linked.isdecimal() else None)


def answering(status: int, headers: Mapping[str, str], *, hub: bool) -> Stated:
    """What the host says of the file it is sending. An ETag is a hash on the hub only."""
    sha256 = _digest(headers, ("Repr-Digest", "Digest") if status == _PARTIAL else _DIGEST_HEADERS)
    if hub:
        sha256 = sha256 or as_hash(headers.get("ETag", "").removeprefix("W/").strip('"'))
    return redirecting(headers).completed(Stated(sha256, _total(status, headers), _validator(headers)))


def started(headers: Mapping[str, str]) -> int | None:
    """Where a partial answer starts."""
    match = _RANGE.match(headers.get("Content-Range", ""))
    return int(match["start"]) if match and match["start"] else None


def as_hash(text: str) -> str | None:
    """The text if it is a SHA-256 in hexadecimal."""
    return text.lower() if _HEX.fullmatch(text) else None


def beside(text: str, file: str) -> str | None:
    """The hash in a `FILE.sha256`, written by sha256sum or alone; of several, the one for this file."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    named = [words[0] for words in lines if words[-1].lstrip("*").rpartition("/")[2] == file]
    candidates = named or [words[0] for words in lines if len(lines) == 1]
    return next((found for word in candidates if (found := as_hash(word))), None)


_DIGEST_HEADERS: Final = ("Repr-Digest", "Content-Digest", "Digest")


def _digest(headers: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    for name in names:
        if match := _DIGEST.search(headers.get(name, "")):
            try:
                return base64.b64decode(match["value"], validate=True).hex()
            except binascii.Error:
                continue
    return None


def _total(status: int, headers: Mapping[str, str]) -> int | None:
    if status == _PARTIAL or "Content-Range" in headers:
        match = _RANGE.match(headers.get("Content-Range", ""))
        return int(match["total"]) if match and match["total"].isdecimal() else None
    length = headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def _validator(headers: Mapping[str, str]) -> str | None:
    # RFC 9110: a weak ETag cannot vouch for a byte range.
    etag = headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else headers.get("Last-Modified")
