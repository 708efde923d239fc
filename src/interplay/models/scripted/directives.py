"""What each directive of the scripted model's language means: an argument in, acts out. The language: `script`."""

import math
import re
from collections.abc import Callable, Iterable
from typing import Final, get_args

import msgspec

from interplay.errors import STATUS, Failure, invalid, shown
from interplay.models.base import Call, Counts, Failed, ModelRequest, Stop, StopReason
from interplay.models.chat.messages import messages
from interplay.models.scripted.conversation import inputs, results_since_script
from interplay.wire import GenerationConfig

MOST_REPEATS: Final = 100_000
"""Times that one `repeat` may say its words."""

LONGEST_WAIT: Final = 86_400.0
"""Seconds that one `wait` may take."""

_WORD: Final = re.compile(r"\s*\S+(?:\s+$)?")


class Say(msgspec.Struct, frozen=True, gc=False):
    """One word of the answer, with the space around it."""

    text: str


class Think(msgspec.Struct, frozen=True, gc=False):
    """One word of the reasoning, with the space around it."""

    text: str


class Wait(msgspec.Struct, frozen=True, gc=False):
    """A pause, in seconds."""

    seconds: float


Act = Say | Think | Wait | Call | Counts | Stop | Failed

Directive = Callable[[str, ModelRequest], Iterable[Act]]


def said(text: str) -> list[Act]:
    """The words of a text, as a part of the answer."""
    return [Say(word) for word in _WORD.findall(text)]


def _say(argument: str, _: ModelRequest) -> list[Act]:
    return said(_unquoted(argument))


def _think(argument: str, _: ModelRequest) -> list[Act]:
    return [Think(word) for word in _WORD.findall(_unquoted(argument))]


def _repeat(argument: str, _: ModelRequest) -> list[Act]:
    times, _space, words = argument.partition(" ")
    if not times.isdecimal() or len(times) > 9 or int(times) > MOST_REPEATS:
        raise _wrong("repeat", argument, f"a number up to {MOST_REPEATS} and the words to say")
    return said(" ".join([words.strip() or "tok"] * int(times)))


def _system(_: str, request: ModelRequest) -> list[Act]:
    return said(request.system_instruction or "")


def _recall(argument: str, request: ModelRequest) -> list[Act]:
    texts = inputs(request)
    return said(texts[_place("recall", argument, len(texts))])


def _history(_: str, request: ModelRequest) -> list[Act]:
    lines = (f"{message.role}: {message.content}" for message in messages(request) if message.role != "system")
    return said("\n".join(lines))


def _config(argument: str, request: ModelRequest) -> list[Act]:
    if argument not in GenerationConfig.__struct_fields__:
        raise _wrong("config", argument, "a field of generation_config")
    return said(msgspec.json.encode(getattr(request.generation_config, argument)).decode())


def _call(argument: str, _: ModelRequest) -> list[Act]:
    name, _space, arguments = argument.partition(" ")
    return [Call(name, arguments.strip() or "{}")]


def _functions(_: str, request: ModelRequest) -> list[Act]:
    names = [function.name for function in request.functions]
    return said(" ".join([*(["any"] if request.must_call else []), *names]))


def _format(_: str, request: ModelRequest) -> list[Act]:
    return said(msgspec.json.encode(request.answer.for_grammar() if request.answer else None).decode())


def _result(argument: str, request: ModelRequest) -> list[Act]:
    texts = [text for come in results_since_script(request) for text in come]
    return said(texts[_place("result", argument, len(texts))])


def _wait(argument: str, _: ModelRequest) -> list[Act]:
    seconds = _number(argument)
    if not 0 <= seconds <= LONGEST_WAIT:
        raise _wrong("wait", argument, f"seconds from 0 to {LONGEST_WAIT:g}")
    return [Wait(seconds)]


def _count(argument: str, _: ModelRequest) -> list[Act]:
    fields = dict(re.findall(r"(\w+)=([0-9]{1,15})(?=\s|$)", argument))
    if len(fields) != len(argument.split()) or not fields.keys() <= set(Counts.__struct_fields__):
        raise _wrong("count", argument, "input=, output=, cached= or thought= and a number, with spaces between")
    return [Counts(**{name: int(value) for name, value in fields.items()})]


def _stop(argument: str, _: ModelRequest) -> list[Act]:
    reasons: tuple[StopReason, ...] = get_args(StopReason)
    for reason in reasons:
        if argument in {reason, ""}:
            return [Stop(reason)]
    raise _wrong("stop", argument, " or ".join(reasons))


def _fail(argument: str, _: ModelRequest) -> list[Act]:
    code, _space, message = argument.partition(" ")
    if code not in STATUS:
        raise _wrong("fail", argument, f"one of {', '.join(STATUS)}, and a message")
    # The script would say the same again.
    return [Failed(Failure(code, message.strip() or "the script says so", passing=False))]


DIRECTIVES: Final[dict[str, Directive]] = {
    "say": _say,
    "think": _think,
    "repeat": _repeat,
    "system": _system,
    "recall": _recall,
    "history": _history,
    "config": _config,
    "call": _call,
    "functions": _functions,
    "format": _format,
    "result": _result,
    "wait": _wait,
    "count": _count,
    "stop": _stop,
    "fail": _fail,
}


def _place(directive: str, argument: str, count: int) -> int:
    """The index for a place counted from 1, or from -1 at the end."""
    if not re.fullmatch(r"-?[0-9]{1,9}", argument) or not 1 <= abs(int(argument)) <= count:
        raise _wrong(directive, argument, f"1 to {count}, or -1 to -{count} from the end")
    number = int(argument)
    return number - 1 if number > 0 else number


def _wrong(directive: str, argument: str, expected: str) -> Failure:
    return invalid(f"the script's '{directive}:' has {shown(argument)}; expected {expected}")


def _number(argument: str) -> float:
    try:
        return float(argument)
    except ValueError:
        return math.nan


def _unquoted(argument: str) -> str:
    """What a JSON string stands for; any other text as it is."""
    try:
        return msgspec.json.decode(argument, type=str)
    except msgspec.DecodeError:
        return argument
