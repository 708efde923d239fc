"""Transcripts: what was asked and the bytes that came, with everything that changes from run to run named instead."""

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import httpx2

FOLDER: Final = Path(__file__).parent

WRITE: Final = "INTERPLAY_WRITE_GOLDEN"
"""Set this variable to write the golden files anew; look at the difference before it is committed."""

_CHANGING: Final = (
    (re.compile(r"v1_[\w-]{20,}"), "INTERACTION"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r'(?<="signature":")[^"]+'), "SIGNATURE"),
)


def normalised(text: str) -> str:
    """The text with a word for each id, time and signature; different ids get different words."""
    for pattern, word in _CHANGING:
        found = list(dict.fromkeys(pattern.findall(text)))
        for number, value in enumerate(found, 1):
            text = text.replace(value, word if word == "TIME" else f"{word}-{number}")
    return text


def exchange(answer: httpx2.Response, body: dict[str, Any] | None = None) -> str:
    """One request and its answer."""
    path = answer.request.url.raw_path.decode()
    asked = f"> {answer.request.method} {path}\n"
    if body is not None:
        asked += f"> {json.dumps(body)}\n"
    return f"{asked}< {answer.status_code} {answer.headers['content-type']}\n{answer.text.rstrip()}\n"


def agrees(name: str, text: str) -> None:
    """The golden file says the same; or now it does, if the variable is set."""
    file = FOLDER / name
    if WRITE in os.environ:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
