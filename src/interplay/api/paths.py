"""From the path a client sent to the path of our route table.

    RESOURCE...                                     no version
    VERSION/RESOURCE...                             any one word, as GOOGLE_GENAI_API_VERSION says
    PREFIX/v1beta/RESOURCE...                       a version of Google's form, behind any path of the operator's
    PREFIX/v1beta1/projects/P/locations/L/RESOURCE...    a Vertex parent, perhaps with publishers/P, and any version

What counts is the resource and what follows it; its name in any other place means nothing. Doubled slashes and
percent-encoding are seen through (contract, section 13).
"""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import unquote

from interplay.api.classic import NAMES

_RESOURCES: Final = (
    *("interactions", "models", "decisions", "triggers", "webhooks"),
    *("agents", "environments", "credentials", "voices"),
)
_VERSION: Final = re.compile(r"v\d+((alpha|beta)\d*)?")


def canonical(raw_path: str, own: Collection[str] = ()) -> str:
    """The path from its resource on (`/interactions/...`) for every spelling; others only lose doubled slashes.

    `raw_path` is percent-encoded; the answer is decoded, and a `/` that came as `%2F` is one. Where a path begins with
    one of the server's `own` names, no resource is looked for in it.
    """
    segments = [unquote(segment) for segment in raw_path.split("/") if segment]
    start = None if segments and segments[0] in own else _resource(segments)
    return "/" + "/".join(segments if start is None else segments[start:])


def _resource(segments: list[str]) -> int | None:
    """Where the resource begins.

    Behind a version of Google's form or a Vertex parent first: the operator's path before it may read like a resource.
    Elsewhere the name of an older resource counts only where no other does, since `upload` stands before others.
    """
    names = [segment.partition(":")[0] for segment in segments]
    found = [index for index, name in enumerate(names) if name in _RESOURCES or name in NAMES]
    for index in found:
        parent = _parent(segments, index)
        if parent < index or _VERSION.fullmatch(segments[index - 1] if index else ""):
            return index
    return min((index for index in found if index <= 1), key=lambda index: (names[index] in NAMES, index), default=None)


def _parent(segments: list[str], end: int) -> int:
    """Where the Vertex parent begins that ends before `end`; `end` where there is none."""
    start = end - 2 if segments[max(end - 2, 0) : end - 1] == ["publishers"] else end
    located = start >= 4 and segments[start - 4] == "projects" and segments[start - 2] == "locations"
    return start - 4 if located else start
