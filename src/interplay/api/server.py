"""The ASGI application: the route table, and the edge where every failure becomes an answer."""

import time
from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.routing import Match, Route, Router
from starlette.types import Message, Receive, Scope, Send

from interplay.api.cors import Cors
from interplay.api.door import Door
from interplay.api.errors import answer
from interplay.api.operation import Known, Open
from interplay.api.paths import canonical
from interplay.errors import Failure, invalid, let_go, not_found, our_fault
from interplay.observe import Fault, Observer, RequestServed


class Server:
    """Takes a request to its route, which the door has made, and makes sure that it is answered."""

    def __init__(self, known: Sequence[Known], door: Door, cors: Cors, observe: Observer) -> None:
        self._router = Router([door.route(each) for each in known], redirect_slashes=False, default=_no_route)
        self._own = frozenset(each.path.split("/")[1] for each in known if isinstance(each, Open))
        """What the paths at the root begin with."""
        self._cors = cors
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return
        started = time.monotonic()
        scope["path"] = canonical(scope.get("raw_path", scope["path"].encode()).decode("latin-1"), self._own)
        scope["app"] = self  # has the router raise for a wrong method instead of answering in plain text
        sent = _Sent(send, self._cors.headers(scope))
        try:
            await (self._cors.preflight(scope) or self._router)(scope, receive, sent)
        except Failure as failure:
            await self._answer(let_go(failure), scope, receive, sent)
        except HTTPException:
            await self._answer(self._wrong_method(scope), scope, receive, sent)
        except Exception as error:  # noqa: BLE001 - the server's edge
            self._observe(Fault(f"{scope['method']} {_route(scope)}", error))
            let_go(error)
            await self._answer(our_fault(), scope, receive, sent)
        seconds = time.monotonic() - started
        self._observe(RequestServed(scope["method"], _route(scope), sent.status, seconds, sent.failure))

    def _wrong_method(self, scope: Scope) -> Failure:
        here = [route for route in self._router.routes if route.matches(scope)[0] is not Match.NONE]
        methods = sorted({method for route in here if isinstance(route, Route) for method in route.methods or ()})
        return invalid(f"{scope['method']} is not for {scope['path'][:200]}: expected one of {', '.join(methods)}.")

    async def _answer(self, failure: Failure, scope: Scope, receive: Receive, sent: "_Sent") -> None:
        if not sent.status:
            sent.failure = failure.code
            await answer(failure, scope["path"])(scope, receive, sent)


class _Sent:
    """Adds headers, and remembers whether an answer has begun, with which status and of which failure."""

    def __init__(self, send: Send, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0
        self.failure: str | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self._headers:
                message = {**message, "headers": [*message["headers"], *self._headers]}
        await self._send(message)


async def _no_route(scope: Scope, _receive: Receive, _send: Send) -> None:
    raise not_found(f"There is no {scope['method']} {scope['path'][:200]} here. '/openapi.json' shows what there is.")


def _route(scope: Scope) -> str:
    route: Any = scope.get("route")
    return str(route.path) if route is not None else "none"
