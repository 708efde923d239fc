"""The fenced code blocks of the documents, and what is said about each."""

import re
from pathlib import Path
from typing import Final

import msgspec

DOCS: Final = Path(__file__).parents[2] / "docs"

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_RUN: Final = re.compile(r"\*(Not run by the tests|Testy tego nie uruchamiają): .+\.\*\n\n\Z")


class Block(msgspec.Struct, frozen=True):
    """One block."""

    document: str
    line: int
    language: str
    code: str
    not_run: bool
    """Whether the line before it says that the tests do not run it, and why."""
    output: str | None
    """The `text` block right behind it, which is what it prints."""

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """All blocks in these languages, in every document."""
    return [block for file in sorted(DOCS.glob("*.md")) for block in _of(file) if block.language in languages]


def _of(file: Path) -> list[Block]:
    text = file.read_text(encoding="utf-8")
    found = list(_FENCE.finditer(text))
    return [
        _block(file.name, text, match, following) for match, following in zip(found, [*found[1:], None], strict=True)
    ]


def _block(document: str, text: str, match: re.Match[str], following: re.Match[str] | None) -> Block:
    before = text[: match.start()]
    prints = following is not None and following[1] == "text" and not text[match.end() : following.start()].strip()
    return Block(
        document=document,
        line=before.count("\n") + 1,
        language=match[1],
        code=match[2],
        not_run=_NOT_RUN.search(before) is not None,
        output=following[2] if following is not None and prints else None,
    )
