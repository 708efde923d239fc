"""Kimi's calls; behind the name stands the number of the call.

<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>
{"city": "Paris"}<|tool_call_end|><|tool_calls_section_end|>
"""

import re
from typing import Final

from interplay.models.chat.called.headed import Headed
from interplay.models.chat.called.source import NAME

KIMI: Final = Headed(
    markers=("<|tool_calls_section_begin|>", "<|tool_call_begin|>"),
    opening="<|tool_calls_section_begin|>",
    head=re.compile(
        rf"\s{{0,99}}<\|tool_call_begin\|>\s{{0,99}}({NAME})\s{{0,99}}<\|tool_call_argument_begin\|>",
    ),
    close="<|tool_call_end|>",
    closing="<|tool_calls_section_end|>",
)
