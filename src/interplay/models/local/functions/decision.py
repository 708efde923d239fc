"""One decision: which calls come next, or none. Its prompt, the grammar of what may be written, and the reading of it.

    # weather in Oslo; weather in Bergen
    get_weather({"city": "Oslo"})
    get_weather({"city": "Bergen"})

The model writes calls as code, with JSON for arguments, all in one go: the functions' types are part of the prompt
that the engine keeps, so only the new words of the conversation are read for it. The remark before the calls makes it
say in English what is wanted; without it the second of two calls, or what a Polish word means, is easily missed.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from interplay.models.base import Call, Function, ModelRequest
from interplay.models.chat.messages import Message
from interplay.models.local.functions.lesson import Lesson
from interplay.models.local.functions.months import translated
from interplay.models.local.functions.signatures import signatures
from interplay.models.local.functions.transcript import Made, clipped, present, told
from interplay.models.spoken import spoken
from interplay.schemas import Schema
from interplay.schemas.grammar import SHARED
from interplay.schemas.rules import Literal, Named, Rule, chars, choice, renamed, repeat, sequence, text
from interplay.wire import UserInputStep

MOST_CALLS: Final = 8
"""Calls in one decision."""
LONGEST_REMARK: Final = 80
"""Characters of what the model says to itself before the calls."""
LONGEST_NOW: Final = 8000
LONGEST_EARLIER: Final = 800
LONGEST_INSTRUCTION: Final = 2000
"""Characters of a text that the decision is made by: of what is being answered, of what was said before, and of the
system instruction. Deciding must not take longer than answering."""


def messages(request: ModelRequest, lesson: Lesson) -> list[Message]:
    """The prompt. What changes least stands first."""
    return [*taught(lesson), offered(request), Message("user", asked(request))]


def taught(lesson: Lesson) -> Iterator[Message]:
    """The lesson as a chat."""
    yield Message("system", lesson.rules)
    for chapter in lesson.chapters:
        yield Message("system", f"Functions:\n{chapter.functions}")
        for example in chapter.examples:
            yield Message("user", example.message)
            yield Message("assistant", example.decision)


def offered(request: ModelRequest) -> Message:
    """The functions, and what the assistant was told to be."""
    listed = f"Functions:\n{signatures(request.functions)}"
    if not request.system_instruction:
        return Message("system", listed)
    return Message("system", f"{listed}\n\n{clipped(request.system_instruction, LONGEST_INSTRUCTION)}")


def asked(request: ModelRequest) -> str:
    """The conversation in one message, since each further turn of the assistant's would be taken for a decision."""
    earlier, now = present(request.steps)
    words = translated(clipped("\n".join(text for role, text in spoken(now) if role == "user"), LONGEST_NOW))
    if before := list(told(earlier, request.steps, LONGEST_EARLIER)):
        words = "\n".join(["Earlier in this conversation:", *before, "", "The user's last message:", words])
    since = list(told([step for step in now if not isinstance(step, UserInputStep)], request.steps, LONGEST_NOW))
    return "\n".join([words, "", "Done so far:", *since]) if since else words


def grammar(functions: Sequence[Function], none: str, *, must_call: bool) -> str:
    """What may be written. Made once for the same functions: with many it takes a second."""
    return _grammar(tuple((function.name, function.parameters) for function in functions), none, must_call)


@lru_cache(maxsize=16)
def _grammar(functions: tuple[tuple[str, Schema], ...], none: str, must_call: bool) -> str:
    prefixes = [f"f{number}" for number in range(len(functions))]
    options = [called(name, prefix) for (name, _), prefix in zip(functions, prefixes, strict=True)]
    remark = sequence(Literal("# "), repeat(chars("\n", negated=True), 1, LONGEST_REMARK), Literal("\n"))
    calls = sequence(remark, Named("call"), repeat(sequence(Literal("\n"), Named("call")), 0, MOST_CALLS - 1))
    rules: dict[str, Rule] = {
        "root": calls if must_call else choice(Literal(none), calls),
        "call": choice(*options),
    }
    for (_, parameters), prefix in zip(functions, prefixes, strict=True):
        rules |= arguments(parameters, prefix)
    return text(rules)


def called(name: str, prefix: str) -> Rule:
    """A call of the function with this name, whose arguments' rules have names that begin so."""
    return sequence(Literal(f"{name}("), Named(f"{prefix}-root"), Literal(")"))


def arguments(parameters: Schema, prefix: str) -> dict[str, Rule]:
    """The rules of a function's arguments beside those of others."""
    rules = parameters.rules
    names = {name: name if name in SHARED else f"{prefix}-{name}" for name in rules}
    return {names[name]: renamed(rule, names) for name, rule in rules.items()}


def read(written: str, functions: Sequence[Function]) -> list[Call]:
    """The calls in what was written. Raises ValueError for what the grammar does not let through."""
    names = [function.name for function in functions]
    return [read_call(line, names) for line in written.split("\n") if not line.startswith("# ")]


def read_call(line: str, names: Sequence[str]) -> Call:
    """The call on one line."""
    for name in names:
        if line.startswith(f"{name}(") and line.endswith(")"):
            return Call(name, line[len(name) + 1 : -1])
    raise ValueError(f"this is no call: {line!r}")


def new(calls: Sequence[Call], before: Sequence[Made]) -> list[Call]:
    """Those that were not made yet, each once: a small model likes to go in circles."""
    done = list(before)
    kept: list[Call] = []
    for call in calls:
        one = (call.name, msgspec.json.decode(call.arguments))
        if one not in done:
            done.append(one)
            kept.append(call)
    return kept
