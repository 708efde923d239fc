"""Mistral's calls in their newer form; the older one is a list of JSON (`tagged`).

[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}
[TOOL_CALLS]get_weather[CALL_ID]aB3dE5fG7[ARGS]{"city": "Paris"}
[TOOL_CALLS]get_weather{"city": "Paris"}
"""

import re
from typing import Final

from interplay.models.chat.called.headed import Headed
from interplay.models.chat.called.source import NAME

MISTRAL: Final = Headed(
    markers=("[TOOL_CALLS]",),
    head=re.compile(
        rf"\s{{0,99}}\[TOOL_CALLS\]\s{{0,99}}({NAME})(?:\[CALL_ID\]\w{{1,64}})?(?:\[ARGS\]|(?=\s{{0,99}}\{{))"
    ),
)
