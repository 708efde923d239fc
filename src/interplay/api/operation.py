"""What the server knows at its port: operations, which it serves, and refusals, which say what it does not serve.

An operation says what it takes and gives. The door (`door`) checks each request by that, and hands the handler only
what it has checked; the OpenAPI document (`openapi`) is made of the same words.
"""

from collections.abc import Awaitable, Callable, Sequence
from inspect import signature
from types import NoneType
from typing import Any, Final, Generic, Literal, TypeVar, get_args, get_type_hints

import msgspec
from starlette.types import Receive

from interplay.caller import Caller
from interplay.errors import Failure

Media = Literal["application/json", "text/plain"]
JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"

EVERY_METHOD: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

Q = TypeVar("Q")
B = TypeVar("B")


class Checked(msgspec.Struct, Generic[Q, B], frozen=True):
    """A request that the door has let in."""

    caller: Caller
    path: dict[str, str]
    """The parameters of the path."""
    query: Q
    """The query items, as the operation's struct of them."""
    headers: dict[str, str]
    """The headers that the operation names, those that were sent."""
    body: B
    """What the operation's decoder made of the body."""
    receive: Receive
    """Tells when the client leaves."""

    @property
    def project(self) -> str:
        """Whose it is."""
        return self.caller.project

    @property
    def id(self) -> str:
        """The resource that the path names."""
        return self.path["id"]


class Body(msgspec.Struct, Generic[B], frozen=True):
    """The body that an operation takes."""

    decode: Callable[[bytes], B]
    """Raises Failure for what it does not take."""
    schema: str | None = None
    """The name of its schema."""
    required: bool = True
    """Whether it may not be left out."""


class Operation(msgspec.Struct, Generic[Q, B], frozen=True):
    """What callers may do. Raises TypeError where its handler takes anything else than what is declared."""

    method: str
    path: str
    handler: Callable[[Checked[Q, B]], Awaitable[object]]
    """Returns a value, which is sent as JSON, bytes, a stream of events, or an `Answer` that says more of one."""
    id: str
    query: type[Q] | None = None
    """The query items: a struct of text, booleans and numbers."""
    headers: tuple[str, ...] = ()
    """Headers of its own."""
    body: Body[B] | None = None
    gives: str | None = None
    """The schema of the answer."""
    streams: bool = False
    """Whether the answer may be a stream of events instead."""

    def __post_init__(self) -> None:
        """Stop the start, where a request would fail."""
        body = NoneType if self.body is None else get_type_hints(self.body.decode)["return"]
        declared = (self.query or NoneType, body)
        taken = get_args(get_type_hints(self.handler)["request"])
        if declared != taken:
            raise TypeError(f"{self.id} declares the query and the body {declared}, and its handler takes {taken}.")


class Open(msgspec.Struct, frozen=True):
    """What is shown to those without a key, at the root instead of under a version. It takes nothing.

    Raises TypeError where its handler takes something.
    """

    path: str
    handler: Callable[[], Awaitable[object]]
    id: str
    media: Media = JSON
    anywhere: bool = False
    """Whether a server without keys, too, shows it under every name: a check of health or a receiver of webhooks may
    know this machine by another. For what tells nothing private only."""
    method: Literal["GET"] = "GET"

    def __post_init__(self) -> None:
        """Stop the start, where a request would fail."""
        if signature(self.handler).parameters:
            raise TypeError(
                f"{self.id} is open, so its handler is given nothing, and it takes {signature(self.handler)}."
            )


class Refusal(msgspec.Struct, frozen=True):
    """What the API has and this server does not, whatever is asked of it."""

    path: str
    failure: Callable[[str, str], Failure]
    """From the method and the path (canonical)."""
    methods: Sequence[str] = EVERY_METHOD
    body: Body[Any] | None = None
    """Read first where it is there: what is wrong in itself is told so."""


Known = Operation[Any, Any] | Open | Refusal
