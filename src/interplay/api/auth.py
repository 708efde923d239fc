"""Who asks: from a request's API key to its project.

A key comes as `x-goog-api-key`, as `?key=`, or as `Authorization: Bearer`. Only its SHA-256 is kept or looked for.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from interplay.access.keys import digest
from interplay.errors import Failure
from interplay.store.base import Key, Store

OPEN_PROJECT: Final = "default"
"""The project of everybody where no keys are asked for."""

_LOOPBACK: Final = (None, "127.0.0.1", "::1", "localhost")

_TRUST_SECONDS: Final = 1.0
"""How long a key that was looked up is not looked up again; a revoked key works at most this long."""
_MOST_TRUSTED: Final = 10_000


class Door:
    """Lets requests in."""

    def __init__(self, store: Store, monotonic: Callable[[], float], *, open_to_all: bool) -> None:
        self._store = store
        self._monotonic = monotonic
        self._open = open_to_all
        self._trusted: dict[bytes, tuple[float, str]] = {}

    async def project(self, request: Request) -> str:
        """The project that the request belongs to. Raises Failure `unauthenticated`."""
        if self._open:
            _check_local(request)
            return OPEN_PROJECT
        secret = _secret(request)
        if not secret:
            raise Failure(
                "unauthenticated",
                "The request has no API key. Send one as 'x-goog-api-key'; 'interplay keys create' makes one.",
            )
        kept = digest(secret)
        known = self._trusted.get(kept)
        if known is not None and self._monotonic() - known[0] < _TRUST_SECONDS:
            return known[1]
        return self._trust(kept, await self._store.find_key(kept))

    def _trust(self, kept: bytes, key: Key | None) -> str:
        if key is None or key.revoked is not None:
            self._trusted.pop(kept, None)
            raise Failure(
                "unauthenticated",
                "The API key is not valid here. 'interplay keys list' shows the keys in use.",
            )
        if len(self._trusted) >= _MOST_TRUSTED:
            self._trusted.clear()
        self._trusted[kept] = (self._monotonic(), key.project)
        return key.project


def _check_local(request: Request) -> None:
    """Where no keys are asked for, keep out the web pages of others that a browser on this machine shows."""
    for header in ("host", "origin"):
        name = urlsplit("//" + request.headers.get(header, "").rpartition("//")[2]).hostname
        if name not in _LOOPBACK:
            raise Failure(
                "permission_denied",
                f"The request's '{header}' is {name!r}: without keys, only this machine's own names will do.",
            )


def _secret(request: Request) -> str:
    header = request.headers.get("x-goog-api-key") or request.query_params.get("key")
    if header:
        return header
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
