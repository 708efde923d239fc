"""Signs a message for its receiver, and sends it."""

from collections.abc import Sequence
from typing import Final

from interplay import __version__
from interplay.clock import Clock
from interplay.store.webhooks import SigningSecret
from interplay.webhooks.form import Message, Signatures
from interplay.webhooks.sending import Outcome, Sender
from interplay.webhooks.signing import signature

_HEADERS: Final = {"content-type": "application/json", "user-agent": f"Interplay/{__version__}"}


class Posting:
    """Messages to receivers of both kinds; the `id` of one stays the same however often it is sent."""

    def __init__(self, sender: Sender, signatures: Signatures, clock: Clock) -> None:
        self._sender = sender
        self._signatures = signatures
        self._clock = clock

    async def to_registered(self, uri: str, secrets: Sequence[SigningSecret], id: str, body: bytes) -> Outcome:
        """Signed with the receiver's own secrets."""
        now = self._clock()
        return await self._send(uri, id, int(now), body, signature(secrets, id, int(now), body, now))

    async def to_requested(self, uri: str, id: str, body: bytes) -> Outcome:
        """Signed with this server's key."""
        timestamp = int(self._clock())
        signature = await self._signatures.signature(Message(uri, id, timestamp, body))
        return await self._send(uri, id, timestamp, body, signature)

    async def _send(self, uri: str, id: str, timestamp: int, body: bytes, signature: str) -> Outcome:
        headers = {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": signature}
        return await self._sender.send(uri, _HEADERS | headers, body)
