"""Reasoning as it is shown: in blocks of a paragraph, since every `thought_summary` delta is a block of its own."""

from typing import Final

_LONGEST: Final = 400
"""Characters after which a block is passed on without waiting for its paragraph to end."""


class Summary:
    """What has been thought and not been shown yet."""

    def __init__(self) -> None:
        self._waiting = ""

    def add(self, text: str) -> str:
        """Take more; the block that can be shown now, if there is one."""
        self._waiting += text
        end = self._waiting.rfind("\n\n")
        if end >= 0:
            return self._cut(end + 2)
        if len(self._waiting) >= _LONGEST:
            return self._cut(self._waiting.rfind(" ") + 1 or len(self._waiting))
        return ""

    def rest(self) -> str:
        """The last block."""
        return self._cut(len(self._waiting))

    def _cut(self, length: int) -> str:
        block, self._waiting = self._waiting[:length], self._waiting[length:]
        return block
