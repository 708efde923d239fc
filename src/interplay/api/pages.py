"""Pages of lists that are ordered by time: `page_size`, `page_token` and `next_page_token`."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

import msgspec
from starlette.requests import Request

from interplay.api import query
from interplay.errors import invalid, shown
from interplay.store.database import Cursor

QUERY: Final = {"page_size": "integer", "page_token": "string"}
"""The query items of a list, and their types."""

_SIZE: Final = 50
_LARGEST: Final = 1000
_place = msgspec.json.Decoder(tuple[float, str])


def size(request: Request) -> int:
    """How many items a page may have."""
    return query.number(request, "page_size", _SIZE, most=_LARGEST) or _SIZE


def after(request: Request) -> Cursor | None:
    """The last item of the page before; None for the first page."""
    token = request.query_params.get("page_token")
    if not token:
        return None
    try:
        return Cursor(*_place.decode(urlsafe_b64decode(token.encode())))
    except (msgspec.MsgspecError, binascii.Error, UnicodeError) as error:
        raise invalid(
            f"'page_token' {shown(token)} is not valid: expected the 'next_page_token' of the page before, or none."
        ) from error


def token(place: Cursor | None) -> str | None:
    """The `next_page_token` behind an item; None where no more follow."""
    return None if place is None else urlsafe_b64encode(msgspec.json.encode((place.created, place.id))).decode()
