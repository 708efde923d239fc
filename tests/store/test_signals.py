"""What every adapter of the port of signals does, and what a store tells by itself."""

import asyncio
from collections.abc import Callable

from interplay.store.base import Store
from interplay.store.postgres import PostgresStore
from interplay.store.signals import CancelAsked, Changed, LookEverywhere, Signal, TakenAway, WorkWaits

from .samples import ended, log, new

LONG = 3600.0
"""Nobody waits so long: whoever returned was told."""


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.signals: list[Signal] = []
        self._more = asyncio.Event()

    def __call__(self, signal: Signal) -> None:
        """Remember one."""
        self.signals.append(signal)
        self._more.set()

    async def until(self, condition: Callable[[list[Signal]], bool]) -> None:
        """Wait until this holds for what was heard."""
        async with asyncio.timeout(20):
            while not condition(self.signals):
                self._more.clear()
                await self._more.wait()


def named(*wanted: Signal) -> Callable[[list[Signal]], bool]:
    """Whether these were heard in this order, others between them or not."""

    def holds(signals: list[Signal]) -> bool:
        left = iter(signals)
        return all(signal in left for signal in wanted)

    return holds


async def listening(store: Store) -> None:
    """Return when nothing more comes of having begun to listen. Where there is only one server that is at once."""
    heard = Heard()
    store.signals.hear(heard)
    if isinstance(store, PostgresStore):
        await heard.until(named(LookEverywhere()))


async def test_what_is_told_is_heard(store: Store) -> None:
    """In the order in which it was told, by every listener of the process."""
    listeners = [Heard(), Heard()]
    for listener in listeners:
        store.signals.hear(listener)
    told = (Changed(("a",)), TakenAway(("b",)), CancelAsked(("c", "d")), WorkWaits(), LookEverywhere())
    for signal in told:
        store.signals.tell(signal)
    for listener in listeners:
        await listener.until(named(*told))


async def test_a_follower_hears_of_its_interaction(store: Store) -> None:
    """Of news that came since it began to wait, or before that since it began to follow; of all when in doubt."""
    following = store.signals.follow("a")
    for signal in (Changed(("x", "a")), TakenAway(("a",)), LookEverywhere()):
        store.signals.tell(signal)
        await following.news(LONG)
        waiting = asyncio.create_task(following.news(LONG))
        await asyncio.sleep(0)
        store.signals.tell(signal)
        await waiting
    following.close()


async def test_a_follower_does_not_hear_of_others(store: Store) -> None:
    """Nor of what is no news to readers; it waits as long as it said, and no longer."""
    await listening(store)
    following, other = store.signals.follow("a"), store.signals.follow("b")
    store.signals.tell(Changed(("b",)))
    store.signals.tell(CancelAsked(("a",)))
    store.signals.tell(WorkWaits())
    waiting = asyncio.create_task(following.news(LONG))
    await other.news(LONG)
    assert not waiting.done()
    following.wake()
    await waiting
    await following.news(0)
    for follower in (following, other):
        follower.close()


async def test_events_and_ends_are_told(store: Store) -> None:
    """By the store itself, once they can be read: of each interaction that was written, not of others."""
    heard = Heard()
    store.signals.hear(heard)
    await store.insert(new("a"))
    await store.insert(new("b", owner="other"))
    await store.append([*log("a", 1, 2), *log("b", 1, 1)], owner="me")
    await heard.until(named(Changed(("a",))))
    heard.signals.clear()
    await ended(store, "c")
    await heard.until(named(Changed(("c",))))
    assert not [signal for signal in heard.signals if isinstance(signal, Changed) and "b" in signal.interactions]


async def test_what_is_taken_away_is_told(store: Store) -> None:
    """A deletion and a takeover, once they hold; neither when nothing was taken."""
    heard = Heard()
    await store.insert(new("a"))
    await store.insert(new("b"))
    store.signals.hear(heard)
    await store.delete("home", "a")
    await store.delete("home", "a")
    await store.take_over("other", 0)
    await store.take_over("other", 0)
    await heard.until(named(TakenAway(("a",)), TakenAway(("b",))))
    assert len([signal for signal in heard.signals if isinstance(signal, TakenAway)]) == 2


async def test_a_wish_to_cancel_is_told(store: Store) -> None:
    """Once it is durable; a wish that comes too late is not."""
    heard = Heard()
    store.signals.hear(heard)
    await store.insert(new("a"))
    assert await store.in_progress.ask_to_cancel("home", "a")
    await heard.until(named(CancelAsked(("a",))))
