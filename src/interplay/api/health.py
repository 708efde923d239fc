"""For the operator's machinery: alive, ready, metrics."""

from collections.abc import Callable

from interplay.api.answer import Answer
from interplay.api.operation import Open


class Health:
    """`/healthz`, `/readyz` and `/metrics`; without keys, and without anything worth a key."""

    def __init__(self, ready: Callable[[], dict[str, bool]], metrics: Callable[[], tuple[bytes, str]]) -> None:
        self._ready = ready
        self._metrics = metrics

    def routes(self) -> list[Open]:
        """The endpoints. What says nothing but that the process is there, says it to everybody."""
        return [
            Open("/healthz", self.alive, id="isAlive", anywhere=True),
            Open("/readyz", self.readiness, id="isReady"),
            Open("/metrics", self.metrics, id="getMetrics", media="text/plain"),
        ]

    async def alive(self) -> object:
        """200 while the process answers."""
        return {"status": "ok"}

    async def readiness(self) -> Answer:
        """200 when every part is ready, 503 with the parts that are not."""
        parts = self._ready()
        ready = all(parts.values())
        return Answer({"ready": ready, "parts": parts}, status=200 if ready else 503)

    async def metrics(self) -> Answer:
        """In the Prometheus text format."""
        content, media_type = self._metrics()
        return Answer(content, headers={"content-type": media_type})
