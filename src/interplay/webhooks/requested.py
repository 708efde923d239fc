"""Receivers that a request names itself: what it may ask for."""

from typing import Final

import msgspec

from interplay import wire
from interplay.errors import invalid, shown
from interplay.webhooks.reach import Reach

_MOST_URIS: Final = 10
_MOST_METADATA: Final = 2048
"""Bytes of the metadata as JSON: it travels in a header as well, inside the token."""

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
