"""Gemma's calls: Python in a fence of their own.

```tool_code
print(get_weather(city="Paris"))
```
"""

from typing import Final

from interplay.models.chat.called import python
from interplay.models.chat.called.format import Functions, Written
from interplay.models.chat.called.source import Source

_OPENING: Final = "```tool_code"
_CLOSE: Final = "\n```"


class ToolCode:
    """The fence."""

    markers = (_OPENING,)

    def read(self, source: Source, place: int, functions: Functions) -> Written | None:
        """The calls in it; none where it has other Python in it, or calls of functions that are not on offer."""
        if source.text[source.text.rfind("\n", 0, place) + 1 : place].strip("` \t"):
            return None  # in the middle of a line there is no fence
        start = place + len(_OPENING)
        end = source.find(_CLOSE, start)
        calls = python.calls(source, start, end, functions)
        if calls:
            return Written(calls, min(end + len(_CLOSE), len(source.text)), end < len(source.text))
        if end == len(source.text) and python.begin(source, start, end, functions):
            return Written([], end, closed=False)
        return None


GEMMA: Final = ToolCode()
