"""The labels that stand for a question's options: letters, because every tokenizer has each of them as one token.

At most sixteen options are listed at a time; more are asked in groups. (Labels of two letters, said one after the
other, were tried first: the default model then missed which of thirty cities a sentence named.) Not here: yes and no,
which are words, or what else the model is shown (`prompt`).
"""

from collections.abc import Sequence
from itertools import pairwise
from string import ascii_uppercase
from typing import Final, TypeVar

from interplay.models.base import MOST_OPTIONS

T = TypeVar("T")

LETTERS: Final = ascii_uppercase[:MOST_OPTIONS]


def groups(listed: Sequence[T]) -> list[Sequence[T]]:
    """As few groups as can be listed one by one, of nearly the same size, in the same order."""
    number = -(-len(listed) // len(LETTERS))
    starts = [len(listed) * index // number for index in range(number + 1)]
    return [listed[start:end] for start, end in pairwise(starts)]
