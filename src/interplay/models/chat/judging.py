"""Whether a finished answer is what was asked for, and if not, what to say to the model about it. Pure functions.

Nothing is guessed: what is not plainly right is asked for again (`correcting`), with the model's own answer and a
complaint behind it. A wrong call is complained of where its result would stand, the way models are trained to hear of
it; wrong text, by the user.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from interplay.models.base import Call, Function, ModelRequest
from interplay.models.chat.arguments import unfenced
from interplay.models.chat.coercion import coerced
from interplay.models.chat.messages import Called, Message, ToolCall
from interplay.models.chat.refusals import shortened
from interplay.models.chat.tool_calls import Wanted
from interplay.schemas import Schema

_EXACT: Final = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

_UNREADABLE: Final = "invalid_json"
"""The property that carries arguments that are no JSON: servers refuse a conversation that has such arguments in it."""


class Good(msgspec.Struct, frozen=True):
    """An answer that can be shown; `text` is what there is to show besides the calls."""

    text: str
    calls: tuple[Call, ...] = ()


class Wrong(msgspec.Struct, frozen=True):
    """An answer that cannot."""

    reason: str
    again: tuple[Message, ...]
    """What the model said and what is wrong with it, to be added to the conversation."""


class Complaint(msgspec.Struct, frozen=True):
    """What is wrong with one call or one text, in a sentence."""

    sentence: str


def judge(request: ModelRequest, text: str, wanted: Sequence[Wanted], attempt: int) -> Good | Wrong:
    """What to make of an answer that ended regularly: this text and these calls."""
    if wanted and not request.functions:
        return Good(text) if text.strip() and request.answer is None else _uncalled_for(wanted)
    if wanted:
        return _calls(request, text, wanted, attempt)
    if request.must_call:
        return _objected(text, Complaint(f"Call {_one_of(request.functions)} instead of answering in text."))
    if request.answer is None:
        return Good(text)
    match meeting(unfenced(text), request.answer, sent_schema(request.answer)):
        case str(valid):
            return Good(request.answer.ordered(valid))
        case Complaint(sentence):
            return _objected(text, Complaint(f"{sentence} {demand(request.answer)}"), sentence)


def meeting(text: str, schema: Schema, declared: Any) -> str | Complaint:
    """JSON that meets a schema, coerced where that helps; what is wrong with it where it does not."""
    complaint = schema.validate(text)
    if complaint is None:
        return text
    try:
        changed = _ENCODER.encode(coerced(_EXACT.decode(text), declared)).decode()
    except (ValueError, RecursionError):
        return Complaint(complaint)
    return changed if schema.validate(changed) is None else Complaint(complaint)


def demand(schema: Schema) -> str:
    """How an answer that meets a schema is asked for in words."""
    written = msgspec.json.encode(sent_schema(schema)).decode()
    return f"Answer with JSON only, without any other text, that meets this JSON schema: {written}"


def sent_schema(schema: Schema) -> dict[str, Any]:
    """The schema as it is told to the upstream."""
    sent: dict[str, Any] = schema.for_upstream()["json_schema"]["schema"]
    return sent


def _calls(request: ModelRequest, text: str, wanted: Sequence[Wanted], attempt: int) -> Good | Wrong:
    checked = [_checked(call, request.functions) for call in wanted]
    complaints = [found.sentence for found in checked if isinstance(found, Complaint)]
    if complaints:
        return Wrong(complaints[0], _called_wrongly(text, wanted, checked, attempt))
    return Good(text, tuple(found for found in checked if isinstance(found, Call)))


def _checked(wanted: Wanted, functions: Sequence[Function]) -> Call | Complaint:
    function = next((function for function in functions if function.name == wanted.name), None)
    if function is None:
        return Complaint(f"There is no function {shortened(wanted.name)!r}; call {_one_of(functions)}.")
    if not _is_object(wanted.arguments):
        return Complaint(f"The arguments of {function.name!r} are not a JSON object: {shortened(wanted.arguments)}")
    match meeting(wanted.arguments, function.parameters, function.declared):
        case str(arguments):
            return Call(function.name, arguments)
        case Complaint(sentence):
            return Complaint(f"The arguments of {function.name!r} are wrong: {sentence}")


def _called_wrongly(
    text: str, wanted: Sequence[Wanted], checked: Sequence[Call | Complaint], attempt: int
) -> tuple[Message, ...]:
    """The wrong calls as the model made them, and a complaint behind each; right ones have to be made again too."""
    ids = [f"wrong{attempt}{number:03}" for number in range(len(wanted))]
    calls = tuple(ToolCall(id, Called(call.name, _sendable(call))) for id, call in zip(ids, wanted, strict=True))
    results = (Message("tool", _heard(found), tool_call_id=id) for id, found in zip(ids, checked, strict=True))
    return Message("assistant", text, tool_calls=calls), *results


def _heard(found: Call | Complaint) -> str:
    match found:
        case Complaint(sentence):
            return f"Error: {sentence} Nothing was called. Call again, and correctly."
        case Call():
            return "Error: Nothing was called, because another call was wrong. Repeat this call."


def _sendable(call: Wanted) -> str:
    if _is_object(call.arguments):
        return call.arguments
    return msgspec.json.encode({_UNREADABLE: call.arguments}).decode()


def _uncalled_for(wanted: Sequence[Wanted]) -> Wrong:
    sentence = f"There is no function to call now, not even {shortened(wanted[0].name)!r}: answer in text."
    return _objected("", Complaint(sentence))


def _objected(text: str, complaint: Complaint, reason: str = "") -> Wrong:
    said = (Message("assistant", text),) if text.strip() else ()
    return Wrong(reason or complaint.sentence, (*said, Message("user", complaint.sentence)))


def _is_object(arguments: str) -> bool:
    try:
        msgspec.json.decode(arguments, type=dict)
    except (ValueError, RecursionError):
        return False
    return True


def _one_of(functions: Sequence[Function]) -> str:
    names = ", ".join(repr(function.name) for function in functions)
    return names if len(functions) == 1 else f"one of {names}"
