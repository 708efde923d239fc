"""What some upstreams do not take, and what they are asked instead: a table. When it is used is told by `ways`.

    what is refused                         what is sent instead
    max_tokens                              max_completion_tokens
    stream_options                          nothing; such an upstream tells its counts unasked, or not at all
    temperature, top_p, top_k, seed,        nothing: they are hints
    reasoning_effort
    tool_choice "required"                  "auto"; a call that does not come is complained of
    tool_choice "auto"                      nothing: it is what is meant where nothing is said
    a system message                        its text, before the user's first words
    a user message behind a result          an assistant's message between the two
    reasoning that goes back                nothing
    response_format                         the schema in words

Each is known by its name in the refusal, but for the last: servers refuse a schema in words of all kinds.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

from interplay.models.base import ModelRequest
from interplay.models.chat.judging import demand
from interplay.models.chat.messages import Message, joined
from interplay.models.chat.reasoning import has_reasoning, without_reasoning

Body = dict[str, Any]
"""The fields of a request."""

_UNTAKEN: Final = (
    "unsupported|not (?:be )?(?:support|allow|permit|accept|available|enabled)|n't (?:support|allow|accept)"
    "|unrecogni[sz]ed|unknown|unexpected|extra|forbidden|additional propert|deprecated"
    "|only the default|cannot (?:both )?be (?:used|specified|set|combined)|must be omitted"
)
"""Words of refusals that are about a field, not its value: of a temperature out of range the client is to hear."""

_BETWEEN: Final = "I have the results."
"""What the assistant says between a result and the user's next words."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an upstream may not take."""

    name: str
    refusal: re.Pattern[str] | None
    """What a refusal of it says, from its beginning; None where it may be anything."""
    concerns: Callable[[Body], bool]
    """Whether it is in a request."""
    request: Callable[[ModelRequest], ModelRequest] | None = None
    """The request without it, where it is the request that changes."""
    body: Callable[[Body], Body] | None = None
    """The fields without it."""


def in_words(request: ModelRequest) -> ModelRequest:
    """The same request with the schema that its answer must meet in the system instruction."""
    if request.answer is None:
        return request
    unless = "Unless you call a function: " if request.functions else ""
    parts = [request.system_instruction, unless + demand(request.answer)]
    system = "\n\n".join(part for part in parts if part)
    return msgspec.structs.replace(request, system_instruction=system, answer=None)


def _named(pattern: str) -> re.Pattern[str]:
    """A refusal that has this in it, and is about whether it is taken at all."""
    return re.compile(rf"(?is)(?=.*(?:{pattern}))(?=.*(?:{_UNTAKEN}))")


def _left_out(name: str) -> Way:
    def without(body: Body) -> Body:
        return {key: value for key, value in body.items() if key != name}

    pattern = _named(rf"(?<![a-z_]){name}(?![a-z_])")
    return Way(name=name, refusal=pattern, concerns=lambda body: name in body, body=without)


def _completion_tokens(body: Body) -> Body:
    renamed = {"max_tokens": "max_completion_tokens"}
    return {renamed.get(key, key): value for key, value in body.items()}


def _may_call(body: Body) -> Body:
    return body | ({"tool_choice": "auto"} if "tool_choice" in body else {})


def _unreasoned(body: Body) -> Body:
    return body | {"messages": without_reasoning(body["messages"])}


def _has_system(body: Body) -> bool:
    return _roles(body)[:1] == ["system"]


def _system_told(body: Body) -> Body:
    if not _has_system(body):
        return body
    system, *rest = body["messages"]
    return body | {"messages": joined([Message("user", system.content)], rest)}


def _user_behind_result(body: Body) -> bool:
    roles = _roles(body)
    return ("tool", "user") in pairwise(roles)


def _taking_turns(body: Body) -> Body:
    said = list[Message]()
    for message in body["messages"]:
        if said and (said[-1].role, message.role) == ("tool", "user"):
            said.append(Message("assistant", _BETWEEN))
        said.append(message)
    return body | {"messages": said}


def _roles(body: Body) -> list[str]:
    messages: Sequence[Message] = body["messages"]
    return [message.role for message in messages]


LEARNABLE: Final = (
    Way(
        name="max_tokens",
        refusal=_named(r"(?<![a-z_])max_tokens"),
        concerns=lambda body: "max_tokens" in body,
        body=_completion_tokens,
    ),
    *map(_left_out, ("stream_options", "temperature", "top_p", "top_k", "seed", "reasoning_effort")),
    Way(
        name="tool_choice",
        refusal=_named("tool_?choice"),
        concerns=lambda body: body.get("tool_choice") == "required",
        body=_may_call,
    ),
    Way(
        name="any tool_choice",
        refusal=_named("tool_?choice"),
        concerns=lambda body: body.get("tool_choice") == "auto",
        body=_left_out("tool_choice").body,
    ),
    Way(
        name="system",
        refusal=_named("system (?:role|message|prompt|instruction)|role .?system|(?:developer|system) instruction"),
        concerns=_has_system,
        body=_system_told,
    ),
    Way(
        name="user behind a result",
        refusal=re.compile(
            "(?is).*(?:user.{1,40}after.{1,20}tool|roles must alternate|tool.{1,60}followed by.{1,20}assistant)"
        ),
        concerns=_user_behind_result,
        body=_taking_turns,
    ),
    Way(
        name="reasoning",
        refusal=_named("reasoning|thinking|messages.*(?:extra|unexpected|unrecogni|additional|unknown)"),
        concerns=lambda body: has_reasoning(body["messages"]),
        body=_unreasoned,
    ),
)
"""What is known by its name."""

RESPONSE_FORMAT: Final = Way(
    name="response_format", refusal=None, concerns=lambda body: "response_format" in body, request=in_words
)
"""What may be refused in any words."""
