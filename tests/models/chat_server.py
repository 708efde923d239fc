"""A small server that speaks the chat-completions protocol over a deterministic little engine.

The engine counts, remembers a name, obeys an instruction to say one word, asks its first function for the weather and
tells it, and knows one person as JSON, all by reading the request that reached it. One word is one token.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

import msgspec
from aiohttp import web

MODEL = "tiny"


@dataclass
class ChatServer:
    """What can be seen of the server from outside."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    """The request bodies, oldest first."""
    headers: list[dict[str, str]] = field(default_factory=list)
    """Their headers."""
    working: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while the engine makes an answer."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while it does not."""
    troubles: list[int] = field(default_factory=list)
    """What the next requests for a stream meet: an HTTP status, or, below 100, the word at which the server dies."""

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """`POST /chat/completions`."""
        body = await request.json()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        if body["model"] != MODEL:
            message = f"The model `{body['model']}` does not exist."
            return web.json_response({"error": {"message": message, "code": "model_not_found"}}, status=404)
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None and trouble >= 100:
            return web.json_response({"error": {"message": "not now"}}, status=trouble)
        self.working.set()
        self.idle.clear()
        try:
            return await (_stream(request, body, trouble) if body["stream"] else _whole(body))
        finally:
            self.working.clear()
            self.idle.set()


@asynccontextmanager
async def chat_server() -> AsyncIterator[ChatServer]:
    """The server on a free port, until the block ends."""
    server = ChatServer()
    server.idle.set()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_get("/v1/models", _models)
    app.router.add_post("/tokenize", _tokenize)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


def _call(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The engine's calls: for the city that was asked about, or for any if it must call."""
    city = re.search(r"weather in (\w+)", body["messages"][-1]["content"])
    if "tools" not in body or not (city or body["tool_choice"] == "required"):
        return []
    arguments = msgspec.json.encode({"city": city[1] if city else "Rome"}).decode()
    function = {"name": body["tools"][0]["function"]["name"], "arguments": arguments}
    return [{"index": 0, "id": "a1", "type": "function", "function": function}]


def _words(body: dict[str, Any]) -> Iterator[str]:
    """The engine: the words of the answer, each with its space."""
    messages = body["messages"]
    asked = messages[-1]["content"]
    if messages[-1]["role"] == "tool":
        return (f"{word} " for word in f"It has {asked}".split())
    if "json_schema" in body.get("response_format", ()) or "JSON schema" in messages[0]["content"]:
        return iter(['{"name": ', '"Ada", ', '"age": ', "36}"])
    if count := re.search(r"[Cc]ount from 1 to (\d+)", asked):
        return (f"{number}, " for number in range(1, int(count[1]) + 1))
    if "what is my name" in asked.lower():
        name = re.search(r"[Mm]y name is (\w+)", " ".join(message["content"] for message in messages))
        return iter(["Your ", "name ", "is ", f"{name[1]}." if name else "unknown."])
    if word := re.search(r"only the word (\w+)", messages[0]["content"] if messages[0]["role"] == "system" else ""):
        return iter([word[1]])
    return iter(["Hello ", "there."])


async def _generated(body: dict[str, Any]) -> AsyncIterator[tuple[str, str | None]]:
    """The answer's words under the request's limits; the last pair has the reason of the end."""
    text, count = "", 0
    for word in () if _call(body) else _words(body):
        if count == body.get("max_tokens"):
            yield "", "length"
            return
        await asyncio.sleep(0)
        starts = [start for stop in body.get("stop", ()) if (start := (text + word).find(stop)) >= 0]
        if starts:
            yield (text + word)[len(text) : min(starts)], "stop"
            return
        text, count = text + word, count + 1
        yield word, None
    yield "", "tool_calls" if _call(body) else "stop"


async def _stream(request: web.Request, body: dict[str, Any], dies_at: int | None = None) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    count = 0
    if calls := _call(body):
        await _event(response, {"choices": [{"index": 0, "delta": {"tool_calls": calls}}]})
    async for word, finish in _generated(body):
        if count == dies_at:
            assert request.transport is not None
            request.transport.abort()
            return response
        count += bool(word)
        await _event(response, {"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": finish}]})
    if body["stream_options"]["include_usage"]:
        await _event(response, {"choices": [], "usage": _usage(body, count)})
    await response.write(b"data: [DONE]\n\n")
    return response


async def _event(response: web.StreamResponse, chunk: dict[str, Any]) -> None:
    await response.write(b"data: " + msgspec.json.encode({"object": "chat.completion.chunk", **chunk}) + b"\n\n")


async def _whole(body: dict[str, Any]) -> web.StreamResponse:
    if body.get("logprobs"):
        return _weighed(body)
    words, finish = [], None
    async for word, finish in _generated(body):  # noqa: B007  (the last one is what counts)
        words.append(word)
    message = {"role": "assistant", "content": "".join(words), "tool_calls": _call(body)}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    usage = _usage(body, sum(map(bool, words)))
    return web.json_response({"object": "chat.completion", "choices": [choice], "usage": usage})


def _weighed(body: dict[str, Any]) -> web.StreamResponse:
    """The engine holds the last letter that it was shown for the likeliest answer."""
    letters = re.findall(r"\b[A-Z]\b", body["messages"][-1]["content"]) or ["A"]
    ranked = sorted(ascii_uppercase, key=lambda letter: letter != letters[-1])[: body["top_logprobs"]]
    top = [{"token": letter, "logprob": -0.5 - place} for place, letter in enumerate(ranked)]
    choice = {
        "message": {"content": ranked[0]},
        "finish_reason": "length",
        "logprobs": {"content": [{"top_logprobs": top}]},
    }
    return web.json_response({"choices": [choice], "usage": _usage(body, 1)})


def _usage(body: dict[str, Any], count: int) -> dict[str, int]:
    prompt = _prompt_tokens(body)
    return {"prompt_tokens": prompt, "completion_tokens": count, "total_tokens": prompt + count}


def _prompt_tokens(body: dict[str, Any]) -> int:
    texts = [*(message["content"] for message in body["messages"]), *map(str, body.get("tools", ()))]
    return sum(len(text.split()) for text in texts)


async def _models(_: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": MODEL, "object": "model", "max_model_len": 4096}]})


async def _tokenize(request: web.Request) -> web.Response:
    """As vLLM does it."""
    return web.json_response({"count": _prompt_tokens(await request.json()), "max_model_len": 4096, "tokens": []})
