"""The tags around thoughts in a text, and where a thought ends. Not here: an answer that grows (`thinking`)."""

import re
from itertools import islice
from typing import Final

import msgspec

WRITTEN: Final = {
    "<think>": "</think>",  # Qwen, DeepSeek, GLM, MiniMax and most others
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",  # Mistral
}
"""What opens a thought, and what closes it, where both can be written as text."""

TAGS: Final = WRITTEN | {
    "<|channel|>analysis<|message|>": "<|end|>",  # gpt-oss
    "<|start|>assistant<|channel|>analysis<|message|>": "<|end|>",
}
"""The same with those that are control tokens."""

ANSWER: Final = ("<|start|>assistant<|channel|>final<|message|>", "<|channel|>final<|message|>")
"""What gpt-oss writes before its answer."""

_ANY: Final = re.compile("(<think>|<seed:think>)|</think>|</seed:think>")
CLOSED: Final = re.compile(r"</(?:seed:)?think>(?=.)", re.DOTALL)
CLOSED_AT_ONCE: Final = re.compile("</(?:seed:)?think>")
CLOSE: Final = "</think>"
FIRST: Final = (*TAGS, *ANSWER, "</think>", "</seed:think>")
"""What an answer may begin with that is no text."""

_MOST_SPACE: Final = 64
"""Characters of white space that are held, since they may be the last of a thought."""

MOST_SPOKEN_OF: Final = 64
"""Tags that a text speaks of before it is none that ends a thought."""

_QUOTES: Final = "`\"'"


def parted(text: str) -> tuple[str, str] | None:
    """The thought that a text begins with, though nothing opened it, and the rest; None where it begins with none."""
    if _is_json(text):
        return None
    for tag in islice(_ANY.finditer(text), MOST_SPOKEN_OF):
        if not (_is_spoken_of(text, tag) or text.count("```", 0, tag.start()) % 2):
            return None if tag[1] else (text[: tag.start()].strip(), text[tag.end() :].lstrip())
    return None


def _is_json(text: str) -> bool:
    """Whether it is a whole answer in JSON, whatever its strings speak of."""
    if not text.lstrip().startswith(("{", "[")) or "</" not in text:
        return False
    try:
        msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_spoken_of(text: str, tag: re.Match[str]) -> bool:
    """Whether a tag that nothing opened is a word of the text: in quotes, or in the middle of a sentence."""
    before, behind = text[tag.start() - 1 : tag.start()] or "\n", text[tag.end() : tag.end() + 1]
    if before in _QUOTES and behind in _QUOTES and behind:
        return True
    return before in " (" and behind in " ).,;:!?"


def end_of_thought(text: str, close: str) -> int | None:
    """Where a thought that is open is closed: by the first such tag with something behind it, not in quotes."""
    place = text.find(close)
    while 0 <= place < len(text) - len(close):
        before, behind = text[place - 1 : place], text[place + len(close)]
        if not (before and before in _QUOTES and before == behind):
            return place
        place = text.find(close, place + 1)
    return None


def may_end(text: str, close: str) -> int:
    """How many characters at the end may be a part of the tag that closes, with white space or a quote before it."""
    lengths = range(min(len(close), len(text)), 0, -1)
    tag = next((length for length in lengths if close.startswith(text[-length:])), 0)
    before = text[: len(text) - tag]
    space = len(before) - len(before.rstrip())
    if not space and before and before[-1] in _QUOTES:
        space = 1
    return tag + (space if space <= _MOST_SPACE else 0)
