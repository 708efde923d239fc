"""What the API has and this server does not: each is refused by its own sentence, as 404, whatever is asked of it.

An upgrade to a WebSocket comes here as the plain request that it begins with, so its answer is a 404, too.
Not here: fields of requests that are served (`interplay.engine.admission`).
"""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.routing import Route

from interplay.api import body
from interplay.api.auth import Door
from interplay.errors import not_found
from interplay.wire.decode_environment import create_environment

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
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

Endpoint = Callable[[Request], Awaitable[None]]


class Unserved:
    """The refusals. Nobody without a key is told more than elsewhere."""

    def __init__(self, door: Door, *, max_body: int) -> None:
        self._door = door
        self._max_body = max_body

    def live(self) -> list[Route]:
        """Those that go before `/interactions/{id}`: "live" is nobody's id."""
        paths = ("/interactions/live", "/interactions/live/{rest:path}")
        return [Route(path, self._refusing(_LIVE), methods=_METHODS) for path in paths]

    def routes(self) -> list[Route]:
        """Their part of the route table, behind all that is served."""
        below = [(path + rest, sentence) for path, sentence in _SENTENCES.items() for rest in ("", "/{rest:path}")]
        return [
            Route("/environments", self.create_environment, methods=["POST"]),
            *(Route(path, self._refusing(sentence), methods=_METHODS) for path, sentence in below),
        ]

    async def create_environment(self, request: Request) -> None:
        """A body that is wrong in itself is told so first: it would be as wrong elsewhere."""
        await self._door.caller(request)
        create_environment(await body.read(request, self._max_body) or b"{}")
        raise not_found(_ENVIRONMENTS)

    def _refusing(self, sentence: str) -> Endpoint:
        async def refuse(request: Request) -> None:
            await self._door.caller(request)
            raise not_found(sentence)

        return refuse
