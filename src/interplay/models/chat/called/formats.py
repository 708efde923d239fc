"""All formats, by what they begin with."""

from typing import Final

from interplay.models.chat.called import mistral, tagged
from interplay.models.chat.called.deepseek import DEEPSEEK
from interplay.models.chat.called.format import Format, Functions, Written
from interplay.models.chat.called.gemma import GEMMA
from interplay.models.chat.called.glm import GLM
from interplay.models.chat.called.harmony import HARMONY
from interplay.models.chat.called.invoked import DSML, MINIMAX
from interplay.models.chat.called.kimi import KIMI
from interplay.models.chat.called.llama import FUNCTION, PYTHON_TAG
from interplay.models.chat.called.qwen import QWEN
from interplay.models.chat.called.source import Source

FORMATS: Final[tuple[Format, ...]] = (
    tagged.HERMES,
    tagged.GRANITE,
    tagged.MISTRAL,
    mistral.MISTRAL,
    QWEN,
    GLM,
    MINIMAX,
    DSML,
    HARMONY,
    DEEPSEEK,
    KIMI,
    FUNCTION,
    PYTHON_TAG,
    GEMMA,
)

MARKERS: Final = tuple(dict.fromkeys(marker for format in FORMATS for marker in format.markers))
"""What calls begin with."""

_BY_MARKER: Final = {marker: [each for each in FORMATS if marker in each.markers] for marker in MARKERS}


def written(source: Source, place: int, marker: str, functions: Functions) -> Written | None:
    """The calls that begin with a marker at a place, in whichever format; None where the text only speaks of it."""
    found = (each.read(source, place, functions) for each in _BY_MARKER[marker])
    return next(filter(None, found), None)
