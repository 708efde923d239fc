"""Calls that are a head with the name, and JSON with the arguments: what most formats are."""

import re
from typing import Final

import msgspec

from interplay.models.chat import limits
from interplay.models.chat.arguments import objects
from interplay.models.chat.called.format import Functions, Written
from interplay.models.chat.called.source import Source
from interplay.models.chat.tool_calls import Wanted


class Headed(msgspec.Struct, frozen=True, kw_only=True):
    """Such a format. `head` matches all that stands before the JSON of one call, the name as its group `name`."""

    markers: tuple[str, ...]
    head: re.Pattern[str]
    close: str = ""
    """What stands behind the JSON of one call; nothing where JSON ends by itself."""
    opening: str = ""
    """What may stand before all calls."""
    closing: str = ""
    """What may stand behind all calls."""

    def read(self, source: Source, place: int, functions: Functions) -> Written | None:  # noqa: ARG002 - the port's
        """The calls that follow each other."""
        calls: list[Wanted] = []
        at, closed = source.behind(self.opening, place), True
        while len(calls) <= limits.MOST_CALLS and (head := self.head.match(source.text, at)):
            inside, at, closed = source.value(head.end(), self.close)
            calls += [Wanted(_named(head), text) for text in objects(inside)]
        return Written(calls, source.behind(self.closing, at), closed) if calls else None


_NUMBER: Final = re.compile(r":\d+\Z")


def _named(head: re.Match[str]) -> str:
    """The name, without the number behind it that Kimi's have."""
    return _NUMBER.sub("", next(filter(None, head.groups()), ""))
