"""`[server]`: the HTTP server and its state."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Final

import msgspec

from interplay.settings.values import HOST, Count, NotNegative, Port, Positive, SettingsError

_DAY: Final = 86_400.0


class ServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The HTTP server and its state."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Port = 8790
    """The port to listen on; 0 takes a free one."""
    data: str | None = None
    """The folder of the server's state; the platform's own place for it when absent."""
    database: str | None = None
    """The Postgres database that keeps the state; SQLite files in the data folder when absent."""
    auth: bool = True
    """Whether requests need an API key."""
    cors_origins: tuple[str, ...] = ()
    """The origins of web pages that may call the server from a browser; `"*"` alone is every one."""
    max_body_mib: Count = 100
    """The largest request body, in MiB."""
    heartbeat_seconds: Positive = 15.0
    """The pause after which a silent stream sends a comment."""
    grace_seconds: NotNegative = 10.0
    """How long running answers may go on after the server was told to stop."""
    leave_seconds: NotNegative = 0.0
    """How long before that it goes on taking requests, while `/readyz` already tells load balancers to send none."""
    background_runs: Annotated[int, msgspec.Meta(ge=0)] = 100
    """Background interactions that this server runs at once; others wait. With 0 they wait for another server."""
    background_tries: Annotated[int, msgspec.Meta(ge=0)] = 15
    """How often a background interaction asks a model again that cannot answer just now, within ten minutes."""
    decode_limit_tokens: Count | None = None
    """Tokens that one request may decode. A longer answer is broken off with a continuation token, with which the SDKs
    go on by themselves; none is broken off when absent."""
    retention_days: NotNegative | None = 55.0
    """How long stored interactions are kept; 0 keeps them for ever."""

    @property
    def retention_seconds(self) -> float | None:
        """The same in seconds; None for ever."""
        return self.retention_days * _DAY if self.retention_days else None


def check_server(server: ServerSettings, source: str) -> None:
    """Raises SettingsError for values that cannot work together."""
    if not server.auth and server.host not in ("127.0.0.1", "::1", "localhost"):
        raise SettingsError(
            f"Without keys the server listens on this machine only, not on {server.host}: "
            "leave --no-auth out, or listen on 127.0.0.1."
        )
    _check_origins(server, source)
    if server.database is not None:
        database_place(server.database)


def _check_origins(server: ServerSettings, source: str) -> None:
    if "*" in server.cors_origins and not server.auth:
        raise SettingsError(
            f'The cors_origins of {source} are "*", while the server asks for no keys: any web page would be answered. '
            "Name the origins, or leave auth on."
        )
    if "*" in server.cors_origins and len(server.cors_origins) > 1:
        raise SettingsError(f'The cors_origins of {source} have "*" beside others: expected "*" alone, or origins.')
    for origin in server.cors_origins:
        if origin != "*" and not re.fullmatch(_ORIGIN, origin):
            raise SettingsError(
                f"The cors_origins of {source} have {origin!r}: expected an origin as browsers send it, as "
                "https://app.example or http://localhost:3000, in lower case, without a path and without the port "
                "that its scheme has anyway."
            )


_ORIGIN: Final = r"(?!http://.*:80$|https://.*:443$)[a-z][a-z\d+.-]*://(?:[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:]+\])(?::[1-9]\d{0,4})?"
_DATABASE: Final = re.compile(rf"postgres(?:ql)?://(?:[^@/]*@)?(?P<place>{HOST}(?:,{HOST})*(?:/[^@/?]*)?)(?:\?[^@]*)?")


def database_place(address: str) -> str:
    """A database's host and name, to be shown: without user and password. Raises SettingsError for what is no address.

    An address in which a password could be taken for something else is refused.
    """
    match = _DATABASE.fullmatch(address)
    if match is None:
        raise SettingsError(
            "The address of the database is not valid. Expected postgresql://USER:PASSWORD@HOST:PORT/NAME, special "
            "characters of the user and the password percent-encoded. Without --database the state is kept in files."
        )
    return f"at {match['place']}"


def default_data_folder() -> Path:
    """Where a program of this user keeps its state."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "interplay" / "data"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "interplay" / "data"
