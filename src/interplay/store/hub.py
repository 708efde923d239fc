"""Signals within one process: all of them for a store that only one server has, the last stretch for the others."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from interplay.store.signals import CancelAsked, Changed, Listener, LookEverywhere, Signal, TakenAway, WorkWaits


class Following:
    """A follower of one interaction: the `Attention` of this process."""

    def __init__(self, leave: Callable[["Following"], None]) -> None:
        self._leave = leave
        self._told = asyncio.Event()

    async def news(self, seconds: float) -> None:
        """Return once told since the last call, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._told.wait()
        self._told.clear()

    def wake(self) -> None:
        """Make a waiting `news` return, or the next one."""
        self._told.set()

    def close(self) -> None:
        """Wait no more."""
        self._leave(self)


class Hub:
    """The `Signals` port for one process."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._followers: dict[str, set[Following]] = {}

    def tell(self, signal: Signal) -> None:
        """Tell everybody in this process."""
        for follower in self._concerned(signal):
            follower.wake()
        for listener in self._listeners:
            listener(signal)

    def hear(self, listener: Listener) -> None:
        """Call this with every signal from now on."""
        self._listeners.append(listener)

    def follow(self, interaction: str) -> Following:
        """Wait for signals about one interaction."""
        following = Following(lambda each: self._leave(interaction, each))
        self._followers.setdefault(interaction, set()).add(following)
        return following

    def _leave(self, interaction: str, following: Following) -> None:
        followers = self._followers.get(interaction, set())
        followers.discard(following)
        if not followers:
            self._followers.pop(interaction, None)

    def _concerned(self, signal: Signal) -> Iterable[Following]:
        match signal:
            case Changed(interactions) | TakenAway(interactions):
                named = [self._followers.get(each, ()) for each in interactions]
            case LookEverywhere():
                named = list(self._followers.values())
            case CancelAsked() | WorkWaits():
                named = []
        return [follower for followers in named for follower in followers]
