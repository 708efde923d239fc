"""Calls and their results: every result belongs to one call that was made before it, and to no other.

Results may come in any order, all or some: a call without a result can still be answered in a later turn.
"""

from collections.abc import Sequence

from interplay import wire
from interplay.errors import invalid, listed, shown


def check_results(past: Sequence[wire.Step], asked: Sequence[wire.Step]) -> None:
    """Refuse, naming it, a result in `asked` that answers no call, or one that was answered already.

    `past` is what the conversation held before, and was checked when it came.
    """
    names = {step.id: step.name for step in past if isinstance(step, wire.FunctionCallStep)}
    answered = {step.call_id for step in past if isinstance(step, wire.FunctionResultStep)}
    for index, step in enumerate(asked):
        match step:
            case wire.FunctionCallStep():
                if step.id in names:
                    raise invalid(f"'input[{index}].id' {shown(step.id)} is there twice: expected an id of its own.")
                names[step.id] = step.name
            case wire.FunctionResultStep():
                _check(step, f"input[{index}]", names, answered)
                answered.add(step.call_id)
            case _:
                pass


def _check(step: wire.FunctionResultStep, where: str, names: dict[str, str], answered: set[str]) -> None:
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
