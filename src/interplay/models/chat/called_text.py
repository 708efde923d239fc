"""Calls that a model wrote into its text, and that its server did not take out.

It happens where a server runs without the right parser for its model: the calls stand in the tags of its training
(`called`), or, with small models, are all that the text says. Not here: what of a text is shown before it is known
(`call_screen`), calls that the server has read itself (`tool_calls`), or whether they are right (`judging`).
"""

import re
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from interplay.models.chat import limits
from interplay.models.chat.arguments import bare, is_object, values
from interplay.models.chat.called.format import Functions, Written
from interplay.models.chat.called.formats import MARKERS, written
from interplay.models.chat.called.source import Source
from interplay.models.chat.called.tagged import ARGUMENTS, calls_in_value, flat
from interplay.models.chat.halves import readable
from interplay.models.chat.thought_tags import TAGS, parted
from interplay.models.chat.tool_calls import Wanted, offered

_MOST_LOOKED_AT: Final = 2**16
"""Places of one text at which a call is looked for; no text that is not made for it has more."""

_PLACE: Final = re.compile(
    r"(?P<thought><(?:think|thinking|seed:think|thought|reasoning)>|\[THINK\]|<\|channel\|>analysis<\|message\|>)"
    rf"|(?P<marker>{'|'.join(map(re.escape, sorted(MARKERS, key=len, reverse=True)))})"
    r"|(?:(?<=\n)|\A)[ \t]{0,3}(?P<fence>`{3,9}|~{3,9})"
)
"""Where a call may begin, or something in which a call is only spoken of."""

_INDENTS: Final = tuple("\n" + " " * indent for indent in range(4))
"""What stands before the end of a fence: it may be as far in as its beginning, which it is in a list."""

_LONGEST: Final = 2**20
"""Characters of a text in which calls are looked for: the arguments of a call are far shorter."""

_LONGEST_INDENT: Final = 1000
"""Characters before a call that are looked at for whether it stands on a line of its own."""

_QUOTES: Final = {"`": "`", '"': '"', "'": "'", "“": "”", "„": "”“", "«": "»", "»": "«", "‘": "’", "‚": "‘’", "‹": "›"}
"""What opens a quotation, and what may close it."""

_SPOKEN_OF: Final = re.compile(r"\n[ \t]{0,3}>[^\n]*\Z|<(?:code|pre)>\s*\Z|<!--\s*\Z")
"""What stands before a call that is quoted without marks: a line of somebody else's, and code in HTML."""

_LONGEST_HEAD: Final = 500
"""Characters behind a marker before which it is known whether a call begins there."""

_TAGS: Final = re.compile(r"<[^<>\n]*>?|\[[A-Z_]*\]?|```\w*|to=|functions\.|:\d*")
_HEAD_WORDS: Final = ("assistant", "commentary", "analysis", "json", "function", "to", "functions", "default_api.")
"""What may stand there besides the name of a function."""


_TAG_BEGUN: Final = re.compile(r"\s*(?:[<\[`]\S{0,40})?\Z")
"""What stands behind a call where the text was cut before, or in, the tag that closes it."""


class _Found(msgspec.Struct, frozen=True):
    """Calls, and where in the text they begin."""

    start: int
    written: Written


def calls_in(text: str, functions: Functions, shown: int = 0) -> tuple[list[Wanted], str]:
    """The calls in a text, and the text around them; without its first characters, where those are on show.

    Without tags, only a text that says nothing else is a call, and only of one of the functions on offer. Tags inside
    other JSON are part of its strings. With tags, these are calls, right or wrong:

        all that stands in tags, if one of them has a call of a function on offer in it
        all that stands in tags, if the answer is nothing but tags: the model can have meant nothing else

    Else the text merely speaks of calls, as an answer to a question about them does, and is text with its tags; so is
    what stands in quotes, in a fence, and in thoughts. In the middle of a line only a call that can be made is one.
    """
    if shown == len(text) or len(text) > _LONGEST:
        return [], text[shown:]
    if not text[:shown].strip() and (whole := _whole(text, functions)):
        return whole
    found = [each for each in _found(text, functions) if each.start >= shown and each.written.calls]
    calls = [call for each in found for call in each.written.calls]
    around = _around(text, found, shown)
    beside = bool(text[:shown].strip() or around)
    if beside and not any(_is_meant(text, each, functions) for each in found):
        return [], text[shown:]
    return calls, around if calls else text[shown:]


def unopened_call(text: str, functions: Functions) -> str:
    """A text that was cut, without the call that it may have been cut in: half a call is not shown."""
    if len(text) > _LONGEST:
        return text
    last = next(iter(deque(_found(text, functions), maxlen=1)), None)
    end = last.written.end if last else 0
    if last is not None and _TAG_BEGUN.match(text, end):
        return text[:end] if last.written.closed else text[: last.start].rstrip()
    places = [(text.rfind(marker), marker) for marker in MARKERS]
    begun = [at for at, marker in places if at >= end and _may_be_head(text[at + len(marker) :], functions)]
    return text[: min(begun)].rstrip() if begun else text


def _may_be_head(text: str, functions: Functions) -> bool:
    """Whether a call may have been cut here, before it could be told from other text."""
    if len(text) > _LONGEST_HEAD:
        return False
    words = _TAGS.sub(" ", text).split()
    return all(
        word in _HEAD_WORDS or any(known.startswith(word) for known in (*functions, *_HEAD_WORDS)) for word in words
    )


def _whole(text: str, functions: Functions) -> tuple[list[Wanted], str] | None:
    """The same for a text that says nothing else, but for a fence around it; None where it says something."""
    inside = bare(readable(text)).strip()
    found = [_bare(value, functions) for value in flat(values(inside))]
    if found:
        return ([call for calls in found for call in calls], "") if all(found) else ([], text)
    if not text.strip().startswith("```") or inside == text.strip():
        return None
    fenced = list(_found(inside, functions))
    calls = [call for each in fenced for call in each.written.calls]
    return (calls, "") if calls and not _around(inside, fenced, 0) else None


def _bare(value: Any, functions: Functions) -> list[Wanted]:
    """The calls that a value without tags is; none where it may be something else."""
    match value:
        case {"function": dict() as inner} | ({"name": str()} as inner) if any(word in inner for word in ARGUMENTS):
            calls = calls_in_value(inner)
            return calls if all(call.name in functions for call in calls) else []
        case _:
            return []


def _found(text: str, functions: Functions) -> Iterator[_Found]:
    """All that is written as calls are, but for what stands in a fence, in quotes, or in a thought."""
    source, calls = Source(text), 0
    place = 0 if (thought := parted(text)) is None else len(text) - len(thought[1])
    for _ in range(_MOST_LOOKED_AT):
        met = _PLACE.search(text, place)
        if met is None or calls > limits.MOST_CALLS:
            return
        place = met.end()
        if met["marker"] and (found := written(source, met.start(), met["marker"], functions)) is not None:
            place = found.end
            if not _is_quoted(source, met.start(), place):
                calls += len(found.calls)
                yield _Found(met.start(), found)
        elif not met["marker"]:
            place = _behind(source, met)


def _behind(source: Source, met: re.Match[str]) -> int:
    """The end of a fence or a thought; where it has none, it is none."""
    ends = [indent + met["fence"] for indent in _INDENTS] if met["fence"] else [_closing(met["thought"])]
    place, end = min((source.find(end, met.end()), end) for end in ends)
    return met.end() if place == len(source.text) else place + len(end)


def _closing(opened: str) -> str:
    """The tag that ends a thought."""
    return TAGS.get(opened) or opened.replace("<", "</")


def _is_quoted(source: Source, start: int, end: int) -> bool:
    """Whether a call stands in quotes, on one line, or is quoted without marks."""
    before = "\n" * (start <= _LONGEST_INDENT) + source.text[max(start - _LONGEST_INDENT, 0) : start]
    if _SPOKEN_OF.search(before) or (before.endswith("` ") and source.text.startswith(" `", end)):
        return True
    closing = _QUOTES.get(before[-1:], "")
    return any(source.find(quote, end) < source.find("\n", end) for quote in closing)


def _around(text: str, found: list[_Found], shown: int) -> str:
    """The text that is not on show, without the calls and the space around them."""
    parts: list[str] = []
    place = shown
    for each in found:
        before = text[place : each.start].rstrip()
        parts.append(before.lstrip() if parts else before)
        place = each.written.end
    return "".join([*parts, text[place:].strip()])


def _is_meant(text: str, found: _Found, functions: Functions) -> bool:
    """Whether one is a call of a function on offer, though its arguments may be wrong on a line of its own."""
    begin = max(0, found.start - _LONGEST_INDENT)
    line = text[begin : found.start].rpartition("\n")[2]
    own = [call for call in found.written.calls if _is_of(call, functions)]
    return any(not line.strip() or _has_all(call, functions) for call in own)


def _is_of(call: Wanted, functions: Functions) -> bool:
    return offered(call.name, functions) is not None and is_object(call.arguments)


def _has_all(call: Wanted, functions: Functions) -> bool:
    """Whether a call of a function on offer has all arguments that it must have."""
    required = functions[offered(call.name, functions) or call.name].get("required")
    given = msgspec.json.decode(call.arguments, type=dict[str, Any])
    return all(name in given for name in required) if isinstance(required, list) else True
