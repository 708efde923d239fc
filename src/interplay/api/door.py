"""The door: the one way from a request to a handler, and back.

    who asks (`auth`) -> the query (`query`) -> the body (`body`) -> the handler -> its answer (`answer`)

All of it is by what is declared (`operation`), so that no handler can forget any of it.
"""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from interplay.api import body
from interplay.api.answer import answer
from interplay.api.auth import Callers
from interplay.api.operation import JSON, Body, Checked, Known, Open, Operation, Refusal
from interplay.api.query import Reader


class Door:
    """Makes routes of what is declared. No body is larger than `max_body` bytes."""

    def __init__(self, callers: Callers, *, max_body: int) -> None:
        self._callers = callers
        self._max_body = max_body

    def route(self, known: Known) -> Route:
        """The route of an operation, of what is open, or of a refusal."""
        match known:
            case Operation():
                return Route(known.path, partial(self._operate, known, Reader(known.query)), methods=[known.method])
            case Open():
                return Route(known.path, partial(self._show, known), methods=[known.method])
            case Refusal():
                return Route(known.path, partial(self._refuse, known), methods=known.methods)

    async def _operate(self, operation: Operation[Any, Any], reader: Reader, request: Request) -> ASGIApp:
        checked = Checked(
            caller=await self._callers.caller(request),
            path=request.path_params,
            query=reader.read(request),
            headers={name: request.headers[name] for name in operation.headers if name in request.headers},
            body=None if operation.body is None else await self._read(operation.body, request),
            receive=request.receive,
        )
        return answer(await operation.handler(checked), JSON)

    async def _show(self, open: Open, request: Request) -> ASGIApp:
        if not open.anywhere:
            self._callers.check_local(request)
        return answer(await open.handler(), open.media)

    async def _refuse(self, refusal: Refusal, request: Request) -> ASGIApp:
        """Who has no key is told no more than elsewhere."""
        await self._callers.caller(request)
        if refusal.body is not None:
            await self._read(refusal.body, request)
        raise refusal.failure(request.method, request.scope["path"])

    async def _read(self, expected: Body[Any], request: Request) -> Any:
        return expected.decode(await body.read(request, self._max_body))
