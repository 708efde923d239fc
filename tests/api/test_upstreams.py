"""A server whose models run on an upstream: what clients get of it, whatever the upstream does."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from interplay.models.chat.correcting import TRIES
from tests.models.raw_server import STREAM, RawServer, Reply, Then, chunk, json_reply, raw_server
from tests.server import RunningServer, parsed

EVENT = b'{"choices": [{"delta": {"content": "Hello"}, "finish_reason": "stop"}]}'
HELLO = b'{"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}'
CUT = (
    b'{"choices": [{"message": {"content": "Hello"}, "finish_reason": "length"}], '
    b'"usage": {"prompt_tokens": 1, "completion_tokens": 3}}'
)


def settings(url: str, more: str = "") -> str:
    """Settings that serve one model of an upstream."""
    return f'[[models]]\nmatch = "m"\nbackend = "openai"\nbase_url = "{url}"\n{more}'


@dataclass
class Served:
    """A server, and a client of it."""

    server: RunningServer
    client: httpx2.Client

    async def post(self, **body: object) -> httpx2.Response:
        """The answer to a create."""
        return await asyncio.to_thread(self.client.post, "/v1beta/interactions", json={"model": "m"} | body)

    async def create(self, **body: object) -> tuple[int, str]:
        """The HTTP status of a create, and the status of its interaction, which has ended."""
        answer = await self.post(**({"input": "Hi"} | body))
        if not body.get("stream") or answer.status_code != 200:
            return answer.status_code, answer.json().get("status", "refused")
        last = parsed(answer.text)[-1]
        assert last["event_type"] == "interaction.completed"
        return answer.status_code, last["interaction"]["status"]


@asynccontextmanager
async def serving(folder: Path, *replies: Reply, more: str = "") -> AsyncIterator[tuple[Served, RawServer]]:
    """A server, and the upstream that gives its model's answers."""
    async with raw_server(*replies) as upstream:
        server = RunningServer(folder, settings(upstream.url, more))
        await asyncio.to_thread(server.start)
        try:
            with server.client() as client:
                yield Served(server, client), upstream
        finally:
            await asyncio.to_thread(server.stop)


async def test_a_limit_of_decoding_asks_the_upstream_for_nothing_more(tmp_path: Path) -> None:
    """An upstream that is slow to list its models does not hold a create: it is asked for the answer only."""
    limited = "continues = true\n[server]\ndecode_limit_tokens = 3\n"
    async with serving(tmp_path, (json_reply(HELLO),), more=limited) as (served, upstream):
        assert await served.create() == (200, "completed")
    assert [request.split()[0] for request in upstream.requests] == [b"POST"]


async def test_a_token_is_refused_once_its_model_goes_on_no_more(tmp_path: Path) -> None:
    """Asked all the same, it would answer from the beginning, behind what was said already."""
    limited = "[server]\ndecode_limit_tokens = 3\n"
    async with serving(tmp_path, (json_reply(CUT),), more="continues = true\n" + limited) as (served, _):
        first = await served.post(input="Hi")
    assert first.json()["status"] == "requires_continuation"
    again = {"continuation_token": first.json()["continuation_token"], "previous_interaction_id": first.json()["id"]}
    async with serving(tmp_path, more=limited) as (served, upstream):
        refused = await served.post(**again)
    assert refused.status_code == 400
    assert "'continuation_token'" in refused.json()["error"]["message"]
    assert not upstream.requests


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_that_is_cut_at_any_byte_ends(tmp_path: Path, stream: bool) -> None:
    """Every create ends, none as a fault of ours, and none as completed before its upstream has said that it is."""
    whole = STREAM + chunk(b"data: " + EVENT + b"\n\n") + chunk(b"data: [DONE]\n\n") if stream else json_reply(HELLO)
    said = whole.index(b'"finish_reason": "stop"}]}') + len(b'"finish_reason": "stop"}]}')
    cuts: list[Reply] = [(whole[:cut], Then.CUT) for cut in range(len(whole))]
    async with serving(tmp_path, *cuts) as (served, upstream):
        while (cut := len(upstream.requests)) < len(cuts):
            status, interaction = await served.create(stream=stream)
            assert status in {200, 502}
            assert interaction in ({"failed", "refused"} if cut < said - 1 else {"failed", "refused", "completed"})


@dataclass(frozen=True)
class Refusing:
    """How an upstream refuses, and what clients hear of it."""

    reply: Reply
    status: int
    code: str
    retry_after: str | None = None


REFUSALS = {
    "busy": Refusing(
        (json_reply(b'{"error": "why"}', "429 So", extra="Retry-After: 7\r\n"),), 429, "rate_limited", "7"
    ),
    "busy for long": Refusing((json_reply(b"why", "503 So", extra="Retry-After: 3600\r\n"),), 503, "unavailable", "60"),
    "behind Cloudflare": Refusing((json_reply(b"why", "522 So"),), 503, "unavailable", "1"),
    "a wrong request": Refusing((json_reply(b'{"detail": "why"}', "422 So"),), 400, "invalid_request"),
    "broken": Refusing((json_reply(b'{"message": "why"}', "500 So"),), 502, "bad_gateway"),
    "an error in place of an answer": Refusing((json_reply(b'{"message": "why"}'),), 502, "bad_gateway"),
    "an error in a stream": Refusing(
        (STREAM, chunk(b'event: error\ndata: {"code": 429, "message": "why"}\n\n'), Then.CLOSE),
        429,
        "rate_limited",
        "1",
    ),
    "a connection that breaks": Refusing((Then.CUT,), 502, "bad_gateway"),
}


@pytest.mark.parametrize("stream", [True, False])
async def test_what_the_upstream_refuses_at_once_is_an_error_like_any_other(tmp_path: Path, stream: bool) -> None:
    """A stream too, which the SDKs try again then, and with the upstream's own pause; nothing is kept of it."""
    # A connection that breaks is tried a second time, since it may have been an old one.
    replies = [refusal.reply for refusal in REFUSALS.values()]
    async with serving(tmp_path, *replies) as (served, _):
        for refusal in REFUSALS.values():
            answer = await served.post(input="Hi", stream=stream)
            assert (answer.status_code, answer.json()["error"]["code"]) == (refusal.status, refusal.code)
            assert answer.headers.get("retry-after") == refusal.retry_after
            assert answer.headers["content-type"] == "application/json"
        with sqlite3.connect(served.server.data / "app.db") as database:
            assert database.execute("SELECT count(*) FROM interactions").fetchone() == (0,)


async def test_an_upstream_that_is_away_refuses_a_stream_too(tmp_path: Path) -> None:
    """Nobody can be connected to: 503 before any event."""
    async with serving(tmp_path, (Then.CLOSE,)) as (served, upstream):
        upstream.close()
        for stream in (True, False):
            assert (await served.post(input="Hi", stream=stream)).status_code == 503


@pytest.mark.parametrize(
    ("more", "at_least", "within"), [("", 0.9, 1.8), ("[server]\nheartbeat_seconds = 0.02\n", 0.0, 0.9)]
)
async def test_a_stream_is_opened_while_its_model_is_silent(
    tmp_path: Path, more: str, at_least: float, within: float
) -> None:
    """After a second, in which it may still refuse, or the first heartbeat; what fails then is an event."""
    async with serving(tmp_path, (STREAM, Then.WAIT), more=more) as (served, upstream):

        def opened() -> tuple[float, list[str]]:
            body = {"model": "m", "input": "Hi", "stream": True}
            began = time.monotonic()
            with served.client.stream("POST", "/v1beta/interactions", json=body) as answer:
                took = time.monotonic() - began
                assert answer.status_code == 200
                return took, [line for line, _ in zip(answer.iter_lines(), range(4), strict=False)]

        tries = 5  # the machine may be busy
        while tries:
            took, lines = await asyncio.to_thread(opened)
            assert took >= at_least
            assert [line for line in lines if line.startswith("event")] == [
                "event: interaction.created",
                "event: interaction.status_update",
            ]
            tries = tries - 1 if took > within else 0
        assert took <= within
        await asyncio.wait_for(upstream.left.wait(), 5)


NONSENSE = (
    b'{"choices": [null]}',
    b'{"choices": [{"delta": 5, "message": []}]}',
    b'{"choices": [{"delta": {"content": NaN}}]}',
    b'{"choices": [], "unknown": 1e400}',
    b'{"choices": [{"finish_reason": ["stop"]}]}',
    b'{"choices": [{"delta": {"role": "king", "content": "Hi"}, "finish_reason": "stop"}], '
    b'"usage": {"prompt_tokens": 1%s}}' % (b"0" * 4000),
    b'{"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}], "usage": "much"}',
    b'{"choices": [{"message": {"tool_calls": [{"index": {}, "id": [], "function": {"name": 5, "arguments": []}}]}}]}',
    b'{"choices": [{"delta": {"content": "{\\"name\\": \\"f\\", \\"arguments\\": {\\"a\\": \\"\\\\ud800\\"}}"}}]}',
    b'{"choices": [{"delta": {"content": "<tool_call>{\\"name\\": \\"f\\", \\"arguments\\": %s}</tool_call>"}, '
    b'"finish_reason": "stop"}]}' % (b'{\\"a\\":' * 989 + b"1" + b"}" * 989),
)


@pytest.mark.parametrize("functions", [True, False])
async def test_an_upstream_that_answers_nonsense_is_never_a_fault_of_ours(tmp_path: Path, functions: bool) -> None:
    """Wrong types in every place, numbers without sense, nesting without end: each create ends, unary and streamed."""
    tools = [{"type": "function", "name": "f", "parameters": {"type": "object"}}] if functions else []
    replies: list[Reply] = [(json_reply(body),) for body in NONSENSE for _ in range(2 * TRIES)]
    async with serving(tmp_path, *replies) as (served, upstream):
        while len(upstream.requests) < len(replies):
            for stream in (True, False):
                status, interaction = await served.create(stream=stream, tools=tools)
                assert status in {200, 502}
                assert interaction in {"completed", "failed", "refused", "requires_action"}
    assert "Traceback" not in served.server.log()
