"""Failures as HTTP answers.

The interactions endpoints speak `{"error": {"code": "invalid_request", "message": ...}}`; the models endpoints, and
Google's other older ones (`classic`), `{"error": {"code": 400, "message": ..., "status": "INVALID_ARGUMENT"}}`.
"""

from typing import Final

import msgspec
from starlette.responses import Response

from interplay.api.classic import is_classic
from interplay.errors import Failure

_RPC_STATUS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "INVALID_ARGUMENT",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    502: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    507: "RESOURCE_EXHAUSTED",
}

_RETRY_SECONDS: Final = {"rate_limited": 1, "unavailable": 1}
"""Where nothing better is known. Small on purpose: the Python SDK waits as long as it is told."""


def answer(failure: Failure, path: str) -> Response:
    """The answer to a request for `path` (canonical) that failed."""
    body = _rpc(failure) if is_classic(path) else _plain(failure)
    retry = failure.retry_seconds or _RETRY_SECONDS.get(failure.code)
    headers = {"retry-after": str(retry)} if retry else {}
    if failure.code == "unauthenticated":
        headers["www-authenticate"] = "Bearer"
    return Response(msgspec.json.encode(body), failure.status, headers, "application/json")


def _plain(failure: Failure) -> dict[str, object]:
    return {"error": {"code": failure.code, "message": failure.message}}


def _rpc(failure: Failure) -> dict[str, object]:
    status = _RPC_STATUS.get(failure.status, "UNKNOWN")
    return {"error": {"code": failure.status, "message": failure.message, "status": status}}
