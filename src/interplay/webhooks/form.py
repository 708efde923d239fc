"""How messages to receivers that requests name are signed: a port, with `tokens` and `asymmetric` as its forms."""

from abc import ABC, abstractmethod
from base64 import urlsafe_b64encode
from functools import lru_cache

import msgspec

from interplay.webhooks.keys import Key, Kind, Private, SigningKeys


class Message(msgspec.Struct, frozen=True):
    """What is signed."""

    uri: str
    """Whom it goes to."""
    id: str
    """Its `webhook-id`."""
    timestamp: int
    body: bytes


class Form(ABC):
    """A form of signatures, over its own kind of keys."""

    kind: Kind

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    async def signature(self, message: Message) -> str:
        """The header `webhook-signature`."""
        key = await self._keys.signing()
        return self.signed(message, key.id, _private(key))

    async def published(self, *, make: bool) -> list[dict[str, str]]:
        """What receivers check it with, as JSON Web Keys; with `make` there is at least one."""
        return [self.public(_private(key)) | {"kid": key.id} for key in await self._keys.published(make=make)]

    @abstractmethod
    def signed(self, message: Message, kid: str, private: Private) -> str:
        """The header by one key."""

    @abstractmethod
    def public(self, private: Private) -> dict[str, str]:
        """The public half of a key, as a JSON Web Key without its id."""


class Signatures:
    """Signs in the form that the operator chose, and publishes the keys of all: he may have chosen another before."""

    def __init__(self, chosen: Form, *others: Form) -> None:
        self._chosen = chosen
        self._others = others

    async def signature(self, message: Message) -> str:
        """The header `webhook-signature`."""
        return await self._chosen.signature(message)

    async def jwks(self) -> bytes:
        """The JSON Web Key Set."""
        keys = await self._chosen.published(make=True)
        for other in self._others:
            keys += await other.published(make=False)
        return msgspec.json.encode({"keys": keys})


def base64url(value: bytes) -> str:
    """As JSON Web Tokens and Keys write it."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


@lru_cache(maxsize=16)
def _private(key: Key) -> Private:
    return key.private()
