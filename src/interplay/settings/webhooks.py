"""`[webhooks]`: whom webhooks may reach, and how they are signed."""

from typing import Literal

import msgspec

from interplay.settings.values import SettingsError

RequestSignatures = Literal["jwt", "v1a"]
"""`jwt`: a JSON Web Token, RS256, as Google's page says. `v1a`: Standard Webhooks' asymmetric form, Ed25519."""


class WebhooksSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom webhooks may reach, and how they are signed."""

    allow_private: bool = False
    """Whether receivers may have private and loopback addresses, and be reached by http."""
    allow_http: bool = False
    """Whether receivers may be reached by http."""
    allow_hosts: tuple[str, ...] = ()
    """Hosts that are reached whatever their address, by http too."""
    audience: str | None = None
    """The `aud` of the tokens for receivers that a request names; the receiver's own URI when absent."""
    request_signatures: RequestSignatures = "jwt"
    """How messages to receivers that a request names are signed."""


def check_webhooks(webhooks: WebhooksSettings, source: str) -> None:
    """Raises SettingsError for values that cannot work together."""
    if webhooks.audience is not None and webhooks.request_signatures != "jwt":
        raise SettingsError(
            f'The audience in [webhooks] of {source} would be in no signature, since request_signatures is not "jwt".'
        )
