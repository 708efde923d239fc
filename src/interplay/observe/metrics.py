"""Observations as Prometheus metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from interplay.observe import (
    BlobsRemoved,
    DecisionsEnded,
    EngineChanged,
    Expired,
    Fault,
    HintsTaken,
    Limited,
    NoticeSent,
    Observation,
    RequestServed,
    RunEnded,
    RunLeft,
    RunRecovered,
    RunStarted,
    RunWaits,
    WayLearnt,
)

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """Counts what happens; one registry per server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "interplay_http_requests", "HTTP requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._request_seconds = Histogram(
            "interplay_http_request_seconds",
            "Time until the last byte was sent.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._running = Gauge("interplay_runs_in_progress", "Interactions in progress.", registry=self._registry)
        self._runs = Counter(
            "interplay_runs_ended", "Interactions that ended.", ("model", "status"), registry=self._registry
        )
        self._waits = Counter(
            "interplay_run_waits", "Pauses of background runs whose model could not answer.", registry=self._registry
        )
        self._decisions = Counter("interplay_decisions", "Questions answered.", ("model",), registry=self._registry)
        self._undecided = Counter(
            "interplay_decisions_failed", "Questions that failed.", ("model", "failure"), registry=self._registry
        )
        self._tokens = Counter(
            "interplay_tokens", "Tokens, by the backends' counts.", ("model", "direction"), registry=self._registry
        )
        self._limited = Counter(
            "interplay_requests_limited", "Requests refused by a limit.", ("limit",), registry=self._registry
        )
        self._engine = Counter(
            "interplay_engine_changes", "The local engine's starts and deaths.", ("change",), registry=self._registry
        )
        self._expired = Counter(
            "interplay_interactions_expired", "Interactions removed by retention.", registry=self._registry
        )
        self._blobs = Counter("interplay_blobs_removed", "Blobs that nobody held any more.", registry=self._registry)
        self._recovered = Counter(
            "interplay_runs_recovered", "Interactions ended after a crash.", registry=self._registry
        )
        self._notices = Counter(
            "interplay_webhook_messages", "Tries to send a message to a webhook.", ("outcome",), registry=self._registry
        )
        self._faults = Counter("interplay_faults", "Errors of the server's own.", registry=self._registry)

    def __call__(self, observation: Observation) -> None:
        """Observe."""
        match observation:
            case RequestServed(method, route, status, seconds, _):
                self._requests.labels(method, route, status).inc()
                self._request_seconds.labels(route).observe(seconds)
            case HintsTaken() | WayLearnt():
                pass  # the log has them; how many there are says nothing of the server
            case RunStarted():
                self._running.inc()
            case RunLeft():
                self._running.dec()
            case RunEnded():
                self._end(observation)
            case DecisionsEnded():
                self._decide(observation)
            case _:
                self._count(observation)

    def _count(
        self,
        observation: EngineChanged | Expired | BlobsRemoved | Limited | NoticeSent | RunRecovered | RunWaits | Fault,
    ) -> None:
        match observation:
            case RunWaits():
                self._waits.inc()
            case EngineChanged():
                self._engine.labels(observation.change).inc()
            case Expired():
                self._expired.inc(observation.count)
            case BlobsRemoved():
                self._blobs.inc(observation.count)
            case Limited():
                self._limited.labels(observation.limit).inc()
            case NoticeSent(failure=failure, given_up=given_up):
                outcome = "given_up" if given_up else "taken" if failure is None else "failed"
                self._notices.labels(outcome).inc()
            case RunRecovered():
                self._recovered.inc()
            case Fault():
                self._faults.inc()

    def exposition(self) -> tuple[bytes, str]:
        """All metrics in the text format, and its media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _end(self, ended: RunEnded) -> None:
        self._running.dec()
        self._runs.labels(ended.model, ended.status).inc()
        self._spent(ended.model, ended.input_tokens, ended.output_tokens)

    def _decide(self, ended: DecisionsEnded) -> None:
        if ended.failure is None:
            self._decisions.labels(ended.model).inc(ended.questions)
        else:
            self._undecided.labels(ended.model, ended.failure).inc(ended.questions)
        self._spent(ended.model, ended.input_tokens, ended.output_tokens)

    def _spent(self, model: str, input_tokens: int, output_tokens: int) -> None:
        self._tokens.labels(model, "input").inc(input_tokens)
        self._tokens.labels(model, "output").inc(output_tokens)
