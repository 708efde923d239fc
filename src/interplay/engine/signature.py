"""Thought signatures: opaque to the client, made and checked by this server.

A signature is the model's reasoning, sealed with AES-256-GCM under the server's own key and bound to the project.
Clients replay it untouched (`store=false`); whatever this server did not make, or made for another project, is
refused.
"""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from interplay.errors import invalid

_VERSION = b"\x01"
_NONCE_BYTES = 12


class Signatures:
    """Signs thoughts with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def sign(self, project: str, thought: str) -> str:
        """The signature of a thought, base64."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, thought.encode(), _VERSION + project.encode())
        return base64.b64encode(_VERSION + nonce + sealed).decode()

    def thought(self, project: str, signature: str, where: str) -> str:
        """The thought behind a signature; `where` is the field's path, for the refusal."""
        try:
            blob = base64.b64decode(signature, validate=True)
            nonce, sealed = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
            return self._cipher.decrypt(nonce, sealed, blob[:1] + project.encode()).decode()
        except (binascii.Error, ValueError, InvalidTag) as error:
            shown = signature if len(signature) <= 20 else signature[:20] + "..."
            raise invalid(
                f"'{where}' {shown!r} was not issued by this server for this project. "
                "Expected the signature of the thought step exactly as it was received, or none."
            ) from error
