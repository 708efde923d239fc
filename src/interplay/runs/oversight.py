"""Keeps this server to what the store says of its runs.

It ends those that somebody wants cancelled who has asked another server, and those that are no longer its own: deleted
elsewhere, or taken over while it was paused. A run that writes would find that out by itself; one whose model says
nothing would not.
"""

from interplay.engine.status import CANCELLED
from interplay.errors import Failure
from interplay.runs.live import Live
from interplay.runs.recorder import Gone
from interplay.runs.run import Run
from interplay.store.base import Store
from interplay.store.signals import CancelAsked, Changed, LookEverywhere, Signal, TakenAway, WorkWaits


class Oversight:
    """Looks at the runs of one server."""

    def __init__(self, store: Store, owner: str, live: Live) -> None:
        self._store = store
        self._owner = owner
        self._live = live

    def concerned(self, signal: Signal) -> bool:
        """Whether a signal is a reason to look."""
        match signal:
            case CancelAsked(interactions) | TakenAway(interactions):
                return any(self._live.get(each) for each in interactions)
            case LookEverywhere():
                return True
            case Changed() | WorkWaits():
                return False

    async def tick(self) -> None:
        """Look once."""
        # Those that begin meanwhile may be missing from the answer, and are looked at the next time.
        runs = [run for run in self._live if run.stored and run.is_answering()]
        if not runs:
            return
        try:
            owned = {each.id: each.cancel_asked for each in await self._store.in_progress.owned(self._owner)}
        except Failure:  # the heartbeat says so, and the next look finds what this one has not
            return
        for run in runs:
            if run.is_answering():  # one that has ended meanwhile is not in progress for a good reason
                _judge(run, cancel_asked=owned.get(run.id))


def _judge(run: Run, *, cancel_asked: bool | None) -> None:
    if cancel_asked is None:
        run.storage_failed(Gone())
    elif cancel_asked:
        run.stop(CANCELLED)
