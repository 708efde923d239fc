"""Observations as log lines on standard error: readable on a terminal, JSON elsewhere."""

import sys

import structlog

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
    Observer,
    RequestServed,
    RunEnded,
    RunLeft,
    RunRecovered,
    RunStarted,
    RunWaits,
    WayLearnt,
)


def logging() -> Observer:
    """An observer that writes one line for each thing an operator wants to know."""
    log = _logger()

    def observe(observation: Observation) -> None:
        match observation:
            case RequestServed() if observation.status >= 400:
                log.info("refused", **_fields(observation))
            case NoticeSent() if observation.failure is not None:
                log.info("webhook", **_fields(observation))
            case RequestServed() | RunStarted() | NoticeSent():
                pass  # metrics count them; a line each would be noise
            case RunEnded():
                log.info("run", **_fields(observation))
            case DecisionsEnded():
                log.info("decisions", **_fields(observation))
            case Fault(where, error):
                log.error("fault", where=where, exc_info=error)
            case _:
                log.info(_word(observation), **_fields(observation))

    return observe


def _logger() -> structlog.typing.FilteringBoundLogger:
    terminal = sys.stderr.isatty()
    processors: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper("%H:%M:%S" if terminal else "iso", utc=not terminal),
    ]
    if terminal:
        processors.append(structlog.dev.ConsoleRenderer())
    else:
        processors += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors,
        wrapper_class=structlog.make_filtering_bound_logger(20),
    )
    return logger


def _fields(observation: Observation) -> dict[str, object]:
    fields = {name: getattr(observation, name) for name in observation.__struct_fields__}
    return {name: _rounded(value) for name, value in fields.items() if value not in (None, "")}


def _rounded(value: object) -> object:
    """Seconds to the microsecond: what is behind it is noise."""
    return round(value, 6) if isinstance(value, float) else value


def _word(
    observation: EngineChanged
    | Limited
    | RunLeft
    | RunWaits
    | HintsTaken
    | WayLearnt
    | RunRecovered
    | Expired
    | BlobsRemoved,
) -> str:
    words = {
        "EngineChanged": "engine",
        "Limited": "limited",
        "RunLeft": "run left",
        "RunWaits": "run waits",
        "HintsTaken": "hints taken",
        "WayLearnt": "learnt",
        "RunRecovered": "recovered",
        "Expired": "expired",
        "BlobsRemoved": "blobs removed",
    }
    return words[type(observation).__name__]
