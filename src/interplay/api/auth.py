"""Who asks: from a request to its caller.

A key comes as `x-goog-api-key`, as `?key=`, or as `Authorization: Bearer`.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from interplay.access import DEFAULT_PROJECT
from interplay.access.trusted import Trusted
from interplay.caller import Caller
from interplay.errors import Failure, shown

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Door:
    """Lets requests in; with no `keys` to ask, everybody on this machine."""

    def __init__(self, keys: Trusted | None) -> None:
        self._keys = keys

    async def project(self, request: Request) -> str:
        """The project that the request belongs to. Raises what `caller` does."""
        return (await self.caller(request)).project

    async def caller(self, request: Request) -> Caller:
        """The project and the key of the request. Raises Failure `unauthenticated` or `permission_denied`."""
        if self._keys is None:
            _check_local(request)
            return Caller(DEFAULT_PROJECT)
        secret = _secret(request)
        if not secret:
            raise Failure(
                "unauthenticated",
                "The request has no API key. Send one as 'x-goog-api-key'; 'interplay keys create' makes one.",
            )
        return await self._keys.caller(secret)


def _check_local(request: Request) -> None:
    """Where no keys are asked for, keep out the web pages of others that a browser on this machine shows."""
    for header in ("host", "origin"):
        value = request.headers.get(header)
        if value is not None and _hostname(value) not in _LOOPBACK:
            raise Failure(
                "permission_denied",
                f"The request's '{header}' is {shown(value)}: without keys, only this machine's own names will do.",
            )


def _hostname(value: str) -> str | None:
    """The host in a Host or Origin header; what cannot be read is nobody's."""
    try:
        return urlsplit("//" + value.rpartition("//")[2]).hostname
    except ValueError:
        return value


def _secret(request: Request) -> str:
    header = request.headers.get("x-goog-api-key") or request.query_params.get("key")
    if header:
        return header
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
