"""From what can go wrong to one sentence on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager


class CommandError(Exception):
    """Why a command could not do its work, in one sentence, and what to do."""


@contextmanager
def explained(*kinds: type[Exception]) -> Iterator[None]:
    """Turn the errors of these kinds, whose messages are written for people, into a CommandError."""
    try:
        yield
    except kinds as error:
        raise CommandError(str(error)) from error
