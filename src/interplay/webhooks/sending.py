"""One message to one receiver: a POST, and whether it was taken.

Redirects are not followed, and the body of the answer is not read. A reason never repeats the URI, which may hold a
secret of its owner's.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import aiohttp
import msgspec

from interplay.fetching.client import Client
from interplay.fetching.reasons import not_reached

SECONDS: Final = 10.0
"""For everything: the name, the connection, the answer's first line."""


class Taken(msgspec.Struct, frozen=True):
    """The receiver answered 2xx."""


class NotTaken(msgspec.Struct, frozen=True):
    """It did not."""

    reason: str
    """For people, without anything secret."""
    forbidden: bool = False
    """Whether only this server's own settings are against it: another one may be allowed to send it."""


Outcome = Taken | NotTaken


class Sender:
    """Sends messages."""

    def __init__(self, client: Client, seconds: float = SECONDS) -> None:
        self._client = client
        self._seconds = seconds

    async def send(self, uri: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send once."""
        try:
            async with asyncio.timeout(self._seconds), self._client.asked("POST", uri, headers, body) as answer:
                return _outcome(answer.status)
        except TimeoutError:
            return NotTaken(f"it did not answer within {self._seconds:g} seconds")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failed = not_reached(error)
            return NotTaken(failed.reason, forbidden=failed.forbidden)


def _outcome(status: int) -> Outcome:
    match status // 100:
        case 2:
            return Taken()
        case 3:
            return NotTaken(f"it answered {status}, and redirects are not followed")
        case _:
            return NotTaken(f"it answered {status}")
