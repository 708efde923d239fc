"""Why a server that a user named was not reached, in words for that user: without its URI, which may hold a secret."""

import os
import socket
import ssl

import aiohttp
import msgspec

from interplay.errors import let_go
from interplay.fetching.pinned import HEAD_BYTES, Refused, TooMuch


class NotReached(msgspec.Struct, frozen=True):
    """There is no answer."""

    reason: str
    """What is wrong with it, beginning with "it" or "its"."""
    forbidden: bool = False
    """Whether only the rules are against it."""


def not_reached(error: aiohttp.ClientError | OSError | ValueError) -> NotReached:
    """What came of asking when this was raised."""
    match let_go(error):
        case Refused() as refused:
            return NotReached(str(refused), forbidden=True)
        case aiohttp.ClientConnectorError(os_error=Refused() as refused):
            return NotReached(str(refused), forbidden=True)
        case TooMuch():
            return NotReached(f"it sent {HEAD_BYTES} bytes and no status but provisional ones (1xx)")
        case aiohttp.ClientError() | OSError() as other:
            return NotReached(_words(other))
        case _:  # a UnicodeError of the resolver's, for one
            return NotReached("it is not a URI that can be sent to")


def _words(error: aiohttp.ClientError | OSError) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as failed):
            return f"its TLS certificate is not valid: {failed.verify_message}"
        case aiohttp.ClientSSLError():
            return "TLS with it failed"
        case socket.gaierror():
            return "its host's name has no address"
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int(number))):
            return f"it cannot be connected to: {os.strerror(number)}"  # the error's own words have the address
        case _:
            return f"the connection to it failed ({type(error).__name__})"
