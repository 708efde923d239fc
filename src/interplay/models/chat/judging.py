"""Whether a finished answer is what was asked for, and if not, what to say to the model about it. Pure functions.

Nothing is guessed: what is not plainly right is asked for again (`correcting`). Not here: the form that a complaint has
in the conversation (`objections`).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from interplay.models.base import Call, Function, ModelRequest
from interplay.models.chat.arguments import bare, is_object
from interplay.models.chat.coercion import coerced
from interplay.models.chat.halves import readable
from interplay.models.chat.messages import Message
from interplay.models.chat.objections import Complaint, about_calls, about_text
from interplay.models.chat.refusals import shortened
from interplay.models.chat.tool_calls import Wanted, offered
from interplay.schemas import Schema, exact


class Good(msgspec.Struct, frozen=True):
    """An answer that can be shown; `text` is what there is to show besides the calls."""

    text: str
    calls: tuple[Call, ...] = ()


class Wrong(msgspec.Struct, frozen=True):
    """An answer that cannot."""

    reason: str
    again: tuple[Message, ...]
    """What the model said and what is wrong with it, to be added to the conversation."""


def judge(request: ModelRequest, text: str, wanted: Sequence[Wanted], attempt: int) -> Good | Wrong:
    """What to make of an answer that ended regularly: this text and these calls."""
    if wanted and request.functions:
        return _calls(request, text, wanted, attempt)
    if wanted and not text.strip():
        return _uncalled_for(request, wanted)
    if request.must_call:
        names = [function.name for function in request.functions]
        return _wrong(text, f"Call {_one_of(names)} instead of answering in text.")
    if request.answer is None:
        return Good(text)
    match meeting(bare(text), request.answer, request.answer.told):
        case str(valid):
            return Good(request.answer.ordered(valid))
        case Complaint(sentence):
            return Wrong(sentence, about_text(text, f"{sentence} {demand(request.answer)}"))


def meeting(text: str, schema: Schema, declared: Any) -> str | Complaint:
    """JSON that meets a schema, coerced where that helps; what is wrong with it where it does not."""
    text = readable(text)
    complaint = schema.validate(text)
    if complaint is None:
        return text
    try:
        changed = exact.encode(coerced(exact.decode(text), declared))
    except (ValueError, RecursionError):
        return Complaint(complaint)
    return changed if schema.validate(changed) is None else Complaint(complaint)


def demand(schema: Schema) -> str:
    """How an answer that meets a schema is asked for in words."""
    asked = "Answer with JSON only, without any other text"
    if schema.told is None:
        return f"{asked}."
    return f"{asked}, that meets this JSON schema: {msgspec.json.encode(schema.told).decode()}"


def _calls(request: ModelRequest, text: str, wanted: Sequence[Wanted], attempt: int) -> Good | Wrong:
    functions = {function.name: function for function in request.functions}
    checked = [_checked(call, functions) for call in wanted]
    complaints = [found.sentence for found in checked if isinstance(found, Complaint)]
    if complaints:
        return Wrong(complaints[0], about_calls(text, wanted, checked, functions, attempt))
    return Good(text, tuple(found for found in checked if isinstance(found, Call)))


def _checked(wanted: Wanted, functions: Mapping[str, Function]) -> Call | Complaint:
    name = offered(wanted.name, functions)
    if name is None:
        known = f"There is no function {shortened(wanted.name)!r}" if wanted.name else "No function is named"
        return Complaint(f"{known}; call {_one_of(functions)}.")
    if not is_object(wanted.arguments):
        return Complaint(f"The arguments of {name!r} are not a JSON object: {shortened(wanted.arguments)}")
    match meeting(wanted.arguments, functions[name].parameters, functions[name].declared):
        case str(arguments):
            return Call(name, arguments)
        case Complaint(sentence):
            return Complaint(f"The arguments of {name!r} are wrong: {sentence}")


def _uncalled_for(request: ModelRequest, wanted: Sequence[Wanted]) -> Wrong:
    how = "in text" if request.answer is None else "with JSON"
    return _wrong("", f"There is no function to call now, not even {shortened(wanted[0].name)!r}: answer {how}.")


def _wrong(text: str, sentence: str) -> Wrong:
    return Wrong(sentence, about_text(text, sentence))


def _one_of(functions: Collection[str]) -> str:
    names = ", ".join(map(repr, functions))
    return names if len(functions) == 1 else f"one of {names}"
