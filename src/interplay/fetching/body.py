"""The body of an answer while it comes, without I/O: decoded, and never more than was asked for."""

import zlib
from typing import Final

from interplay.errors import shown

ENCODINGS: Final = "gzip"
"""What may be sent; anything else is refused."""
_GZIP: Final = 31
"""The `wbits` of zlib for a gzip header and trailer."""


class UnfitBody(Exception):
    """A body that cannot be used; its text is the reason."""


class Body:
    """At most `most` bytes, both as they travel and decoded. Raises UnfitBody, from its beginning too."""

    def __init__(self, encoding: str, length: int | None, most: int) -> None:
        self._most = most
        self._came = 0
        self._decoded = bytearray()
        self._gzip = _gzip(encoding)
        if length is not None and length > most:
            raise self._too_long()

    def add(self, chunk: bytes) -> None:
        """The next bytes as they travel."""
        self._came += len(chunk)
        if self._came > self._most:
            raise self._too_long()
        self._decoded += chunk if self._gzip is None else self._inflated(self._gzip, chunk)
        if len(self._decoded) > self._most:
            raise self._too_long()

    def whole(self) -> bytes:
        """All of it, once nothing more comes."""
        if self._gzip is not None and not self._gzip.eof:
            raise UnfitBody("its body ends in the middle")
        return bytes(self._decoded)

    def _inflated(self, gzip: "zlib._Decompress", chunk: bytes) -> bytes:
        """What a chunk decodes to, as far as one byte beyond what is left."""
        try:
            piece = gzip.decompress(chunk, self._most - len(self._decoded) + 1)
        except zlib.error as error:
            raise UnfitBody("its body is not valid gzip") from error
        if gzip.unused_data:
            raise UnfitBody("its body goes on behind the end of its gzip data")
        return piece

    def _too_long(self) -> UnfitBody:
        return UnfitBody(f"its body has more than {self._most} bytes")


def _gzip(encoding: str) -> "zlib._Decompress | None":
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(_GZIP)
        case _:
            raise UnfitBody(f"its body is encoded as {shown(encoding)}, expected {ENCODINGS} or nothing")
