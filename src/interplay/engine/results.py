"""Calls and their results: every result belongs to one call that was made before it, and to no other.

Results may come in any order, all or some: a call without a result can still be answered in a later turn.
"""

from collections.abc import Sequence

from interplay import wire
from interplay.engine.functions import check_name
from interplay.engine.repeats import difference
from interplay.errors import invalid, listed, shown
from interplay.wire.decode_input import Sent


def check_results(past: Sequence[wire.Step], asked: Sequence[Sent]) -> None:
    """Refuse, naming it, a malformed call in `asked`, and a result that answers no call or one that has its result.

    `past` is what the conversation held before, and was checked when it came; `asked` has nothing of it.
    """
    if not any(isinstance(sent.step, wire.FunctionCallStep | wire.FunctionResultStep) for sent in asked):
        return
    made = {step.id: step for step in past if isinstance(step, wire.FunctionCallStep)}
    names = {id: call.name for id, call in made.items()}
    answered = {step.call_id for step in past if isinstance(step, wire.FunctionResultStep)}
    for sent in asked:
        match sent.step:
            case wire.FunctionCallStep() as call:
                _check_call(call, sent.where, names, made.get(call.id))
                names[call.id] = call.name
            case wire.FunctionResultStep() as result:
                _check_result(result, sent.where, names, answered)
                answered.add(result.call_id)
            case _:
                pass


def _check_call(
    step: wire.FunctionCallStep, where: str, names: dict[str, str], made: wire.FunctionCallStep | None
) -> None:
    """A call that is sent back may be of a function that is declared no more, but of none that could never be."""
    check_name(step.name, f"{where}.name")
    if not step.id.strip():
        raise invalid(f"'{where}.id' {shown(step.id)} is not valid: expected the id of the call as it was received.")
    if made is not None and (field := difference(made, step)) is not None:
        raise invalid(
            f"'{where}.{field}' {shown(getattr(step, field))} is not that of the call {shown(step.id)} in this "
            f"conversation: expected {shown(getattr(made, field))}, or no call that it has already."
        )
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
    if step.name and step.name != names[step.call_id]:  # some clients write an empty name for none
        raise invalid(
            f"'{where}.name' {shown(step.name)} is not the function of the call {shown(step.call_id)}: expected "
            f"{shown(names[step.call_id])}."
        )
