"""Reads `input`, which comes in many shapes, as steps.

    "hello"                              text of the user
    {"type": "text", ...}                one block of the user's content
    [{"type": "text", ...}, ...]         several of them; the JavaScript SDK sends them like this
    [{"type": "user_input", ...}, ...]   steps: the conversation so far, results of functions, new input
    [], null, absent                     nothing: the next part of a run that stopped early

All content becomes one `user_input` step. A `function_result` may stand among content, as the Vercel AI SDK sends it:
it becomes the step that it means, and what is said before and behind it steps of their own. What the client writes
itself is read strictly, `user_input` and `function_result`; steps that repeat an earlier answer may carry fields we do
not know.
"""

from typing import Any, Final, get_args

import msgspec

from interplay.errors import Failure, invalid, listed, shown
from interplay.wire.base import ABSENT
from interplay.wire.complaints import closest, shorten
from interplay.wire.content import Content, TextContent
from interplay.wire.decode_body import decoded
from interplay.wire.steps import (
    FunctionResultStep,
    FunctionResultSubcontent,
    Step,
    UserInputStep,
)
from interplay.wire.strictness import MOST_ITEMS, refuse_unknown
from interplay.wire.tool_steps import MCPServerToolResultStep

_PLAIN: Final = msgspec.json.Decoder()
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_STEP: Final[msgspec.json.Decoder[Step]] = msgspec.json.Decoder(Step)
_CONTENT: Final[msgspec.json.Decoder[Content]] = msgspec.json.Decoder(Content)
_BLOCKS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RESULT_BLOCKS: Final = msgspec.json.Decoder(tuple[FunctionResultSubcontent, ...])

_STEPS: Final[dict[str, type[Step]]] = {kind.__struct_config__.tag: kind for kind in get_args(Step)}
_STEP_TYPES: Final = frozenset(_STEPS)
_CONTENT_TYPES: Final = frozenset(kind.__struct_config__.tag for kind in get_args(Content))

_TURN: Final = '{"type": "user_input", "content": [...]}'
_MODEL_TURN: Final = '{"type": "model_output", "content": [...]}'
_RESULT: Final[str] = FunctionResultStep.__struct_config__.tag  # type: ignore[assignment]
_NOUNS: Final = {True: "a step", False: "a content block"}


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A step of the client's, and where in the request it stands."""

    step: Step
    where: str


def input_steps(raw: msgspec.Raw | None) -> tuple[Step, ...]:
    """What the client sends with this request, in order; empty where it sends nothing."""
    return tuple(sent.step for sent in sent_steps(raw))


def sent_steps(raw: msgspec.Raw | None) -> tuple[Sent, ...]:
    """The same, with the place of each."""
    if raw is None or raw == ABSENT:
        return ()
    match plain(raw, "input"):
        case None | []:
            return ()
        case str(text):
            return (_said("input", TextContent(text=text)),)
        case dict(block):
            if _is_step(block, "input") and not _is_result(block):
                raise invalid(f"'input' is a step ({shown(block['type'])}); a step must stand in a list: [{{...}}].")
            return _turn([raw], [block], ["input"], "input")
        case list(items):
            _refuse_many(items)
            return _from_list(_ITEMS.decode(raw), items)
        case other:
            raise invalid(f"Invalid value for 'input': expected a string, an object or a list, got {shorten(other)}.")


def function_result(
    raw: msgspec.Raw, where: str = "result"
) -> str | tuple[FunctionResultSubcontent, ...] | dict[str, Any]:
    """What a function or a remote tool returned: text, content blocks, or an object of its own making."""
    match plain(raw, where):
        case str(text):
            return text
        case dict(fields):
            return fields
        case list():
            return decoded(_RESULT_BLOCKS, raw, tuple[FunctionResultSubcontent, ...], where)[0]
        case other:
            expected = "a string, a list of content blocks or an object"
            raise invalid(f"Invalid value for '{where}': expected {expected}, got {shorten(other)}.")


def plain(raw: msgspec.Raw, where: str) -> Any:
    """Raw JSON as dicts and lists."""
    return decoded(_PLAIN, raw, Any, where)[0]


def _refuse_many(items: list[Any]) -> None:
    """Steps and blocks are checked one by one: so many that it takes seconds are refused before."""
    contents = (item["content"] for item in items if isinstance(item, dict) and isinstance(item.get("content"), list))
    count = len(items) + sum(map(len, contents))
    if count > MOST_ITEMS:
        raise invalid(f"'input' has {count} steps and content blocks: expected at most {MOST_ITEMS}.")


def _from_list(raws: list[msgspec.Raw], items: list[Any]) -> tuple[Sent, ...]:
    names = [f"input[{index}]" for index in range(len(items))]
    are_steps = [_is_step(item, where) for item, where in zip(items, names, strict=True)]
    if all(are_steps):
        return tuple(sent for step in map(_steps, raws, items, names) for sent in step)
    if all(map(_is_result, (item for item, is_step in zip(items, are_steps, strict=True) if is_step))):
        return _turn(raws, items, names, "input")
    raise _mixed(items, are_steps)


def _turn(raws: list[msgspec.Raw], items: list[Any], names: list[str], root: str) -> tuple[Sent, ...]:
    """Content as the steps that it means: what the user says, around the results of functions."""
    sent: list[Sent] = []
    said: list[Content] = []
    for raw, item, where in zip(raws, items, names, strict=True):
        if not _is_result(item):
            said.append(_content(raw, item, where))
            continue
        sent += [_said(root, *said)] if said else []
        sent.append(Sent(_step(raw, item, where), where))
        said = []
    return (*sent, _said(root, *said)) if said else tuple(sent)


def _is_result(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == _RESULT


def _is_step(item: Any, where: str) -> bool:
    """Whether this is a step; False for a block of content, a Failure for anything else."""
    match item:
        case {"type": str(kind)} if kind in _STEP_TYPES:
            return True
        case {"type": str(kind)} if kind in _CONTENT_TYPES:
            return False
        case {"type": unknown}:
            raise _unknown_type(unknown, where)
        case {"role": _}:
            raise invalid(
                f"'{where}' is a turn with a 'role'; write {_TURN} for the user, {_MODEL_TURN} for the model."
            )
        case dict():
            raise invalid(f"Missing required parameter '{where}.type', got {shorten(item)}. {_valid_types()}")
        case _:
            raise invalid(f"Invalid value for '{where}': expected a step or a content block, got {shorten(item)}.")


def _steps(raw: msgspec.Raw, item: dict[str, Any], where: str) -> tuple[Sent, ...]:
    """A step of the list; more of them where results of functions stand in what the user says."""
    match item:
        case {"type": "user_input", "content": str(text)}:
            refuse_unknown(UserInputStep(), item, where)
            return (_said(where, TextContent(text=text)),)
        case {"type": "user_input", "content": list(blocks)} if any(map(_is_result, blocks)):
            refuse_unknown(UserInputStep(), item, where)
            names = [f"{where}.content[{index}]" for index in range(len(blocks))]
            return _turn(_ITEMS.decode(_BLOCKS.decode(raw)["content"]), blocks, names, where)
        case _:
            return (Sent(_step(raw, item, where), where),)


def _step(raw: msgspec.Raw, item: dict[str, Any], where: str) -> Step:
    step, _ = decoded(_STEP, raw, _STEPS[item["type"]], where)
    match step:
        case UserInputStep():
            refuse_unknown(step, item, where)
        case FunctionResultStep(result=result):
            refuse_unknown(step, _unsigned(item), where)
            refuse_unknown(function_result(result, f"{where}.result"), item["result"], f"{where}.result")
        case MCPServerToolResultStep(result=result):
            function_result(result, f"{where}.result")
        case _:
            pass
    return step


def _unsigned(result: dict[str, Any]) -> dict[str, Any]:
    """A result without the signature of its call, which some clients put on it as well."""
    return {key: value for key, value in result.items() if key != "signature"}


def _content(raw: msgspec.Raw, item: Any, where: str) -> Content:
    content, _ = decoded(_CONTENT, raw, Content, where)
    refuse_unknown(content, item, where)
    return content


def _said(where: str, *content: Content) -> Sent:
    return Sent(UserInputStep(content=content), where)


def _mixed(items: list[Any], are_steps: list[bool]) -> Failure:
    """Steps beside content; results of functions may stand beside either."""
    first, *others = [index for index, item in enumerate(items) if not _is_result(item)]
    odd = next(index for index in others if are_steps[index] != are_steps[first])
    return invalid(
        f"'input[{odd}]' is {_NOUNS[are_steps[odd]]} ({shown(items[odd]['type'])}) in a list that starts with "
        f"{_NOUNS[are_steps[first]]} ({shown(items[first]['type'])}): give only steps or only content blocks."
    )


def _unknown_type(unknown: Any, where: str) -> Failure:
    meant = closest(unknown, _STEP_TYPES | _CONTENT_TYPES) if isinstance(unknown, str) else None
    hint = f"Did you mean {shown(meant)}? " if meant else ""
    return invalid(f"Invalid value for '{where}.type': got {shorten(unknown)}. {hint}{_valid_types()}")


def _valid_types() -> str:
    return f"Content: {listed(sorted(_CONTENT_TYPES))}. Steps: {listed(sorted(_STEP_TYPES))}."
