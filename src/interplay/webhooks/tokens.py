"""What a receiver that a request names checks by default: a JSON Web Token, RS256.

Its claims are the notice itself, so nobody can put another body under it:

    {"type", "version", "timestamp", "data", "user_metadata", "iss", "aud", "iat", "exp", "jti": the webhook-id}
"""

from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from interplay.webhooks.form import Form, Message, base64url
from interplay.webhooks.keys import RSA, Kind, Private, SigningKeys

ISSUER: Final = "interplay"
VALID_SECONDS: Final = 300
"""As long as receivers are told to take a message for fresh."""

_encode = msgspec.json.Encoder().encode


class Tokens(Form):
    """Signs with tokens. `audience` is the operator's, if he has set one."""

    kind: Kind = RSA

    def __init__(self, keys: SigningKeys, audience: str | None) -> None:
        super().__init__(keys)
        self._audience = audience

    def signed(self, message: Message, kid: str, private: Private) -> str:
        """The token of a message."""
        assert isinstance(private, RSAPrivateKey)  # noqa: S101 - the kind of these keys
        claims: dict[str, Any] = msgspec.json.decode(message.body) | {
            "iss": ISSUER,
            "aud": self._audience or message.uri,
            "iat": message.timestamp,
            "exp": message.timestamp + VALID_SECONDS,
            "jti": message.id,
        }
        signed = f"{_part({'alg': 'RS256', 'typ': 'JWT', 'kid': kid})}.{_part(claims)}"
        return f"{signed}.{base64url(private.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    def public(self, private: Private) -> dict[str, str]:
        """An RSA key."""
        assert isinstance(private, RSAPrivateKey)  # noqa: S101 - the kind of these keys
        numbers = private.public_key().public_numbers()
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "n": _number(numbers.n), "e": _number(numbers.e)}


def _part(value: dict[str, Any]) -> str:
    return base64url(_encode(value))


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))
