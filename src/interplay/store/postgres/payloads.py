"""Signals as payloads of NOTIFY: gathered while others are on their way, split to what Postgres takes, read again."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from interplay.store.signals import CancelAsked, Changed, LookEverywhere, Signal, TakenAway, WorkWaits

FAST: Final = "set_config('synchronous_commit', 'off', true)"
"""Makes the commit of this transaction not wait for the disk."""
NOTIFY: Final = "SELECT count(pg_notify('interplay', payload)) FROM unnest(%(told)s::text[]) AS payload"
LISTEN: Final = "LISTEN interplay"
_MOST_BYTES: Final = 7_800
"""Of the names in a payload, which Postgres wants shorter than 8,000 bytes in all."""
_MOST_PAYLOADS: Final = 8
"""At once. What would take more is said as: look everywhere."""


class Said(msgspec.Struct, frozen=True):
    """One payload."""

    server: str
    """Who says it, so that who said it need not hear it twice."""
    signal: Signal


class Gathering:
    """The signals of one server that are still to be sent, each thing once."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._waiting: dict[Signal, None] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, signal: Signal) -> None:
        """One more."""
        self._waiting[signal] = None

    def take(self) -> list[str]:
        """The payloads of all of them, which are forgotten here."""
        waiting, self._waiting = self._waiting, {}
        return payloads(self._server, waiting)


def payloads(server: str, signals: Iterable[Signal]) -> list[str]:
    """What says all of these, each thing once."""
    told = list(_together(signals))
    if LookEverywhere() in told or len(told) > _MOST_PAYLOADS:
        told = [LookEverywhere()]
    return [msgspec.json.encode(Said(server, signal)).decode() for signal in told]


def heard(payload: str) -> Said:
    """What a payload says; one that this release cannot read says: look everywhere."""
    try:
        return _said.decode(payload)
    except msgspec.MsgspecError:
        return Said("", LookEverywhere())


_said = msgspec.json.Decoder(Said)


def _together(signals: Iterable[Signal]) -> Iterator[Signal]:
    named: dict[type[Changed | TakenAway | CancelAsked], dict[str, None]] = {}
    for signal in signals:
        match signal:
            case Changed(interactions) | TakenAway(interactions) | CancelAsked(interactions):
                named.setdefault(type(signal), {}).update(dict.fromkeys(interactions))
            case WorkWaits() | LookEverywhere():
                yield signal
    for kind, names in named.items():
        for part in _parts(names):
            yield kind(part) if _length(part) <= _MOST_BYTES else LookEverywhere()


def _parts(interactions: Iterable[str]) -> Iterator[tuple[str, ...]]:
    part: list[str] = []
    size = 0
    for interaction in interactions:
        length = _length([interaction])
        if part and size + length > _MOST_BYTES:
            yield tuple(part)
            part, size = [], 0
        part.append(interaction)
        size += length
    yield tuple(part)


def _length(interactions: Sequence[str]) -> int:
    """A bit more than they take."""
    return len(msgspec.json.encode(interactions))
