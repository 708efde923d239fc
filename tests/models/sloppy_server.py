"""A server that speaks the chat-completions protocol badly. Each kind of sloppiness is a behaviour with a name.

A behaviour reads the request and says what comes back, so that one that obeys a complaint has to have heard it. The
functions are those of `calling`: `get_weather(city, days)`, and `ping()` without parameters.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from aiohttp import web

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer: the deltas of a stream, and the message that says the same at once."""

    deltas: tuple[Body, ...]
    message: Body
    finish: str | None = "stop"
    logprobs: Body | None = None
    """Of an answer at once."""


@dataclass(frozen=True)
class Refusal:
    """No answer."""

    status: int
    message: str


Behaviour = Callable[[Body], Reply | Refusal]


def said(text: str, finish: str = "stop") -> Reply:
    """Text, streamed in pieces of three characters."""
    pieces = tuple({"content": text[place : place + 3]} for place in range(0, len(text), 3))
    return Reply(pieces, {"content": text}, finish)


def in_parts(*parts: Body) -> Reply:
    """Content as a list of parts, streamed one by one."""
    return Reply(tuple({"content": [part]} for part in parts), {"content": list(parts)})


def text_part(text: str) -> Body:
    """A part of text."""
    return {"type": "text", "text": text}


def part(name: str | None = None, arguments: object = None, **fields: object) -> Body:
    """A call, or a part of one, without what is None."""
    named = {key: value for key, value in {"name": name, "arguments": arguments}.items() if value is not None}
    return {"type": "function", "function": named, **fields}


def streamed(*parts: Body, whole: list[Body] | None = None, finish: str | None = "tool_calls") -> Reply:
    """Calls, an event for each part; at once they are `whole`, or the parts themselves."""
    deltas = tuple({"tool_calls": [each]} for each in parts)
    return Reply(deltas, {"content": None, "tool_calls": whole or list(parts)}, finish)


def beside(text: str, reply: Reply) -> Reply:
    """The same with text before it."""
    return Reply(({"content": text}, *reply.deltas), {**reply.message, "content": text}, reply.finish)


COMPLAINTS: Final = (
    "Error:",
    "Answer with JSON only",
    "instead of answering in text",
    ": answer in text",
    ": answer with JSON",
)
"""Words of every complaint."""


def complained(body: Body) -> bool:
    """Whether the newest message complains about an answer of the model's."""
    return any(words in body["messages"][-1]["content"] for words in COMPLAINTS)


def first(wrong: Reply, right: Reply) -> Behaviour:
    """Wrong until a complaint is heard."""
    return lambda body: right if complained(body) else wrong


PARIS: Final = '{"city":"Paris"}'
OSLO: Final = '{"city":"Oslo"}'
RIGHT: Final = streamed(part("get_weather", PARIS, index=0, id="a"))


def flushed(
    name: str | None = "get_weather",
    *,
    index: int | None = 0,
    id: str | None = "a",
    before: tuple[str, ...] = ('{"city":', '"Paris"}'),
    times: int = 1,
) -> Reply:
    """A call for Paris in parts, and then whole, as some senders end it."""
    fields = {key: value for key, value in {"index": index, "id": id}.items() if value is not None}
    parts = [part("get_weather", index=0, id="a"), *(part(arguments=each, index=0) for each in before)]
    whole = [part("get_weather", PARIS, id="a")]
    return streamed(*parts, *[part(name, PARIS, **fields)] * times, whole=whole)


PERSON: Final = '{"name":"Ada","age":36}'
BARE: Final = '{"name": "get_weather", "arguments": {"city": "Paris"}}'
TAGGED: Final = f"<tool_call>\n{BARE}\n</tool_call>"


def without_format(refusal: Refusal) -> Behaviour:
    """Refuses `response_format`; obeys a schema in the system prompt."""

    def answer(body: Body) -> Reply | Refusal:
        if "response_format" in body:
            return refusal
        system = body["messages"][0]
        return said(PERSON if system["role"] == "system" and '"age"' in system["content"] else "Ada, 36")

    return answer


WRONG_PERSON: Final[dict[str, Reply]] = {
    "prose": said("Her name is Ada, and she is 36."),
    "JSON in prose": said(f"Here it is: {PERSON}"),
    "invalid JSON": said('{"name": "Ada", "age": 36,}'),
    "truncated": said('{"name": "Ada", "age":'),
    "another schema": said('{"person": {"name": "Ada", "age": 36}}'),
    "a property missing": said('{"name": "Ada"}'),
    "a number in words": said('{"name": "Ada", "age": "thirty-six"}'),
    "a list of one": said(f"[{PERSON}]"),
    "unequal braces": said("{" + PERSON),
    "nothing": said(""),
}
"""Answers that do not meet the schema, and must not be guessed right."""

RIGHT_PERSON: Final[dict[str, Reply]] = {
    "regular": said(PERSON),
    "another order": said('{"age":36,"name":"Ada"}'),
    "fenced": said(f"```json\n{PERSON}\n```"),
    "fenced without a word": said(f"\n```\n{PERSON}\n```\n"),
    "fenced in one line": said(f"```{PERSON}```"),
    "in doubled braces": said(f"{{{PERSON}}}"),
    "a number in a string": said('{"name":"Ada","age":"36"}'),
    "in parts": in_parts(text_part(PERSON[:9]), text_part(PERSON[9:])),
}
"""Answers that say one thing, in many ways: Ada is 36."""

ONE_CALL: Final[dict[str, Reply]] = {
    "regular": streamed(
        part("get_weather", "", index=0, id="a"),
        part(arguments='{"city":', index=0),
        part(arguments='"Paris"}', index=0),
        whole=[part("get_weather", PARIS, id="a")],
    ),
    "no index": streamed(
        part("get_weather", '{"city":', id="a"),
        part(arguments='"Paris"}'),
        whole=[part("get_weather", PARIS, id="a")],
    ),
    "an index at first only": streamed(
        part("get_weather", '{"city":', index=0, id="a"),
        part(arguments='"Paris"}'),
        whole=[part("get_weather", PARIS, id="a")],
    ),
    "spaces around the name": streamed(part(" get_weather\n", PARIS, index=0, id="a")),
    "a namespace before the name": streamed(part("functions.get_weather", PARIS, index=0, id="a")),
    "no id": streamed(part("get_weather", PARIS, index=0)),
    "another id in every delta": streamed(
        part("get_weather", '{"city":', index=0, id="a"),
        part("get_weather", '"Paris"}', index=0, id="b"),
        whole=[part("get_weather", PARIS, id="a")],
    ),
    "the name in every delta": streamed(
        part("get_weather", "", index=0, id="a"),
        part("get_weather", '{"city":', index=0, id="a"),
        part("get_weather", '"Paris"}', index=0, id="a"),
        part("get_weather", "", index=0, id="a"),
        whole=[part("get_weather", PARIS, id="a")],
    ),
    "the name in pieces": streamed(
        part("get_", index=0, id="a"),
        part("weather", index=0),
        part(arguments=PARIS, index=0),
        whole=[part("get_weather", PARIS, id="a")],
    ),
    "the whole call twice": streamed(*[part("get_weather", PARIS, index=0, id="a")] * 2),
    "the whole call behind its parts": streamed(
        part("get_weather", '{"city":', index=0, id="a"),
        part(arguments='"Paris"}', index=0),
        part("get_weather", PARIS, index=0, id="a"),
        part("get_weather", PARIS, index=0, id="a"),
        whole=[part("get_weather", PARIS, id="a")],
    ),
    "the whole call again, without id": flushed(id=None),
    "the whole call again, with an empty id": flushed(id=""),
    "the whole call again, without name": flushed(None),
    "the whole call again, with an empty name": flushed("", id="a"),
    "the whole call again, with a name of null": flushed("null", id=None),
    "the whole call again, without index": flushed(index=None, id="a"),
    "the whole call again, without anything": flushed(None, index=None),
    "the whole call again, twice": flushed(times=2),
    "the whole call behind one part": flushed(before=('{"ci',)),
    "the whole call behind one part, without id and name": flushed(None, before=('{"city":', '"P')),
    "the whole call behind one part, twice": flushed(before=('{"ci',), times=2),
    "the name later": streamed(
        part("", "", index=0, id="a"),
        part("get_weather", index=0),
        part(arguments=PARIS, index=0),
        whole=[part("get_weather", PARIS, id="a")],
    ),
    "the name later, null at first": streamed(
        part("null", index=0, id="a"),
        part("get_weather", PARIS, index=0, id="a"),
        whole=[part("get_weather", PARIS, id="a")],
    ),
    "the name behind the arguments": streamed(
        part(None, '{"city":', index=0, id="a"),
        part("None", '"Paris"}', index=0),
        part("get_weather", index=0),
        whole=[part("get_weather", PARIS, id="a")],
    ),
    "an empty entry before it": streamed(part(index=0), part("get_weather", PARIS, index=1, id="b")),
    "an empty entry behind it": streamed(part("get_weather", PARIS, index=0, id="a"), part("", "", index=1, id="b")),
    "arguments that are an object": streamed(part("get_weather", {"city": "Paris"}, index=0, id="a")),
    "arguments encoded twice": streamed(part("get_weather", '"{\\"city\\":\\"Paris\\"}"', index=0, id="a")),
    "arguments in a fence": streamed(part("get_weather", f"```json\n{PARIS}\n```", index=0, id="a")),
    "function_call": Reply(
        (
            {"function_call": {"name": "get_weather", "arguments": ""}},
            {"function_call": {"arguments": PARIS}},
        ),
        {"content": None, "function_call": {"name": "get_weather", "arguments": PARIS}},
        "function_call",
    ),
    "no function around": streamed({"name": "get_weather", "arguments": PARIS, "id": "a"}),
    "finish stop": streamed(part("get_weather", PARIS, index=0, id="a"), finish="stop"),
    "finish function_call": streamed(part("get_weather", PARIS, index=0, id="a"), finish="function_call"),
    "in tags": said(TAGGED),
    "in tags, in a fence": said(TAGGED.replace("{", "```json\n{", 1).replace("}}", "}}\n```")),
    "in tags, parameters": said(TAGGED.replace("arguments", "parameters")),
    "in tags, not closed": said(TAGGED.removesuffix("</tool_call>")),
    "in tags, as in tool_calls": said(
        TAGGED.replace('{"name', '{"type": "function", "function": {"name').replace("}}", "}}}")
    ),
    "in Mistral's tags": said('[TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Paris"}}]'),
    "in tags, Qwen's XML": said("<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n"),
    "as its only text": said(BARE),
    "as its only text, fenced": said(f"\n```json\n{BARE}\n```\n"),
    "as its only text, in doubled braces": said(f"{{{BARE}}}"),
    "in tags, in doubled braces": said(TAGGED.replace(BARE, f"{{{BARE}}}")),
    "arguments in doubled braces": streamed(part("get_weather", f"{{{PARIS}}}", index=0)),
    "as its only text, a list": said(f"[{BARE}]"),
    "as its only text, as in tool_calls": said(f'{{"function": {BARE}}}'),
}
"""Answers that say one thing, in many ways: call `get_weather` for Paris."""

TWO_CALLS: Final[dict[str, Reply]] = {
    "regular": streamed(
        part("get_weather", "", index=0, id="a"),
        part("get_weather", "", index=1, id="b"),
        part(arguments=PARIS, index=0),
        part(arguments=OSLO, index=1),
        whole=[part("get_weather", PARIS, id="a"), part("get_weather", OSLO, id="b")],
    ),
    "glued together": streamed(part("get_weather", PARIS + OSLO, index=0, id="a")),
    "glued together, in deltas": streamed(
        part("get_weather", PARIS, index=0, id="a"),
        part(arguments="\n" + OSLO, index=0),
        whole=[part("get_weather", f"{PARIS} {OSLO}", id="a")],
    ),
    "the same index": streamed(part("get_weather", PARIS, index=0, id="a"), part("get_weather", OSLO, index=0, id="b")),
    "the same index and id": streamed(
        part("get_weather", PARIS, index=0, id="a"), part("get_weather", OSLO, index=0, id="a")
    ),
    "no index and no id": streamed(part("get_weather", PARIS), part("get_weather", OSLO)),
    "both again, without ids": streamed(
        part("get_weather", PARIS, index=0, id="a"),
        part("get_weather", OSLO, index=1, id="b"),
        part(None, PARIS, index=0),
        part(None, OSLO, index=1),
        whole=[part("get_weather", PARIS, id="a"), part("get_weather", OSLO, id="b")],
    ),
    "both again, without indexes": streamed(
        part("get_weather", PARIS, index=0, id="a"),
        part("get_weather", OSLO, index=1, id="b"),
        part("get_weather", PARIS, id="a"),
        part("get_weather", OSLO, id="b"),
        whole=[part("get_weather", PARIS, id="a"), part("get_weather", OSLO, id="b")],
    ),
    "both in one delta": Reply(
        ({"tool_calls": [part("get_weather", PARIS), part("get_weather", OSLO)]},),
        {"tool_calls": [part("get_weather", PARIS), part("get_weather", OSLO)]},
        "tool_calls",
    ),
    "in tags": said(f"{TAGGED}\n{TAGGED.replace('Paris', 'Oslo')}"),
    "as its only text": said(f"{BARE}\n{BARE.replace('Paris', 'Oslo')}"),
    "as its only text, a fenced list": said(f"```json\n[{BARE}, {BARE.replace('Paris', 'Oslo')}]\n```"),
    "in Mistral's tags": said(
        '[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Paris"}}, '
        '{"name": "get_weather", "arguments": {"city": "Oslo"}}]'
    ),
}
"""Answers that call `get_weather` for Paris and for Oslo."""

TWO_FUNCTIONS: Final[dict[str, Reply]] = {
    "regular": streamed(part("ping", "{}", index=0, id="a"), part("get_weather", PARIS, index=1, id="b")),
    "the same index": streamed(part("ping", "{}", index=0, id="a"), part("get_weather", PARIS, index=0, id="b")),
    "only names and ids": streamed(part("ping", index=0, id="a"), part("get_weather", PARIS, index=0, id="b")),
    "only names": streamed(part("ping"), part("get_weather", PARIS)),
    "no index, in deltas": streamed(
        part("ping", "{}"),
        part("get_weather", '{"city":'),
        part(arguments='"Paris"}'),
        whole=[part("ping", "{}"), part("get_weather", PARIS)],
    ),
    "only names and arguments": streamed(part("ping", "{}", index=0), part("get_weather", PARIS, index=0)),
    "in tags": said('<tool_call>{"name": "ping"}</tool_call>' + TAGGED),
}
"""Answers that call `ping`, then `get_weather` for Paris."""

WRONG_CALL: Final[dict[str, Reply]] = {
    "invalid JSON": streamed(part("get_weather", "{city: Paris}", index=0, id="a")),
    "a trailing comma": streamed(part("get_weather", '{"city": "Paris",}', index=0, id="a")),
    "truncated": streamed(part("get_weather", '{"city": "Par', index=0, id="a")),
    "no object": streamed(part("get_weather", '["Paris"]', index=0, id="a")),
    "a list of one object": streamed(part("get_weather", f"[{PARIS}]", index=0, id="a")),
    "glued to nonsense": streamed(part("get_weather", PARIS + "}", index=0, id="a")),
    "an unknown function": streamed(part("get_wether", PARIS, index=0, id="a")),
    "another function before the first is whole": streamed(
        part("get_weather", '{"city":', index=0), part("ping", "{}", index=0)
    ),
    "no name": streamed(part(None, PARIS, index=0, id="a")),
    "a missing argument": streamed(part("get_weather", "{}", index=0, id="a")),
    "an argument of the wrong type": streamed(part("get_weather", '{"city": "Paris", "days": "two"}', index=0)),
    "one of two": streamed(part("get_weather", OSLO, index=0, id="a"), part("get_weather", "{}", index=1, id="b")),
    "in tags, invalid JSON": said(TAGGED.replace("}}", ",}}")),
    "as its only text, arguments missing": said('{"name": "get_weather", "arguments": {}}'),
    "in tags, no name": said(f"<tool_call>{PARIS}</tool_call>"),
    "in tags, no object": said("<tool_call>[5]</tool_call>"),
    "in tags, another function": said(TAGGED.replace("get_weather", "get_wether")),
    "a name with spaces": streamed(part("get the weather", PARIS, index=0, id="a")),
}
"""Answers whose calls cannot be carried out, and must not be guessed right."""


@dataclass
class SloppyServer:
    """What can be seen of the server from outside."""

    behaviour: Behaviour
    url: str = ""
    bodies: list[Body] = field(default_factory=list)
    """The request bodies, oldest first."""

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """`POST /chat/completions`."""
        body = await request.json()
        self.bodies.append(body)
        match self.behaviour(body):
            case Refusal(status, message):
                return web.json_response({"error": {"message": message}}, status=status)
            case reply if body["stream"]:
                return await _stream(request, reply)
            case reply:
                choice: Body = {
                    "index": 0,
                    "message": {"role": "assistant", **reply.message},
                    "finish_reason": reply.finish,
                    "logprobs": reply.logprobs,
                }
                return web.json_response({"choices": [choice], "usage": USAGE})


USAGE: Final = {"prompt_tokens": 10, "completion_tokens": 5}
"""The counts of every answer."""


async def _stream(request: web.Request, reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    choices: list[Body] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in reply.deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": reply.finish})
    for chunk in [*({"choices": [choice]} for choice in choices), {"choices": [], "usage": USAGE}]:
        await response.write(b"data: " + msgspec.json.encode(chunk) + b"\n\n")
    await response.write(b"data: [DONE]\n\n")
    return response


@asynccontextmanager
async def sloppy_server(behaviour: Behaviour) -> AsyncIterator[SloppyServer]:
    """The server on a free port, until the block ends."""
    server = SloppyServer(behaviour)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.chat)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
