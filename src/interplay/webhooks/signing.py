"""Standard Webhooks: secrets, and what a registered receiver checks with them.

webhook-signature: v1,BASE64 v1,BASE64     one HMAC-SHA256 of "{id}.{timestamp}.{body}" for each secret that is valid
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from interplay.store.webhooks import SigningSecret

_PREFIX: Final = "whsec_"
_BYTES: Final = 30


def new_secret() -> str:
    """A secret that nobody has seen yet."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def valid(kept: Iterable[SigningSecret], now: float) -> tuple[SigningSecret, ...]:
    """Those that sign at this time."""
    return tuple(secret for secret in kept if secret.expires is None or secret.expires > now)


def signature(kept: Iterable[SigningSecret], id: str, timestamp: int, body: bytes, now: float) -> str:
    """The header `webhook-signature` of a message."""
    signed = b"%b.%d.%b" % (id.encode(), timestamp, body)
    return " ".join(f"v1,{_mac(secret.value, signed)}" for secret in valid(kept, now))


def _mac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
