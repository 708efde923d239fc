"""The port of signals: what the servers of a store tell each other at once. Nothing of it is kept.

A signal says where to look, never what is there, and may get lost: whoever listens looks by himself as well, about
every `LOOK_SECONDS`. A server hears its own signals too. `tests/store/test_signals.py` runs over all adapters.
"""

from collections.abc import Callable
from typing import Final, Protocol

import msgspec

LOOK_SECONDS: Final = 1.0
"""Between two looks of whoever has heard nothing."""


class Changed(msgspec.Struct, frozen=True, tag="changed"):
    """These interactions have new events, or have ended."""

    interactions: tuple[str, ...]


class TakenAway(msgspec.Struct, frozen=True, tag="taken_away"):
    """These interactions are no longer who began them: deleted, or taken over."""

    interactions: tuple[str, ...]


class CancelAsked(msgspec.Struct, frozen=True, tag="cancel_asked"):
    """Somebody wants these interactions cancelled (`in_progress.InProgress`)."""

    interactions: tuple[str, ...]


class WorkWaits(msgspec.Struct, frozen=True, tag="work_waits"):
    """There is work for whoever has room for it."""


class LookEverywhere(msgspec.Struct, frozen=True, tag="look_everywhere"):
    """Something was missed, or was too much to be named."""


Signal = Changed | TakenAway | CancelAsked | WorkWaits | LookEverywhere
Listener = Callable[[Signal], None]


def waking(wake: Callable[[], None], concerned: Callable[[Signal], bool]) -> Listener:
    """A listener that wakes somebody by the signals that concern him."""

    def listener(signal: Signal) -> None:
        if concerned(signal):
            wake()

    return listener


class Attention(Protocol):
    """What one follower of one interaction waits with."""

    async def news(self, seconds: float) -> None:
        """Return once there was a signal about the interaction since the last call, or after so many seconds."""

    def wake(self) -> None:
        """Make a waiting `news` return, or the next one."""

    def close(self) -> None:
        """Wait no more."""


class Signals(Protocol):
    """What is told and heard. Telling and hearing return at once."""

    def tell(self, signal: Signal) -> None:
        """Tell all servers of the store. What is told while an earlier signal is on its way travels together."""

    def hear(self, listener: Listener) -> None:
        """Call this with every signal from now on."""

    def follow(self, interaction: str) -> Attention:
        """Wait for signals about one interaction from now on. To be closed."""
