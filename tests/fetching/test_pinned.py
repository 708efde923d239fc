"""The connector by itself, whatever was overlooked before it is asked."""

import ssl

import aiohttp
import pytest

from interplay.fetching.pinned import Pinned
from interplay.fetching.reasons import NotReached, not_reached
from tests.fetching.site import Site


async def test_an_address_that_was_not_judged_is_refused() -> None:
    """Also one in the URI, for which no resolver is asked."""
    with Site() as site:
        connector = Pinned(["127.0.0.2"], ssl.create_default_context(), "no")
        async with aiohttp.ClientSession(connector=connector) as session:
            with pytest.raises(aiohttp.ClientConnectorError) as refused:
                await session.get(f"{site.url}/page")
    assert not_reached(refused.value) == NotReached("no", forbidden=True)
    assert site.asked == []
