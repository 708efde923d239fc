"""Qwen3-Coder's calls. Its `<tool_call>` is forgotten now and then, and so is the end of a parameter.

<tool_call>
<function=get_weather>
<parameter=city>
Paris
</parameter>
</function>
</tool_call>
"""

import re
from typing import Final

from interplay.models.chat.called.paired import Paired
from interplay.models.chat.called.source import NAME

QWEN: Final = Paired(
    markers=("<tool_call>", "<function="),
    head=re.compile(rf"\s{{0,99}}(?:<tool_call>\s{{0,99}})?<function=({NAME})>(?!\s*\{{)"),
    key=re.compile(r"\s{0,99}<parameter=([^<>\n]{1,256})>"),
    next_key="<parameter=",
    value_end="</parameter>",
    close="</function>",
    closing="</tool_call>",
)
