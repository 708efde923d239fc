"""The outbox's rows as what they stand for, for SQLite and Postgres alike. Not here: how they are asked for."""

from typing import Any

from interplay.store.outbox import DeadLetter, Due
from interplay.store.webhooks import SECRETS


def due(row: tuple[Any, ...]) -> Due:
    """A row of what was claimed."""
    id, project, webhook, uri, lane, type, payload, attempts, age, state, secrets = row
    return Due(
        id=id,
        project=project,
        webhook=webhook,
        uri=uri,
        lane=lane,
        type=type,
        payload=payload,
        attempts=attempts,
        age=age,
        state=state,
        secrets=SECRETS.decode(secrets) if secrets is not None else (),
    )


def letter(row: tuple[Any, ...]) -> DeadLetter:
    """A row of what was given up."""
    id, project, webhook, uri, type, attempts, died, reason = row
    return DeadLetter(
        id=id, project=project, webhook=webhook, uri=uri, type=type, attempts=attempts, died=died, reason=reason
    )
