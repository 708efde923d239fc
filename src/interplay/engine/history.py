"""What the model is shown: the conversation so far, and the new input."""

from collections.abc import Iterable

import msgspec

from interplay import wire
from interplay.wire.decode import input_steps


class _Past(msgspec.Struct):
    """The part of a stored Interaction that the history is made of."""

    steps: list[wire.Step] | None = None


_past = msgspec.json.Decoder(_Past)


def turn_steps(input: bytes, resource: bytes) -> list[wire.Step]:
    """The steps of one past turn, what was said to the model first. Both arguments are JSON as it was stored."""
    return [*input_steps(msgspec.Raw(input)), *(_past.decode(resource).steps or ())]


def history(turns: Iterable[tuple[bytes, bytes]]) -> list[wire.Step]:
    """The steps of a conversation, from the (input, resource) pairs of its turns, oldest first."""
    return [step for input, resource in turns for step in turn_steps(input, resource)]
