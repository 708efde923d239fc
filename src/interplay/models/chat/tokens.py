"""How long a prompt is, by the upstream's own tokenizer.

The protocol has no word for it, but the servers that people run have: llama-server renders the chat
(`/apply-template`) and cuts it up (`/tokenize`), vLLM does both in `/tokenize`. Not here: guesses.
"""

from typing import Annotated, Final

import msgspec

from interplay.errors import Failure, invalid
from interplay.models.chat.counts import MOST_TOKENS
from interplay.models.chat.learnable import Body
from interplay.models.chat.upstream import Upstream


class Rendered(msgspec.Struct, frozen=True):
    """llama-server's answer to `/apply-template`."""

    prompt: str


class Tokenized(msgspec.Struct, frozen=True):
    """llama-server's answer to `/tokenize`."""

    tokens: list[object]


class Counted(msgspec.Struct, frozen=True):
    """vLLM's answer to `/tokenize`."""

    count: Annotated[int, msgspec.Meta(ge=0, le=MOST_TOKENS)]


_OF_PROMPTS: Final = ("model", "messages", "tools", "tool_choice")
"""What both render: the messages, and the functions that their templates write before them."""

_ELSEWHERE: Final = {"invalid_request", "bad_gateway"}
"""How an upstream refuses an address that it does not have: 404 mostly, 405 or 501 with some."""


async def count(upstream: Upstream, body: Body) -> int:
    """The length in tokens of the prompt of a request with these fields.

    Raises Failure; `invalid_request` where there is no tokenizer to ask.
    """
    chat: Body = {name: body[name] for name in _OF_PROMPTS if name in body}
    for ask in (_by_llama_server, _by_vllm):
        try:
            return await ask(upstream, chat)
        except msgspec.DecodeError:
            continue
        except Failure as failure:
            if failure.code not in _ELSEWHERE:
                raise
    raise invalid(f"tokens cannot be counted: the upstream of model {body['model']!r} has no tokenizer to ask")


async def _by_llama_server(upstream: Upstream, chat: Body) -> int:
    root = _root(upstream)
    rendered = msgspec.json.decode(await upstream.fetch("POST", root + "/apply-template", chat), type=Rendered)
    text = {"model": chat["model"], "content": rendered.prompt, "add_special": True, "parse_special": True}
    return len(msgspec.json.decode(await upstream.fetch("POST", root + "/tokenize", text), type=Tokenized).tokens)


async def _by_vllm(upstream: Upstream, chat: Body) -> int:
    body = await upstream.fetch("POST", _root(upstream) + "/tokenize", chat)
    return msgspec.json.decode(body, type=Counted).count


def _root(upstream: Upstream) -> str:
    """These addresses stand beside `/v1`, not below it."""
    return upstream.base_url.removesuffix("/v1")
