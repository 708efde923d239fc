"""API keys as the store knows them."""

import msgspec


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An API key, without its secret."""

    id: str
    project: str
    hint: str
    """The key's last four characters, for people."""
    created: float
    revoked: float | None = None
