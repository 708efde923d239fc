"""MiniMax's calls, and those of DeepSeek since 3.2, whose tags have a prefix.

<minimax:tool_call>
<invoke name="get_weather">
<parameter name="city">Paris</parameter>
</invoke>
</minimax:tool_call>

<｜DSML｜function_calls>
<｜DSML｜invoke name="get_weather">
<｜DSML｜parameter name="city" string="true">Paris</｜DSML｜parameter>
</｜DSML｜invoke>
</｜DSML｜function_calls>
"""

import re
from typing import Final

from interplay.models.chat.called.paired import Paired
from interplay.models.chat.called.source import NAME


def _invoked(around: str, prefix: str) -> Paired:
    return Paired(
        markers=(f"<{around}>",),
        head=re.compile(rf'\s{{0,99}}(?:<{around}>\s{{0,99}})?<{prefix}invoke name="({NAME})">'),
        key=re.compile(rf'\s{{0,99}}<{prefix}parameter name="([^"<>\n]{{1,256}})"(?: string="\w{{0,5}}")?>'),
        next_key=f"<{prefix}parameter name=",
        value_end=f"</{prefix}parameter>",
        close=f"</{prefix}invoke>",
        closing=f"</{around}>",
    )


MINIMAX: Final = _invoked("minimax:tool_call", "")
DSML: Final = _invoked("｜DSML｜function_calls", "｜DSML｜")
