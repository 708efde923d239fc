"""Calls whose arguments stand in tags of their own, one by one, as text: what Qwen's, GLM's and others' formats are."""

import re
from collections.abc import Iterator

import msgspec

from interplay.models.chat import limits
from interplay.models.chat.called import typed
from interplay.models.chat.called.format import Functions, Written
from interplay.models.chat.called.source import Source
from interplay.models.chat.tool_calls import Wanted, offered


class Paired(msgspec.Struct, frozen=True, kw_only=True):
    """Such a format. `head` matches up to the first argument, `key` up to the value of one; their group is the name."""

    markers: tuple[str, ...]
    head: re.Pattern[str]
    key: re.Pattern[str]
    next_key: str
    """How `key` begins."""
    value_end: str
    close: str
    """What stands behind the arguments of one call."""
    closing: str = ""
    """What may stand behind that."""

    def read(self, source: Source, place: int, functions: Functions) -> Written | None:
        """The calls that follow each other."""
        calls: list[Wanted] = []
        at, closed = place, True
        while len(calls) <= limits.MOST_CALLS and closed and (head := self.head.match(source.text, at)):
            pairs = list(self._pairs(source, head.end()))
            end = pairs[-1][2] if pairs else head.end()
            closed, cut = source.has(self.close, end), source.is_cut(end, self.next_key, self.close)
            if not (pairs or closed or cut):
                break
            declared = functions.get(offered(head[1], functions) or "", {})
            calls.append(Wanted(head[1], typed.arguments([(key, value) for key, value, _ in pairs], declared)))
            at = len(source.text) if cut else source.behind(self.closing, source.behind(self.close, end))
        return Written(calls, at, closed) if calls else None

    def _pairs(self, source: Source, place: int) -> Iterator[tuple[str, str, int]]:
        """Names and texts of arguments, and where each ends. Models forget to close a value now and then."""
        while key := self.key.match(source.text, place):
            end, beyond = (source.find(word, key.end()) for word in (self.value_end, self.next_key))
            if end >= beyond:
                end = min(beyond, source.find(self.close, key.end()))
            place = source.behind(self.value_end, end)
            yield key[1], source.text[key.end() : end], place
