"""How much of an upstream's answer is read before it is given up: far more than a model says that is not broken."""

from typing import Final

from interplay.errors import Failure, invalid_answer

LONGEST_ANSWER: Final = 64 * 2**20
"""Bytes of an answer, whole or streamed."""

LONGEST_EVENT: Final = 16 * 2**20
"""Bytes of one event of a stream."""

MOST_CALLS: Final = 512
"""Calls in one answer."""


def too_long() -> Failure:
    """The failure of an answer that does not end."""
    return Failure("bad_gateway", f"the upstream's answer is longer than {LONGEST_ANSWER} bytes")


def too_long_an_event() -> Failure:
    """The failure of a stream with an event that does not end."""
    return Failure("bad_gateway", f"the upstream sent an event of more than {LONGEST_EVENT} bytes")


def too_many_calls() -> Failure:
    """The failure of an answer that calls and calls. It is the model that does: asked again, it would again."""
    return invalid_answer(f"the upstream's model made more than {MOST_CALLS} calls in one answer")
