"""Query items: checked like fields, by every endpoint."""

from typing import Final

from starlette.requests import Request

from interplay.errors import invalid, listed, shown

_ANYWHERE: Final = frozenset({"key", "alt", "$alt", "prettyPrint"})
"""Items that every request may carry: the key, and what Google's clients add on their own."""


def check(request: Request, *known: str) -> None:
    """Raise Failure `invalid_request` for an item that the endpoint does not know."""
    for name in request.query_params:
        if name not in known and name not in _ANYWHERE:
            expected = f"one of: {', '.join(sorted(known))}" if known else "none"
            raise invalid(f"Unknown parameter '{name[:80]}'. Expected {expected}.")
    if (alt := request.query_params.get("alt", "json")) not in ("json", "sse"):
        raise invalid(f"'alt' {shown(alt)} is not valid: expected {listed(('json', 'sse'))}.")


def flag(request: Request, name: str) -> bool:
    """A boolean item; false when absent."""
    value = request.query_params.get(name, "false")
    if value.lower() not in ("true", "false", "1", "0"):
        raise invalid(f"'{name}' {shown(value)} is not valid: expected true or false.")
    return value.lower() in ("true", "1")


def number(request: Request, name: str, default: int, most: int) -> int:
    """A whole number item."""
    value = request.query_params.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10) or int(value) > most:
        raise invalid(f"'{name}' {shown(value)} is not valid: expected a number from 0 to {most}.")
    return int(value)
