"""The models of the fake upstream: a name says how long the answer is and how it is paced.

    fake-n64-t20-d5     64 tokens, 20 ms to the first, 5 ms between two
    fake-n64-b10        the connection breaks after the tenth

All bytes of an answer are made once for each name. Not here: sockets.
"""

import re
from functools import lru_cache
from typing import Final

import msgspec

TOKEN: Final = b"~w"
"""What every token holds once, and nothing else in an answer holds: counting it counts tokens. Ids have no `~`."""

_LONGEST: Final = 65_536
_PARTS: Final = {"n": "tokens", "t": "first_ms", "d": "between_ms", "b": "broken_after"}
_PART: Final = re.compile(r"-([ntdb])(\d{1,5})")


class FakeModel(msgspec.Struct, frozen=True):
    """How one model answers."""

    tokens: int = 32
    first_ms: int = 0
    """Milliseconds until the first token."""
    between_ms: int = 0
    """Milliseconds between two tokens."""
    broken_after: int = 0
    """After so many tokens the connection of a stream breaks; 0 when it does not."""

    @property
    def name(self) -> str:
        """The name that asks for it."""
        return f"fake-n{self.tokens}-t{self.first_ms}-d{self.between_ms}-b{self.broken_after}"

    def due(self, index: int) -> float:
        """Seconds from the request to a token, counted from 0."""
        return (self.first_ms + index * self.between_ms) / 1000


@lru_cache(maxsize=64)
def named(name: str) -> FakeModel:
    """The model behind a name; what the name leaves out is as in `FakeModel`."""
    model = FakeModel(**{_PARTS[part]: int(number) for part, number in _PART.findall(name)})
    if not 1 <= model.tokens <= _LONGEST:
        raise ValueError(f"The model {name!r} has {model.tokens} tokens: expected 1 to {_LONGEST}.")
    return model


@lru_cache(maxsize=64)
def frames(name: str) -> tuple[bytes, ...]:
    """A streamed answer, one piece a token; the first opens the response, the last ends it."""
    parts = [_event(name, {"content": token}) for token in _tokens(name)]
    parts[0] = _STREAM_HEAD + _event(name, {"role": "assistant", "content": ""}) + parts[0]
    parts[-1] += _event(name, {}, "stop") + _usage_event(name) + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
    return tuple(parts)


@lru_cache(maxsize=64)
def whole(name: str) -> bytes:
    """An answer in one piece."""
    message = {"role": "assistant", "content": "".join(_tokens(name))}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return response("200 OK", _base(name, "chat.completion") | {"choices": [choice], "usage": _usage(name)})


def response(status: str, content: object) -> bytes:
    """A whole response with JSON in it."""
    body = msgspec.json.encode(content)
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


_STREAM_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def _tokens(name: str) -> list[str]:
    return [f"{TOKEN.decode()}{index} " for index in range(named(name).tokens)]


def _event(name: str, delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _data(_base(name, "chat.completion.chunk") | {"choices": [choice]})


def _usage_event(name: str) -> bytes:
    return _data(_base(name, "chat.completion.chunk") | {"choices": [], "usage": _usage(name)})


def _usage(name: str) -> dict[str, int]:
    tokens = named(name).tokens
    return {"prompt_tokens": 8, "completion_tokens": tokens, "total_tokens": 8 + tokens}


def _base(name: str, kind: str) -> dict[str, object]:
    return {"id": "chatcmpl-0123456789abcdef", "object": kind, "created": 1_780_000_000, "model": name}


def _data(content: object) -> bytes:
    return _chunk(b"data: " + msgspec.json.encode(content) + b"\n\n")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
