"""Events are sent in the time of who appends them, as far as their client takes them, and behind that in its own."""

import asyncio
import json

import pytest

from interplay.api.eager import started
from tests.server import RunningServer, parsed
from tests.waiting import until


async def test_work_that_waits_for_nothing_is_done_at_once() -> None:
    """Nothing of it is left to be awaited."""
    done: list[str] = []

    async def work() -> None:
        done.append("all")

    assert started(work()) is None
    assert done == ["all"]


async def test_the_rest_is_done_by_who_awaits_it() -> None:
    """It begins at once, waits several times, and ends when it is awaited, whatever came first."""
    first, second, done = asyncio.Event(), asyncio.Event(), list[str]()

    async def work() -> None:
        done.append("begun")
        await first.wait()
        done.append("first")
        await asyncio.sleep(0)
        await second.wait()
        done.append("second")

    rest = started(work())
    assert rest is not None
    assert done == ["begun"]
    first.set()  # before anybody awaits the rest
    waiting = asyncio.ensure_future(rest)
    await asyncio.sleep(0.01)
    assert done == ["begun", "first"]
    second.set()
    await waiting
    assert done == ["begun", "first", "second"]


@pytest.mark.parametrize("waits", [True, False])
async def test_an_error_is_raised_where_the_rest_is_awaited(waits: bool) -> None:
    """Whoever began it hears nothing of it."""

    async def work() -> None:
        if waits:
            await asyncio.sleep(0)
        raise ValueError("mine")

    rest = started(work())
    assert rest is not None
    with pytest.raises(ValueError, match="mine"):
        await rest


async def test_a_cancellation_reaches_the_work() -> None:
    """What waits in it is cancelled with the task that awaits it, and it may clean up."""
    cleaned: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append("up")

    rest = started(work())
    assert rest is not None
    waiting = asyncio.ensure_future(rest)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert cleaned == ["up"]


def test_a_client_that_pauses_gets_every_event_once_and_in_order(server: RunningServer) -> None:
    """More than buffers hold is said while it does not read; the run goes on, and the stream is whole at its end."""
    script = "\n".join(f"say: {number}{'x' * 20_000}" for number in range(1000))
    asked = {"model": "scripted", "input": script, "stream": True}
    with server.client() as client, client.stream("POST", "/v1/interactions", json=asked) as answer:
        parts = answer.iter_text()
        text = next(parts)
        while "interaction.created" not in text or "\n\n" not in text:
            text += next(parts)
        id = parsed(text.partition("\n\n")[0] + "\n\n")[0]["interaction"]["id"]
        until(lambda: client.get(f"/v1/interactions/{id}").json()["status"] == "completed")
        text += "".join(parts)
    events = [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: {")]
    assert [event["event_id"] for event in events] == [f"{id}.{number}" for number in range(1, len(events) + 1)]
    said = [event["delta"]["text"] for event in events if event["event_type"] == "step.delta"]
    assert "".join(said) == script.replace("say: ", "")
    assert text.endswith("data: [DONE]\n\n")
