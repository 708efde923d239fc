"""Who asks for something to be done: whose it is, and whom it is counted for."""

import msgspec


class Caller(msgspec.Struct, frozen=True):
    """A project, and the key that it asks with."""

    project: str
    key: str = ""
    """The API key's id; empty where no key is needed, and for what the server does by itself."""
