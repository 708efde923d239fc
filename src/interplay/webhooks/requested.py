"""Receivers that a request names itself: what it may ask for."""

from typing import Final

import msgspec

from interplay import wire
from interplay.errors import invalid, shown
from interplay.webhooks.reach import Reach

_MOST_URIS: Final = 10
_MOST_METADATA: Final = 2048
"""Bytes of the metadata as JSON: it travels in a header as well, inside the token."""
_MOST_TOGETHER: Final = 3072
"""Bytes as JSON of the metadata and the longest URI, which the token names as its audience: so that it stays below 6
KiB, which receivers' servers take as a header."""

_WHERE: Final = "webhook_config.uris"


class Requested:
    """The judge of a request's `webhook_config`."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def check(self, config: wire.WebhookConfig) -> None:
        """Raises Failure `invalid_request`."""
        uris = config.uris or ()
        if len(uris) > _MOST_URIS:
            raise invalid(f"'{_WHERE}' has {len(uris)} entries: expected at most {_MOST_URIS}.")
        for index, uri in enumerate(uris):
            self._reach.check(uri, f"{_WHERE}[{index}]")
            if uri in uris[:index]:
                raise invalid(f"'{_WHERE}[{index}]' {shown(uri)} is there twice: expected each receiver once.")
        size = len(msgspec.json.encode(config.user_metadata or {}))
        if size > _MOST_METADATA:
            raise invalid(
                f"'webhook_config.user_metadata' has {size} bytes as JSON: expected at most {_MOST_METADATA}. "
                "Keep the rest under an id of yours."
            )
        longest = max((len(msgspec.json.encode(uri)) for uri in uris), default=0)
        if size + longest > _MOST_TOGETHER and uris:
            raise invalid(
                f"'webhook_config' has {longest} bytes in its longest URI and {size} in 'user_metadata' as JSON: "
                f"expected at most {_MOST_TOGETHER} together, since both travel in a header."
            )
