"""Pages of lists that are ordered by time: `page_size`, `page_token` and `next_page_token`."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Final

import msgspec

from interplay.errors import invalid, shown
from interplay.store.database import Cursor

_SIZE: Final = 50
_LARGEST: Final = 1000
_place = msgspec.json.Decoder(tuple[float, str])


class Page(msgspec.Struct, frozen=True):
    """The query items of a list."""

    page_size: Annotated[int, msgspec.Meta(le=_LARGEST)] = _SIZE
    page_token: str = ""

    @property
    def size(self) -> int:
        """How many items it may have."""
        return self.page_size or _SIZE

    @property
    def after(self) -> Cursor | None:
        """The last item of the page before; None for the first page. Raises Failure `invalid_request`."""
        if not self.page_token:
            return None
        try:
            return Cursor(*_place.decode(urlsafe_b64decode(self.page_token.encode())))
        except (msgspec.MsgspecError, binascii.Error, UnicodeError) as error:
            raise invalid(
                f"'page_token' {shown(self.page_token)} is not valid: expected the 'next_page_token' of the page "
                "before, or none."
            ) from error


def token(place: Cursor | None) -> str | None:
    """The `next_page_token` behind an item; None where no more follow."""
    return None if place is None else urlsafe_b64encode(msgspec.json.encode((place.created, place.id))).decode()
