"""The labels that stand for a question's options: letters, because every tokenizer has each of them as one token.

Up to sixteen options have a letter each. More have two, `BC`: the model is asked for the first letter, which stands
for a group of options, and then, with that letter said, for the second. Not here: yes and no, which are words, or what
else the model is shown (`prompt`).
"""

from string import ascii_uppercase
from typing import Final

import msgspec

from interplay.models.base import MOST_OPTIONS

LETTERS: Final = ascii_uppercase[:MOST_OPTIONS]


class Group(msgspec.Struct, frozen=True):
    """Options that share their first letter."""

    letter: str
    start: int
    """The place of its first option among all."""
    size: int

    def seconds(self) -> str:
        """The second letters of its options."""
        return LETTERS[: self.size]


def groups(count: int) -> tuple[Group, ...]:
    """As few groups as hold so many options, of nearly the same size. Not for so few that a letter each is enough."""
    number = -(-count // len(LETTERS))
    starts = [count * index // number for index in range(number + 1)]
    return tuple(
        Group(letter, start, end - start) for letter, start, end in zip(LETTERS, starts, starts[1:], strict=False)
    )


def labels(count: int) -> tuple[str, ...]:
    """The label of each of so many options."""
    if count <= len(LETTERS):
        return tuple(LETTERS[:count])
    return tuple(group.letter + second for group in groups(count) for second in group.seconds())
