"""Sealed texts: opaque to the client, made and opened by this server only.

A seal is AES-256-GCM under the server's own key, bound to the project and to what it is for. Clients send it back
untouched; whatever this server did not make, or made for another project or another purpose, does not open.
"""

import base64
import binascii
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

THOUGHT: Final = b"\x01"
"""The purpose of thought signatures: what the model thought."""
CONTINUATION: Final = b"\x02"
"""The purpose of continuation tokens: which answer goes on, and how."""

_NONCE_BYTES = 12


class NotOurs(Exception):
    """A seal that does not open."""


class Seal:
    """Seals texts for one purpose with one key of 32 bytes."""

    def __init__(self, key: bytes, purpose: bytes) -> None:
        self._cipher = AESGCM(key)
        self._purpose = purpose

    def sealed(self, project: str, text: str) -> str:
        """The text under a seal, base64."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        closed = self._cipher.encrypt(nonce, text.encode(), self._purpose + project.encode())
        return base64.b64encode(self._purpose + nonce + closed).decode()

    def opened(self, project: str, sealed: str) -> str:
        """The text under the seal. Raises NotOurs."""
        try:
            blob = base64.b64decode(sealed, validate=True)
            nonce, closed = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
            if blob[:1] != self._purpose:
                raise NotOurs
            return self._cipher.decrypt(nonce, closed, self._purpose + project.encode()).decode()
        except (binascii.Error, ValueError, InvalidTag) as error:
            raise NotOurs from error
