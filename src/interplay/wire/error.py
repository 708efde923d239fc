"""What went wrong, as the wire says it: the error of this API, and the older status of a single output.

Not here: `interplay.errors.Failure`, from which these are made.
"""

from typing import Any

from interplay.wire.base import Int32, Wire


class Error(Wire, frozen=True, kw_only=True):
    """Why a request, a stream or a run failed."""

    message: str | None = None
    """For people."""
    code: str | None = None
    """A word such as `invalid_request`; see `interplay.errors`."""


class Status(Wire, frozen=True, kw_only=True):
    """Why a single model output failed, in the form of google.rpc.Status."""

    code: Int32 | None = None
    """A number of google.rpc.Code."""
    message: str | None = None
    """For people."""
    details: tuple[dict[str, Any], ...] | None = None
