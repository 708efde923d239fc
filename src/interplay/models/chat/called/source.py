"""A text that calls are read from, in time that grows no faster than the text."""

import re
from typing import Final

from interplay.models.chat.arguments import end_of_value

NAME: Final = r"[\w.:-]{1,256}"
"""How the name of a function is recognised; whether there is such a function is not asked here."""

_LONGEST_KEY: Final = 600
"""Characters of the longest name of an argument with its tags."""

_SPACE: Final = re.compile(r"\s*")
_FENCE: Final = re.compile(r"```\w{0,20}[ \t]*\n?")
_FENCED: Final = re.compile(r"\s*```")


class Source:
    """One text. What was looked for is remembered, so that looking again and again costs nothing."""

    __slots__ = ("_found", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[str, tuple[int, int]] = {}
        """Where each word was looked for last, and where it stood; the length of the text where it did not."""

    def find(self, word: str, start: int) -> int:
        """Where a word stands next; the length of the text where it does not."""
        looked, found = self._found.get(word, (0, -1))
        if not looked <= start <= found:
            place = self.text.find(word, start)
            found = len(self.text) if place < 0 else place
            self._found[word] = (start, found)
        return found

    def has(self, word: str, place: int) -> bool:
        """Whether a word stands next, nothing but space before it."""
        return bool(word) and self.text.startswith(word, self.behind_space(place))

    def behind(self, word: str, place: int) -> int:
        """The place behind a word that stands next; the same place where another does."""
        return self.behind_space(place) + len(word) if self.has(word, place) else place

    def behind_space(self, place: int) -> int:
        """The place of what stands next that is no space."""
        space = _SPACE.match(self.text, place)
        return space.end() if space else place

    def is_cut(self, place: int, key: str, close: str) -> bool:
        """Whether the text ends here, or in one of these words, or in what the first of them begins."""
        start = self.behind_space(place)
        if len(self.text) - start > _LONGEST_KEY:
            return False
        rest = self.text[start:]
        return key.startswith(rest) or close.startswith(rest) or rest.startswith(key)

    def value(self, place: int, close: str) -> tuple[str, int, bool]:
        """The JSON that begins at a place, where the text goes on, and whether it was closed by a word behind it.

        Up to that word where it is no JSON, so that a string may have the word in it. JSON that no such word follows
        ends by itself.
        """
        text, end = self.text, self._end_of_json(place)
        if self.has(close, end):
            return text[place:end], self.behind(close, end), True
        closing = self.find(close, place) if close else len(text)
        if closing < len(text):
            return text[place:closing], closing + len(close), True
        return text[place:end], end, not close and end < len(text.rstrip())

    def _end_of_json(self, place: int) -> int:
        """The same with a fence around it."""
        fence = _FENCE.match(self.text, self.behind_space(place))
        end = end_of_value(self.text, fence.end() if fence else place)
        fenced = _FENCED.match(self.text, end) if fence else None
        return fenced.end() if fenced else end
