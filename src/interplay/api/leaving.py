"""Clients that leave before their answer: what they wait for must learn of it."""

import asyncio
from typing import Any

from starlette.types import Receive


async def done_or_left(work: "asyncio.Future[Any]", receive: Receive) -> bool:
    """Wait until the work is done, true, or the client has left. The request's body has been read."""
    gone = asyncio.ensure_future(receive())  # what comes after the body is the disconnect
    try:
        await asyncio.wait([gone, work], return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
    return work.done()
