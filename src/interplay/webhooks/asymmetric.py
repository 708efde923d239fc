"""What a receiver that a request names checks, where the operator chose it: Standard Webhooks' asymmetric signature.

webhook-signature: v1a,BASE64     Ed25519 of "{id}.{timestamp}.{body}"
"""

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from interplay.webhooks.form import Form, Message, base64url
from interplay.webhooks.keys import ED25519, Kind, Private


class Asymmetric(Form):
    """Signs with Ed25519."""

    kind: Kind = ED25519

    def signed(self, message: Message, kid: str, private: Private) -> str:  # noqa: ARG002 - the form has no place for it
        """The signature of a message."""
        assert isinstance(private, Ed25519PrivateKey)  # noqa: S101 - the kind of these keys
        content = b"%b.%d.%b" % (message.id.encode(), message.timestamp, message.body)
        return f"v1a,{b64encode(private.sign(content)).decode()}"

    def public(self, private: Private) -> dict[str, str]:
        """An octet key pair (RFC 8037)."""
        assert isinstance(private, Ed25519PrivateKey)  # noqa: S101 - the kind of these keys
        x = base64url(private.public_key().public_bytes_raw())
        return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "x": x}
