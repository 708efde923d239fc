"""The model names of Google's that mean "a text model": what goes to the default model when nothing says otherwise.

Names of models that make or read only media are not among them: a text model behind such a name would answer
something else than was asked.
"""

from fnmatch import fnmatchcase
from typing import Final

LISTED: Final = (
    "gemini-flash-latest",
    "gemini-flash-lite-latest",
    "gemini-pro-latest",
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
    "gemini-2.5-pro",
    "gemini-3-flash-preview",
    "gemini-3.1-flash-lite",
    "gemini-3.1-pro-preview",
    "gemini-3.1-pro-preview-customtools",
    "gemini-3.5-flash",
    "gemini-3.5-flash-lite",
    "gemini-3.6-flash",
    "gemini-3.7-flash",
    "gemini-3.8-flash",
    "gemini-4-argon",
    "gemini-4-carbon",
    "gemini-4-hydrogen",
    "gemini-4-neon",
    "gemma-4-26b-a4b-it",
    "gemma-4-31b-it",
)
"""What `GET /models` shows of them."""

_FAMILIES: Final = ("gemini-*", "gemma-*")
_MEDIA: Final = (
    "image",
    "tts",
    "audio",
    "live",
    "transcribe",
    "omni",
    "robotics",
    "computer-use",
    "embedding",
    "banana",
)


def is_text_model(name: str) -> bool:
    """Whether this is, or will be, a text model's name."""
    family = any(fnmatchcase(name, pattern) for pattern in _FAMILIES)
    return family and not any(word in name for word in _MEDIA)
