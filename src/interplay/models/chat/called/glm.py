"""GLM's calls.

<tool_call>get_weather
<arg_key>city</arg_key>
<arg_value>Paris</arg_value>
</tool_call>
"""

import re
from typing import Final

from interplay.models.chat.called.paired import Paired
from interplay.models.chat.called.source import NAME

GLM: Final = Paired(
    markers=("<tool_call>",),
    head=re.compile(rf"\s{{0,99}}<tool_call>\s{{0,99}}({NAME})(?=\s{{0,99}}(?:<arg_key>|</tool_call>))"),
    key=re.compile(r"\s{0,99}<arg_key>\s{0,99}([^<>\n]{1,256}?)\s{0,99}</arg_key>\s{0,99}<arg_value>"),
    next_key="<arg_key>",
    value_end="</arg_value>",
    close="</tool_call>",
)
