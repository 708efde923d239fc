"""Calls and their results: every result belongs to one call that was made before it, and to no other.

Results may come in any order, all or some: a call without a result can still be answered in a later turn.
"""

from collections.abc import Sequence

from interplay import wire
from interplay.engine.functions import check_name
from interplay.errors import invalid, listed, shown


def check_results(past: Sequence[wire.Step], asked: Sequence[wire.Step]) -> None:
    """Refuse, naming it, a malformed call in `asked`, and a result that answers no call or one that has its result.

    `past` is what the conversation held before, and was checked when it came.
    """
    names = {step.id: step.name for step in past if isinstance(step, wire.FunctionCallStep)}
    answered = {step.call_id for step in past if isinstance(step, wire.FunctionResultStep)}
    for index, step in enumerate(asked):
        match step:
            case wire.FunctionCallStep():
                _check_call(step, f"input[{index}]", names)
                names[step.id] = step.name
            case wire.FunctionResultStep():
                _check_result(step, f"input[{index}]", names, answered)
                answered.add(step.call_id)
            case _:
                pass


def _check_call(step: wire.FunctionCallStep, where: str, names: dict[str, str]) -> None:
    """A call that is sent back may be of a function that is declared no more, but of none that could never be."""
    check_name(step.name, f"{where}.name")
    if not step.id.strip():
        raise invalid(f"'{where}.id' {shown(step.id)} is not valid: expected the id of the call as it was received.")
    if step.id in names:
        raise invalid(f"'{where}.id' {shown(step.id)} is there twice: expected an id of its own.")


def _check_result(step: wire.FunctionResultStep, where: str, names: dict[str, str], answered: set[str]) -> None:
    if step.call_id not in names:
        waiting = [id for id in names if id not in answered]
        expected = f"one of {listed(waiting[:20])}" if waiting else "no result, since no call waits for one"
        raise invalid(
            f"'{where}.call_id' {shown(step.call_id)} is the id of no function call in this conversation: expected "
            f"{expected}."
        )
    if step.call_id in answered:
        raise invalid(f"'{where}.call_id' {shown(step.call_id)} names a call that has its result already.")
    if step.name is not None and step.name != names[step.call_id]:
        raise invalid(
            f"'{where}.name' {shown(step.name)} is not the function of the call {shown(step.call_id)}: expected "
            f"{shown(names[step.call_id])}."
        )
