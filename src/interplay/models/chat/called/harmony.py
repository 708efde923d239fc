"""The calls of gpt-oss, in the messages of its harmony format; whom a message goes to stands in one of two places.

<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city": "Paris"}<|call|>
<|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>{"city": "Paris"}<|call|>
"""

import re
from typing import Final

from interplay.models.chat.called.headed import Headed
from interplay.models.chat.called.source import NAME

_CHANNEL: Final = r"<\|channel\|>\s{0,9}+(?:commentary|analysis)"
_FORM: Final = r"\s{0,9}+(?:<\|constrain\|>)?+\s{0,9}+\w{0,20}+\s{0,9}+<\|message\|>"
_TO: Final = rf"to=((?>{NAME}))"
"""Nothing here is tried in a second way, so that a marker takes no longer than what stands behind it."""

HARMONY: Final = Headed(
    markers=("<|channel|>", "<|start|>assistant"),
    head=re.compile(
        rf"\s{{0,99}}+(?:<\|start\|>assistant)?+\s{{0,9}}+(?:{_CHANNEL}\s{{1,9}}+{_TO}"
        rf"|(?<=\s){_TO}\s{{0,9}}+{_CHANNEL}){_FORM}"
    ),
    close="<|call|>",
)
