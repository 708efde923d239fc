"""A server whose models run on an upstream: what clients get of it, whatever the upstream does."""

import asyncio
from pathlib import Path

from tests.models.raw_server import json_reply, raw_server
from tests.server import RunningServer

HELLO = b'{"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}'


def settings(url: str, more: str = "") -> str:
    """Settings that serve one model of an upstream."""
    return f'[[models]]\nmatch = "m"\nbackend = "openai"\nbase_url = "{url}"\n{more}'


async def test_a_limit_of_decoding_asks_the_upstream_for_nothing_more(tmp_path: Path) -> None:
    """An upstream that is slow to list its models does not hold a create: it is asked for the answer only."""
    async with raw_server((json_reply(HELLO),)) as upstream:
        limited = settings(upstream.url, "continues = true\n[server]\ndecode_limit_tokens = 3\n")
        server = RunningServer(tmp_path, limited)
        await asyncio.to_thread(server.start)
        try:
            answer = await asyncio.to_thread(server.create, model="m", input="Hi")
        finally:
            await asyncio.to_thread(server.stop)
    assert answer["status"] == "completed"
    assert [request.split()[0] for request in upstream.requests] == [b"POST"]
