"""What the API has and this server does not: each is refused by its own sentence, as 404, whatever is asked of it.

An upgrade to a WebSocket comes here as the plain request that it begins with, so its answer is a 404, too.
Not here: fields of requests that are served (`interplay.engine.admission`).
"""

from functools import partial
from typing import Final

from interplay.api.operation import Body, Refusal
from interplay.errors import Failure, not_found
from interplay.wire.decode_environment import create_environment

_ENVIRONMENTS: Final = "Environments are not served yet: there are no sandboxes here."
_LIVE: Final = (
    "Live interactions are not served: there is no socket here. POST /interactions with 'stream' gives events."
)
_SENTENCES: Final = {
    "/interactions/{id}/auth_tokens": (
        "Auth tokens are not served: they open live interactions, which are not served either."
    ),
    "/agents": "Agents are not served yet: POST /interactions takes a 'model'.",
    "/environments": _ENVIRONMENTS,
    "/credentials": "Credentials are not served yet: they are for sandboxes, and there are none here.",
    "/voices": "Voices are not served: no model here speaks.",
}
"""By the path of each, which stands for everything below it too."""


def live() -> list[Refusal]:
    """Those that go before `/interactions/{id}`: "live" is nobody's id."""
    return [Refusal(path, partial(_said, _LIVE)) for path in ("/interactions/live", "/interactions/live/{rest:path}")]


def refusals() -> list[Refusal]:
    """The others, behind all that is served. An environment that is wrong in itself is told so first."""
    below = [(path + rest, sentence) for path, sentence in _SENTENCES.items() for rest in ("", "/{rest:path}")]
    return [
        Refusal("/environments", partial(_said, _ENVIRONMENTS), ("POST",), Body(create_environment)),
        *(Refusal(path, partial(_said, sentence)) for path, sentence in below),
    ]


def _said(sentence: str, _method: str, _path: str) -> Failure:
    return not_found(sentence)
