"""What the model is shown: the conversation so far, and the new input."""

from collections.abc import Iterable

import msgspec

from interplay import wire
from interplay.engine.repeats import fresh
from interplay.wire.decode_input import sent_steps


class _Past(msgspec.Struct):
    """The part of a stored Interaction that the history is made of."""

    steps: list[wire.Step] | None = None


_past = msgspec.json.Decoder(_Past)


def history(turns: Iterable[tuple[bytes, bytes]]) -> list[wire.Step]:
    """The steps of a conversation, from the (input, resource) pairs of its turns, oldest first; all JSON as stored.

    What a client sent again is there once.
    """
    steps: list[wire.Step] = []
    for input, resource in turns:
        steps += [sent.step for sent in fresh(steps, sent_steps(msgspec.Raw(input)))]
        steps += _past.decode(resource).steps or ()
    return steps
