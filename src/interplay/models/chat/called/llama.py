"""Llama's calls: in a tag with the name, or behind its python tag, as JSON or as Python.

<function=get_weather>{"city": "Paris"}</function>
<|python_tag|>{"name": "get_weather", "parameters": {"city": "Paris"}}
<|python_tag|>get_weather.call(city="Paris")
"""

import re
from typing import Final

from interplay.models.chat import limits
from interplay.models.chat.arguments import end_of_value
from interplay.models.chat.called import python
from interplay.models.chat.called.format import Functions, Written
from interplay.models.chat.called.headed import Headed
from interplay.models.chat.called.source import NAME, Source
from interplay.models.chat.called.tagged import calls_of
from interplay.models.chat.tool_calls import Wanted

FUNCTION: Final = Headed(
    markers=("<function=",),
    head=re.compile(rf"\s{{0,99}}<function=({NAME})>(?=\s{{0,99}}\{{)"),
    close="</function>",
)

_TAG: Final = "<|python_tag|>"
_ENDS: Final = ("<|eom_id|>", "<|eot_id|>")
_JSON: Final = re.compile(r"[\s;]{0,99}(?=\{)")


class PythonTag:
    """All that stands behind the python tag."""

    markers = (_TAG,)

    def read(self, source: Source, place: int, functions: Functions) -> Written | None:
        """JSON objects with semicolons between them, or calls in Python up to the end."""
        start = place + len(_TAG)
        calls, end = _in_json(source.text, start)
        if calls:
            return Written(calls, _behind_end(source, end), end < len(source.text.rstrip()))
        end = min(source.find(each, start) for each in _ENDS)
        written = python.calls(source, start, end, functions)
        if written or (end == len(source.text) and python.begin(source, start, end, functions)):
            return Written(written, _behind_end(source, end), end < len(source.text))
        return None


PYTHON_TAG: Final = PythonTag()


def _in_json(text: str, at: int) -> tuple[list[Wanted], int]:
    calls: list[Wanted] = []
    while len(calls) <= limits.MOST_CALLS and (begins := _JSON.match(text, at)):
        at = end_of_value(text, begins.end())
        calls += calls_of(text[begins.end() : at])
    return calls, at


def _behind_end(source: Source, place: int) -> int:
    return max(source.behind(each, place) for each in _ENDS)
