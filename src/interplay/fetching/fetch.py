"""A resource at a URI that a user named: a GET, its redirects, and its body, all within limits.

Each redirect is a request of its own (`client.py`): its URI and addresses are judged as those of the first are.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urldefrag, urljoin

import aiohttp
import msgspec

from interplay import __version__
from interplay.fetching.body import ENCODINGS, Body, UnfitBody
from interplay.fetching.client import Client
from interplay.fetching.reasons import not_reached

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_HEADERS: Final = {"accept-encoding": ENCODINGS, "user-agent": f"Interplay/{__version__}"}
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_AS_IT_IS: Final = "!#$%&'()*+,/:;=?@[]~"
"""What stays in a redirect's URI; servers send letters there that are to be percent-encoded."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a fetch may take."""

    bytes: int
    """Of the body, both as it travels and decoded."""
    seconds: float
    """For everything: names, connections, redirects, the body."""
    redirects: int = 5


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """The resource, answered with 2xx."""

    uri: str
    """Where it was found, behind all redirects."""
    content_type: str
    """As the server sent it; empty when it sent none."""
    body: bytes
    """Decoded."""


class NotFetched(msgspec.Struct, frozen=True, kw_only=True):
    """There is none."""

    reason: str
    """For people, beginning with "it" or "its", or with "after a redirect". Never repeats a URI."""
    forbidden: bool = False
    """Whether only the rules are against it."""
    status: int | None = None
    """What the server answered, if it was not 2xx."""


async def fetch(client: Client, uri: str, limits: Limits, headers: Mapping[str, str] = _NONE) -> Fetched | NotFetched:
    """What is at a URI. Every server on the way gets the `headers`, so nothing secret may be in them."""
    try:
        async with asyncio.timeout(limits.seconds):
            return await _followed(client, urldefrag(uri).url, limits, {**_HEADERS, **headers})
    except TimeoutError:
        return NotFetched(reason=f"it was not there within {limits.seconds:g} seconds")
    except ValueError:
        return NotFetched(reason="it is not a URI with a host")


async def _followed(client: Client, uri: str, limits: Limits, headers: Mapping[str, str]) -> Fetched | NotFetched:
    for hop in range(limits.redirects + 1):
        found = await _asked(client, uri, limits.bytes, headers)
        if isinstance(found, Fetched):
            return found
        if isinstance(found, NotFetched):
            return found if hop == 0 else msgspec.structs.replace(found, reason=f"after a redirect, {found.reason}")
        uri = found
    return NotFetched(reason=f"it redirects more than {limits.redirects} times")


async def _asked(client: Client, uri: str, most: int, headers: Mapping[str, str]) -> Fetched | NotFetched | str:
    """What one request comes to; where it redirects to, if it does."""
    try:
        async with client.asked("GET", uri, headers) as answer:
            if answer.status in _REDIRECTS and (location := answer.headers.get("location")) is not None:
                return _target(uri, location)
            if answer.status // 100 != 2:
                return NotFetched(reason=f"it answered {answer.status}", status=answer.status)
            return Fetched(uri=uri, content_type=answer.headers.get("content-type", ""), body=await _body(answer, most))
    except UnfitBody as unfit:
        return NotFetched(reason=str(unfit))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        failed = not_reached(error)
        return NotFetched(reason=failed.reason, forbidden=failed.forbidden)


async def _body(answer: aiohttp.ClientResponse, most: int) -> bytes:
    body = Body(", ".join(answer.headers.getall("content-encoding", ())), answer.content_length, most)
    async for chunk in answer.content.iter_any():
        body.add(chunk)
    return body.whole()


def _target(uri: str, location: str) -> str:
    """As whole as it can be made: it is judged before it is asked for, as every URI is."""
    with suppress(ValueError):
        location = urldefrag(urljoin(uri, location)).url
    return quote(location, safe=_AS_IT_IS, errors="surrogateescape")
