"""What the model is shown: the conversation so far, and the new input."""

from collections.abc import Iterable

import msgspec

from interplay import wire
from interplay.engine.repeats import Known
from interplay.wire.decode_input import sent_steps


class _Past(msgspec.Struct):
    """The part of a stored Interaction that the history is made of."""

    steps: list[wire.Step] | None = None


_past = msgspec.json.Decoder(_Past)


def history(turns: Iterable[tuple[bytes, bytes]]) -> list[wire.Step]:
    """The steps of a conversation, from the (input, resource) pairs of its turns, oldest first; all JSON as stored.

    What a client sent again is there once.
    """
    known = Known()
    for input, resource in turns:
        known.add([sent.step for sent in known.fresh(sent_steps(msgspec.Raw(input)))])
        known.add(_past.decode(resource).steps or ())
    return known.steps
