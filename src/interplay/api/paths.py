"""From the path a client sent to the path of our route table.

The SDKs send any version part (`/v1`, `/v1beta`, what `GOOGLE_GENAI_API_VERSION` says, or none), Vertex clients a
project and a location after it, people a prefix before it and doubled slashes (contract, section 13). What counts is
the resource and what follows it.
"""

import re
from typing import Final
from urllib.parse import unquote

from interplay.api.classic import NAMES

_RESOURCES: Final = (
    *("interactions", "models", "decisions", "triggers", "webhooks"),
    *("agents", "environments", "credentials", "voices"),
)
_VERSION: Final = re.compile(r"v\d+((alpha|beta)\d*)?")


def canonical(raw_path: str) -> str:
    """The path from its resource on (`/interactions/...`) for every spelling; others only lose doubled slashes.

    `raw_path` is percent-encoded; the answer is decoded, and a `/` that came as `%2F` is one.
    """
    segments = [unquote(segment) for segment in raw_path.split("/") if segment]
    start = _resource(segments)
    return "/" + "/".join(segments if start is None else segments[start:])


def _resource(segments: list[str]) -> int | None:
    """Where the resource begins: after a version or a Vertex parent if there is one, else its first mention.

    Without a version, a name of an older resource counts only where no other is: it may be a prefix.
    """
    names = [segment.partition(":")[0] for segment in segments]
    found = [index for index, name in enumerate(names) if name in _RESOURCES or name in NAMES]
    for index in found:
        before = segments[index - 1] if index else ""
        if _VERSION.fullmatch(before) or segments[index - 2 : index - 1] in (["locations"], ["publishers"]):
            return index
    return min(found, key=lambda index: (names[index] in NAMES, index), default=None)
