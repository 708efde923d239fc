"""For the operator's machinery: alive, ready, metrics."""

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from interplay.api.operation import Operation


class Health:
    """`/healthz`, `/readyz` and `/metrics`; without keys, and without anything worth a key."""

    def __init__(self, ready: Callable[[], dict[str, bool]], metrics: Callable[[], tuple[bytes, str]]) -> None:
        self._ready = ready
        self._metrics = metrics

    def routes(self) -> list[Operation]:
        """The endpoints."""
        return [
            Operation("GET", "/healthz", self.alive, id="isAlive", open=True),
            Operation("GET", "/readyz", self.readiness, id="isReady", open=True),
            Operation("GET", "/metrics", self.metrics, id="getMetrics", open=True, gives={"text/plain": None}),
        ]

    async def alive(self, _: Request) -> Response:
        """200 while the process answers."""
        return Response(b'{"status":"ok"}', media_type="application/json")

    async def readiness(self, _: Request) -> Response:
        """200 when every part is ready, 503 with the parts that are not."""
        parts = self._ready()
        status = 200 if all(parts.values()) else 503
        return Response(msgspec.json.encode({"ready": status == 200, "parts": parts}), status, None, "application/json")

    async def metrics(self, _: Request) -> Response:
        """In the Prometheus text format."""
        content, media_type = self._metrics()
        return Response(content, headers={"content-type": media_type})
