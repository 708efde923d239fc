"""Web pages of other origins: whether the browsers that show them may send requests here, and show them the answers.

A browser asks first, by an OPTIONS without a key (the preflight), and then looks at every answer. What an origin may do
is what its key may do: no cookie is ever looked at, so an allowed origin gets nothing by who its visitor is.
"""

from collections.abc import Collection, Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from interplay.errors import Failure, shown

ANY: Final = "*"
"""Among the origins: every one."""

_Added = Sequence[tuple[bytes, bytes]]

_OPERATORS: Final = ("/healthz", "/readyz", "/metrics")
"""What needs no key and is not for everybody's pages."""
_VARY: Final = (b"vary", b"Origin")
_EXPOSED: Final = (b"access-control-expose-headers", b"retry-after, www-authenticate, x-interplay-notes, *")
_ALLOWED: Final = {
    "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
    "access-control-allow-headers": "authorization, content-type, x-goog-api-key, x-goog-api-client, "
    "x-goog-user-project, x-server-timeout, user-agent, api-revision, last-event-id, *",
    "access-control-max-age": "600",
}
"""`*` is what callers add of their own; `authorization` is never meant by it, and old browsers need the others."""


class Cors:
    """The origins that are allowed; with none of them, answers are as if there were no browsers."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = origins

    def headers(self, scope: Scope) -> _Added:
        """What every answer to this request has beside its own headers. `scope` has the canonical path."""
        if not self._origins:
            return ()
        if ANY in self._origins:
            return () if scope["path"] in _OPERATORS else (_EXPOSED, (b"access-control-allow-origin", b"*"))
        origin = Headers(scope=scope).get("origin")
        if origin is None or origin not in self._origins:
            return (_VARY,)
        return (_EXPOSED, _VARY, (b"access-control-allow-origin", origin.encode("latin-1")))

    def preflight(self, scope: Scope) -> Response | None:
        """The answer to a browser that asks what it may send; None for any other request.

        Raises Failure `permission_denied` where the page's origin is not allowed.
        """
        if scope["method"] != "OPTIONS":
            return None
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None or "access-control-request-method" not in headers:
            return None
        if origin not in self._origins and ANY not in self._origins:
            raise Failure(
                "permission_denied",
                f"Pages of {shown(origin)} may not call this server: it is not among the 'cors_origins' of [server].",
            )
        near = "access-control-request-private-network" in headers
        local = {"access-control-allow-private-network": "true"} if near else {}
        return Response(status_code=204, headers=_ALLOWED | local)
