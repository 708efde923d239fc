"""What a host answers when it is asked for a file: redirects followed, refusals turned into sentences."""

import os
from collections.abc import Mapping
from typing import Final

import aiohttp
from yarl import URL

from interplay.weights import stated
from interplay.weights.address import Address, shown
from interplay.weights.errors import InterruptedPullError, WeightsError
from interplay.weights.stated import Stated

_HOPS: Final = 10
_REDIRECTS: Final = {301, 302, 303, 307, 308}
_SMALL: Final = 4096
"""Bytes that a FILE.sha256 may have."""


async def ask(
    session: aiohttp.ClientSession, address: Address, headers: Mapping[str, str]
) -> tuple[aiohttp.ClientResponse, Stated]:
    """The answer with the file, and what was said of the file on the way to it.

    Redirects are followed by hand: the hub states hash and size in the answer that redirects, and no other host
    may see the user's token.
    """
    url, said = address.url, Stated()
    for _ in range(_HOPS):
        response = await session.get(url, headers={**headers, **address.headers(url)}, allow_redirects=False)
        if response.status not in _REDIRECTS:
            _refuse_failure(response, shown(url), hub=address.is_hub(url))
            own = stated.answering(response.status, response.headers, hub=address.is_hub(url))
            return response, said.completed(own)
        said = said.completed(stated.redirecting(response.headers))
        response.release()
        url = _next(url, response.headers.get("Location", ""))
    raise WeightsError(f"{address.shown} redirects more than {_HOPS} times")


async def ask_hash(session: aiohttp.ClientSession, address: Address) -> str | None:
    """The hash in the `FILE.sha256` beside the file, if there is one."""
    url = address.url.with_path(address.url.path + ".sha256", keep_query=True)
    try:
        async with session.get(url, headers=address.headers(url), allow_redirects=False) as response:
            text = await response.content.read(_SMALL) if response.status == 200 else b""
    except (aiohttp.ClientError, TimeoutError):
        return None
    return stated.beside(text.decode(errors="replace"), address.file)


def broken_off(address: Address, broken: Exception) -> InterruptedPullError:
    """The sentence for a connection that failed."""
    return InterruptedPullError(f"{address.url.host} cannot be reached: {_reason(broken)}")


def _refuse_failure(response: aiohttp.ClientResponse, where: str, *, hub: bool) -> None:
    status = response.status
    match status:
        case 200 if response.content_type == "text/html":
            # A login page, or a proxy's refusal: not worth forgetting what is here already.
            error = WeightsError(f"{where} answered with a web page where the file was expected")
        case 200 | 206 | 416:
            return
        case 401 | 403 if hub:
            error = WeightsError(
                f"{where} is not open to you (HTTP {status}); set HF_TOKEN to a token that may read it"
            )
        case 404 | 410:
            error = WeightsError(f"There is no file at {where} (HTTP {status})")
        case 429 | 500 | 502 | 503 | 504:
            error = InterruptedPullError(f"{where} answered HTTP {status}; try again later")
        case _:
            error = WeightsError(f"{where} answered HTTP {status} where the file was expected")
    response.release()
    raise error


def _next(url: URL, location: str) -> URL:
    target = url.join(URL(location))
    if target.scheme == "https" or (target.scheme == "http" and url.scheme == "http"):
        return target
    raise WeightsError(f"{shown(url)} redirects to {shown(target)}, which is not a safe place to pull from")


def _reason(broken: Exception) -> str:
    match broken:
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ClientPayloadError():
            return "the connection was cut"
        case aiohttp.ClientConnectorCertificateError():
            return f"its certificate is not trusted ({broken.certificate_error})"
        case aiohttp.ClientConnectorError():
            return _system_reason(broken.os_error)
        case _:
            return str(broken) or type(broken).__name__


def _system_reason(error: OSError) -> str:
    # asyncio puts a text of its own into strerror; the resolver's errors are negative and have none but theirs.
    if error.errno and error.errno > 0:
        return os.strerror(error.errno).lower()
    return (error.strerror or str(error)).lower()
