"""What is known about families of models: how each is best sampled where a request leaves it open, and how it calls.

Fields are named as the llama.cpp server names them. A model that is not listed is sampled as its own file says, or
else as the engine does. Not here: which models there are (`interplay.weights`).
"""

from pathlib import Path

import msgspec

from interplay.models.local.functions.lesson import LESSON, QWEN, Lesson


class Family(msgspec.Struct, frozen=True):
    """Models that behave alike."""

    begins: str
    """How the names of their files begin, in lower case."""
    sampling: dict[str, object]
    """Defaults for fields of a request."""
    lesson: Lesson = LESSON
    """How it learns to call functions."""


FAMILIES = (
    # "2 dogs, how many paws?": right in 20 of 20 tries. In 4 of 8 at 0.5, in 2 of 8 at 0.3 without the penalty.
    Family("qwen2.5", {"temperature": 0.2, "top_p": 0.9, "repeat_penalty": 1.1}, QWEN),
    Family("smollm2", {"temperature": 0.2, "top_p": 0.9, "repeat_penalty": 1.1}),
)


UNKNOWN = Family("", {})


def family_of(model_path: str) -> Family:
    """The family of the model in this file."""
    name = Path(model_path).name.lower()
    return next((family for family in FAMILIES if name.startswith(family.begins)), UNKNOWN)
