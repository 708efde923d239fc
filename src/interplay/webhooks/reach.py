"""Which receivers may be reached, by `[webhooks]` of the settings."""

from typing import Final

from interplay.errors import invalid, shown
from interplay.fetching.rules import Rules
from interplay.settings.webhooks import WebhooksSettings

_ALLOWED_BY: Final = "`[webhooks]` `allow_hosts`, or, for private addresses and http, `allow_private`"


class Reach(Rules):
    """The operator's rules for receivers."""

    def __init__(self, settings: WebhooksSettings) -> None:
        super().__init__(
            allow_private=settings.allow_private,
            allow_http=settings.allow_http,
            allow_hosts=settings.allow_hosts,
            allowed_by=_ALLOWED_BY,
        )

    def check(self, uri: str, where: str) -> None:
        """Raises Failure `invalid_request` for a URI that stands at `where` in a request and cannot be reached."""
        if (reason := self.refusal(uri)) is not None:
            raise invalid(f"'{where}' {shown(uri)} cannot be a receiver: {reason}.")
