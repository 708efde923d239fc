"""What a receiver that a request names checks: a JSON Web Token, RS256, under a key of `/.well-known/jwks.json`.

Its claims are the notice itself, so nobody can put another body under it:

    {"type", "version", "timestamp", "data", "user_metadata", "iss", "aud", "iat", "exp", "jti": the webhook-id}
"""

import base64
from functools import lru_cache
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from interplay.webhooks.keys import Key, SigningKeys

ISSUER: Final = "interplay"
VALID_SECONDS: Final = 300
"""As long as receivers are told to take a message for fresh."""

_encode = msgspec.json.Encoder().encode


class Tokens:
    """Signs for receivers, and publishes what they check it with. `audience` is the operator's, if he has set one."""

    def __init__(self, keys: SigningKeys, audience: str | None) -> None:
        self._keys = keys
        self._audience = audience

    async def token(self, uri: str, id: str, timestamp: int, body: bytes) -> str:
        """The token of a message to a receiver."""
        key = await self._keys.signing()
        claims: dict[str, Any] = msgspec.json.decode(body) | {
            "iss": ISSUER,
            "aud": self._audience or uri,
            "iat": timestamp,
            "exp": timestamp + VALID_SECONDS,
            "jti": id,
        }
        signed = f"{_part({'alg': 'RS256', 'typ': 'JWT', 'kid': key.id})}.{_part(claims)}"
        return f"{signed}.{_base64(_private(key).sign(signed.encode(), PKCS1v15(), SHA256()))}"

    async def jwks(self) -> bytes:
        """The JSON Web Key Set."""
        return _encode({"keys": [_public(key) for key in await self._keys.published()]})


@lru_cache(maxsize=8)
def _private(key: Key) -> rsa.RSAPrivateKey:
    return key.private()


def _public(key: Key) -> dict[str, str]:
    numbers = _private(key).public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.id, "n": _number(numbers.n), "e": _number(numbers.e)}


def _part(value: dict[str, Any]) -> str:
    return _base64(_encode(value))


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
