"""Who asks: from a request to its caller.

A key comes as `x-goog-api-key`, as `?key=`, or as `Authorization: Bearer`.
"""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from interplay.access import DEFAULT_PROJECT
from interplay.access.trusted import Trusted
from interplay.caller import Caller
from interplay.errors import Failure, shown

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Callers:
    """Knows who may ask; with no `keys`, everybody on this machine, and pages of the allowed `origins` there."""

    def __init__(self, keys: Trusted | None, origins: Collection[str] = ()) -> None:
        self._keys = keys
        self._origins = origins

    async def caller(self, request: Request) -> Caller:
        """The project and the key of the request. Raises Failure `unauthenticated` or `permission_denied`."""
        self.check_local(request)
        if self._keys is None:
            return Caller(DEFAULT_PROJECT)
        secret = _secret(request)
        if not secret:
            raise Failure(
                "unauthenticated",
                "The request has no API key. Send one as 'x-goog-api-key'; 'interplay keys create' makes one.",
            )
        return await self._keys.caller(secret)

    def check_local(self, request: Request) -> None:
        """Where no keys are asked for, keep out the web pages of others that a browser on this machine shows.

        Raises Failure `permission_denied`.

        A page whose origin is allowed has it in its Origin. Its Host is this machine all the same: another one there is
        a name that somebody else has pointed here, whose pages need no permission of ours to read the answers.
        """
        if self._keys is not None:
            return
        host, origin = request.headers.get("host"), request.headers.get("origin")
        if host is not None and not _local(host):
            raise _stranger("host", host, "this machine's own names")
        if origin is not None and origin not in self._origins and not _local(origin):
            raise _stranger("origin", origin, "this machine's own names and the 'cors_origins' of [server]")


def _stranger(header: str, value: str, expected: str) -> Failure:
    return Failure(
        "permission_denied", f"The request's '{header}' is {shown(value)}: without keys, only {expected} will do."
    )


def _local(value: str) -> bool:
    return _hostname(value) in _LOOPBACK


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
