"""A server whose upstream runs without the parsers for its model: what clients get of it, and what it is sent back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.api.test_upstreams import settings
from tests.models.sloppy_server import PARIS, PERSON, Body, Refusal, Reply, SloppyServer, part, said, sloppy_server
from tests.models.written_calls import ALL
from tests.server import RunningServer, parsed

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"],
    },
}


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[SloppyServer, httpx2.Client]]:
    """An upstream, and a client of the server in front of it."""
    async with sloppy_server(lambda _: said("Hello")) as upstream:
        server = RunningServer(folder, settings(upstream.url))
        await asyncio.to_thread(server.start)
        try:
            with server.client() as client:
                yield upstream, client
        finally:
            await asyncio.to_thread(server.stop)


async def create(client: httpx2.Client, **body: object) -> dict[str, Any]:
    """A created interaction."""
    asked = {"model": "m", "input": "Weather?", **body}
    answer = await asyncio.to_thread(client.post, "/v1beta/interactions", json=asked)
    assert answer.status_code == 200, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def streamed(client: httpx2.Client, **body: object) -> str:
    """All text of a stream."""
    asked = {"model": "m", "input": "Weather?", "stream": True, **body}
    answer = await asyncio.to_thread(client.post, "/v1beta/interactions", json=asked)
    deltas = [event["delta"] for event in parsed(answer.text) if event["event_type"] == "step.delta"]
    return "".join(delta["text"] for delta in deltas if delta["type"] == "text")


def thoughtful(body: Body) -> Reply | Refusal:
    """Thinks and calls; refuses to go on, as DeepSeek's server does, unless it is told what it thought."""
    called = [message for message in body["messages"] if message.get("tool_calls")]
    if all(message.get("reasoning_content") == "Paris, then." for message in called):
        call = {"tool_calls": [part("get_weather", PARIS, index=0, id="a")]}
        deltas = ({"reasoning_content": "Paris, "}, {"reasoning_content": "then."}, call)
        message = {"reasoning_content": "Paris, then.", "content": None, **call}
        return said("Sunny.") if called else Reply(deltas, message, "tool_calls")
    return Refusal(400, "The reasoning_content must be passed back to the API.")


@pytest.mark.parametrize("store", [True, False])
async def test_reasoning_goes_back_between_a_call_and_its_result(tmp_path: Path, store: bool) -> None:
    """With state, and without it from the signature that the client sends; but not from one that it leaves out."""
    async with serving(tmp_path) as (upstream, client):
        upstream.behaviour = thoughtful
        called = await create(client, tools=[WEATHER], store=store)
        assert called["status"] == "requires_action"
        result = {"type": "function_result", "call_id": called["steps"][-1]["id"], "result": "sunny"}
        if store:
            answered = await create(client, tools=[WEATHER], input=[result], previous_interaction_id=called["id"])
        else:
            said_first = {"type": "user_input", "content": "Weather?"}
            steps = [said_first, *called["steps"], result]
            answered = await create(client, tools=[WEATHER], input=steps, store=False)
            without = [step for step in steps if step["type"] != "thought"]
            asked = {"model": "m", "input": without, "tools": [WEATHER], "store": False}
            forgotten = await asyncio.to_thread(client.post, "/v1beta/interactions", json=asked)
            assert forgotten.status_code == 400
    assert answered["status"] == "completed"
    assert answered["steps"][-1]["content"][0]["text"] == "Sunny."


async def test_what_servers_leave_in_the_text(tmp_path: Path) -> None:
    """Calls in every format, thoughts, and halves of characters: calls, thoughts, and characters."""
    async with serving(tmp_path) as (upstream, client):
        for format, written in ALL.items():
            upstream.behaviour = lambda _, text=written: said(f"<think>{text}?</think>\n{text}")  # type: ignore[misc]
            steps = (await create(client, tools=[WEATHER]))["steps"]
            assert [step["type"] for step in steps] == ["thought", "function_call"], format
            assert steps[1]["arguments"] == {"city": "Paris", "days": 2}
            assert await streamed(client, tools=[WEATHER]) == ""
        upstream.behaviour = lambda _: said(f"Ada is 36.\n</think>\n\n{PERSON}")
        schema = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
        form = {"type": "text", "mime_type": "application/json", "schema": schema}
        answered = await create(client, response_format=form)
        assert [step["type"] for step in answered["steps"]] == ["thought", "model_output"]
        assert answered["steps"][1]["content"][0]["text"] == PERSON
        upstream.behaviour = lambda _: said("Hm.\n</think>\n\nSunny.")
        assert await streamed(client) == "Sunny."
