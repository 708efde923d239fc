"""DeepSeek's calls until 3.1: the name stands behind the word `function`, its JSON in a fence; since 3.1 neither.

<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather
```json
{"city": "Paris"}
```<｜tool▁call▁end｜><｜tool▁calls▁end｜>

<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Paris"}<｜tool▁call▁end｜>
"""

import re
from typing import Final

from interplay.models.chat.called.headed import Headed
from interplay.models.chat.called.source import NAME

DEEPSEEK: Final = Headed(
    markers=("<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>"),
    opening="<｜tool▁calls▁begin｜>",
    head=re.compile(
        rf"\s{{0,99}}<｜tool▁call▁begin｜>\s{{0,99}}"
        rf"(?:function<｜tool▁sep｜>({NAME})(?=\s)|({NAME})<｜tool▁sep｜>)"
    ),
    close="<｜tool▁call▁end｜>",
    closing="<｜tool▁calls▁end｜>",
)
