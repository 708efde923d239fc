"""The one kind of failure that Interplay knows, and its HTTP status.

    Failure
      code     what went wrong, one of the words below, sent on the wire
      message  what was got, what was expected, what to do

    invalid_request 400      the request itself is wrong; sending it again cannot help
    unauthenticated 401      no key, or not one of ours
    permission_denied 403    the key is known and may not do this
    not_found 404            no such thing in this project
    request_too_large 413    the body is over the server's limit
    rate_limited 429         too much at once; try again later
    internal 500             a fault of ours
    bad_gateway 502          the model behind us failed or answered nonsense
    invalid_answer 502       the model answered, but not what the request demands; never sent as an answer of its own
    unavailable 503          the model behind us cannot be reached, or is starting again
    gateway_timeout 504      the model behind us did not answer in time
    storage_full 507         the server could not write to its disk
    cancelled 499            the run was stopped; never sent as an answer of its own

Not here: how a failure is written as JSON (`interplay.api.errors`) and how it becomes an event
(`interplay.engine`).
"""

from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec

STATUS: Final[dict[str, int]] = {
    "invalid_request": 400,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "request_too_large": 413,
    "rate_limited": 429,
    "cancelled": 499,
    "internal": 500,
    "bad_gateway": 502,
    "invalid_answer": 502,
    "unavailable": 503,
    "gateway_timeout": 504,
    "storage_full": 507,
}

SHOWN: Final = 80
"""Longest part of a received value that a message repeats, in characters."""

_PASSING: Final = frozenset({"rate_limited", "unavailable", "gateway_timeout"})

LONGEST_MESSAGE: Final = 4000
"""Characters after which a message is cut: it is for people."""


Error = TypeVar("Error", bound=BaseException)


class Failure(Exception):
    """An outcome that the caller must hear about.

    `code` is a key of STATUS; `message` is one or two sentences for the person who wrote the request;
    `retry_seconds` is when to ask again, if that is known. `passing` says whether the same may succeed in a while: by
    its code, where nothing more is known. `broke` says that the model was at work on it, so that it may be the reason.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retry_seconds: int | None = None,
        passing: bool | None = None,
        broke: bool = False,
    ) -> None:
        self.code = code
        self.retry_seconds = retry_seconds
        self.broke = broke
        self.passing = (broke or code in _PASSING) if passing is None else passing
        self.message = message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + "..."
        super().__init__(self.message)

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS[self.code]


def shown(value: object) -> str:
    """A received value as a message repeats it: as JSON, which is what the client speaks, and short."""
    try:
        text = msgspec.json.encode(value).decode()
    except (ValueError, TypeError, RecursionError, msgspec.MsgspecError):
        text = ascii(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def listed(values: Iterable[object]) -> str:
    """Choices, or values that are known, as they stand in a message."""
    return ", ".join(map(shown, values))


def invalid(message: str) -> Failure:
    """A request that is wrong in itself."""
    return Failure("invalid_request", message)


def not_found(message: str) -> Failure:
    """Something that this project does not have."""
    return Failure("not_found", message)


def invalid_answer(message: str) -> Failure:
    """An answer of the model's that breaks what the request demands of it: a schema, a function's parameters."""
    return Failure("invalid_answer", message)


def let_go(error: Error) -> Error:
    """The error without the frames that it and its causes came through; for whoever keeps it, or is done with it.

    A frame may hold what holds the error: a run that failed by it, a connection that broke by it, or just a name for
    it. Such a circle is freed only when the collector comes by, and so is everything else that its frames hold.
    """
    left: list[BaseException | None] = [error]
    seen = set[int]()
    while left:
        each = left.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            each.__traceback__ = None
            left += [each.__cause__, each.__context__]
    return error


def our_fault() -> Failure:
    """Something broke here; what it was stands in the log, not in the answer."""
    return Failure("internal", "The server failed while it answered. The operator finds the cause in its log.")
