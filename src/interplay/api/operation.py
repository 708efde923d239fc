"""A route that says what it takes and gives: the route table is the OpenAPI document's only source."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from starlette.requests import Request
from starlette.routing import Route

Media = Literal["application/json", "text/event-stream", "text/plain"]


class Operation(Route):
    """An endpoint with its description; its summary is the first sentence of the endpoint's docstring."""

    def __init__(
        self,
        method: str,
        path: str,
        endpoint: Callable[[Request], Awaitable[Any]],
        *,
        id: str,
        documented: str | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        gives: Mapping[Media, str | None] | None = None,
        open: bool = False,
    ) -> None:
        super().__init__(path, endpoint, methods=[method])
        self.id = id
        self.method = method.lower()
        self.documented = documented or path.replace(":path}", "}")
        """The path as people write it, where the route takes more."""
        self.query = query or {}
        """Query items and their types."""
        self.headers = headers or {}
        """Headers of its own and their types."""
        self.body = body
        """The schema of the body."""
        self.gives = gives or {"application/json": None}
        """The schemas of the answer, by media type."""
        self.open = open
        """Whether it needs no key, and stands at the root instead of under a version."""

    @property
    def summary(self) -> str:
        """What it is for."""
        return (self.endpoint.__doc__ or "").partition("\n")[0].rstrip(".")
