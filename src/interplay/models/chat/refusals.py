"""What an upstream says when it refuses or breaks, as a Failure. Not here: HTTP, or the answers that succeed.

Upstreams write errors in many ways. Their own words are passed on where they help the client, shortened and
without our secrets. They are not passed on for a refused key: some repeat the key that they refuse.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from interplay.errors import Failure
from interplay.models.chat.halves import joined, kept

LONGEST_MESSAGE: Final = 500
"""Characters of an upstream's message that are passed on."""

_MESSAGES: Final = ("message", "detail", "msg", "errors")
_WRITTEN: Final = tuple(f'"{name}"'.encode() for name in _MESSAGES)
"""Where an error has what it says."""

_LONGEST_WORDS: Final = 4000
"""Characters of it that are looked at for what was not taken."""

_LONGEST_PARAMETER: Final = 200
"""Characters of a field's name that are looked at."""

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
    521: "unavailable",
    522: "unavailable",
    523: "unavailable",
    524: "gateway_timeout",
    529: "unavailable",
    530: "unavailable",
}
"""What HTTP statuses mean to a client. Those from 520 on are Cloudflare's, but for 529, which others say."""

_KEY_REFUSED: Final = {401, 403}

_PASSING: Final = {502, 520}
"""Statuses of a proxy whose server starts again, say; the code alone would not tell."""

_WORDS: Final = (
    (re.compile("rate.?limit|too.?many.?requests|resource.?exhausted"), 429),
    (re.compile("overloaded|unavailable"), 503),
    (re.compile("time.?out|deadline"), 504),
    (re.compile("(invalid|bad).?request|context.?length"), 400),
)
"""What errors inside of an answer are called that have no number, and the HTTP status of their kind."""


class Refused(Failure):
    """What an upstream did not take; `upstream_status` is its HTTP status, `words` what it says of the reason."""

    def __init__(self, code: str, message: str, upstream_status: int, words: str = "") -> None:
        super().__init__(code, message, passing=True if upstream_status in _PASSING else None)
        self.upstream_status = upstream_status
        self.words = words


def refused(status: int, body: bytes, secrets: Sequence[str] = (), retry_seconds: int | None = None) -> Failure:
    """The failure for an answer with this HTTP status, which may have told when to ask again."""
    if status in _KEY_REFUSED:
        return Failure("bad_gateway", f"the upstream refused this server's key (HTTP {status})")
    message = told(decoded(body)) or plain(body)
    failure = _failure(f"HTTP {status}", status, decoded(body), message, secrets)
    if failure.passing:
        failure.retry_seconds = retry_seconds
    return failure


def broken_off(error: object, secrets: Sequence[str] = ()) -> Failure:
    """The failure for an error that arrived in place of an answer, or amid it, under a status of success."""
    status = next(filter(None, map(_status, _nested(error))), 500)
    if status in _KEY_REFUSED:
        return Failure("bad_gateway", "the upstream refused this server's key")
    return _failure("with an error", status, error, told(error), secrets)


def may_tell(data: bytes) -> bool:
    """Whether some JSON may have an error in it: a quick look, before it is read again."""
    return b'"error"' in data or any(name in data for name in _WRITTEN)


def told(error: object, deep: int = _DEEPEST_MESSAGE) -> str:
    """The message inside an error, in any of the shapes that are about; empty when there is none."""
    match error:
        case _ if deep == 0:
            return ""
        case str():
            return error
        case dict():
            return _message(error, deep - 1)
        case list():
            return "; ".join(filter(None, (told(each, deep - 1) for each in error)))
        case _:
            return ""


def _message(error: dict[str, object], deep: int) -> str:
    """The message of an error that is an object: of the error in it, or its own."""
    match error.get("error"):
        case dict() | str() as inner if message := told(inner, deep):
            return message
        case _:
            pass
    message = next((said for name in _MESSAGES if (said := told(error.get(name), deep))), "")
    match error.get("loc"):
        case [*places] if places and message:
            return f"{'.'.join(map(str, places))}: {message}"
        case _:
            return message


def decoded(body: bytes) -> object:
    """The JSON in some bytes; None where it cannot be read."""
    try:
        return msgspec.json.decode(kept(body) or body)
    except (ValueError, RecursionError):
        return None


def plain(body: bytes) -> str:
    """A body that is not JSON of a known shape; a page of HTML tells a client nothing."""
    text = body.decode(errors="replace").strip()
    return "" if text.startswith("<") else text


def shortened(text: str, secrets: Sequence[str] = ()) -> str:
    """A text from outside, fit to be shown: one line, no secrets, no longer than it need be."""
    for secret in secrets:
        text = text.replace(secret, "[removed]")
    line = " ".join(joined(text).split())
    return line if len(line) <= LONGEST_MESSAGE else line[:LONGEST_MESSAGE] + "..."


def _failure(how: str, status: int, error: object, message: str, secrets: Sequence[str]) -> Refused:
    said = shortened(message, secrets) or "no reason given"
    parameters = (
        named[:_LONGEST_PARAMETER] for inner in _nested(error) if isinstance(named := inner.get("param"), str)
    )
    code = _CODES.get(status, "bad_gateway")
    words = " ".join([message[:_LONGEST_WORDS], *parameters])
    return Refused(code, f"the upstream answered {how}: {said}", status, words)


def _nested(error: object) -> Iterator[dict[str, object]]:
    """An error, and the errors in it."""
    for _ in range(_DEEPEST_MESSAGE):
        if isinstance(error, list) and error:
            error = error[0]
        if not isinstance(error, dict):
            return
        yield error
        error = error.get("error")


def _status(error: dict[str, object]) -> int | None:
    """The HTTP status that an error names, as a number or by a word; most senders have it in `code`."""
    named = [value for name in ("code", "status", "status_code", "type") if (value := error.get(name)) is not None]
    numbers = (int(str(value)) for value in named if isinstance(value, int | str) and _is_status(str(value)))
    words = " ".join(value.lower() for value in named if isinstance(value, str))
    by_words = (status for pattern, status in _WORDS if pattern.search(words))
    return next(numbers, None) or next(by_words, None)


def _is_status(text: str) -> bool:
    return re.fullmatch("[45][0-9][0-9]", text) is not None
