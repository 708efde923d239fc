"""What every adapter of the port of interactions in progress does."""

from interplay.store.base import Store
from interplay.store.in_progress import Owned

from .conftest import Make
from .samples import ended, new


async def test_an_owner_sees_what_it_has_in_progress(store: Store) -> None:
    """Of all projects; not what has ended, was deleted or is another's."""
    await store.insert(new("a"))
    await store.insert(new("b", project="other"))
    await store.insert(new("c", owner="another"))
    await store.insert(new("d"))
    await store.delete("home", "d")
    await ended(store, "e")
    mine = [Owned("home", "a", cancel_asked=False), Owned("other", "b", cancel_asked=False)]
    assert await _owned(store, "me") == mine
    assert await _owned(store, "another") == [Owned("home", "c", cancel_asked=False)]
    assert await _owned(store, "nobody") == []


async def test_a_wish_to_cancel_is_seen_by_the_owner(store: Store, make: Make) -> None:
    """It is durable, and asked twice it is one wish."""
    await store.insert(new("a"))
    await store.insert(new("b"))
    assert await store.in_progress.ask_to_cancel("home", "a")
    assert await store.in_progress.ask_to_cancel("home", "a")
    other = make()
    await other.open()
    assert await _owned(other, "me") == [Owned("home", "a", cancel_asked=True), Owned("home", "b", cancel_asked=False)]
    await other.close()


async def test_a_wish_outlives_its_interactions_owner(store: Store) -> None:
    """Whoever takes the interaction over sees it."""
    await store.insert(new("a", owner="dead"))
    await store.in_progress.ask_to_cancel("home", "a")
    await store.take_over("next", 0)
    assert await _owned(store, "next") == [Owned("home", "a", cancel_asked=True)]


async def test_only_what_is_in_progress_can_be_asked_for(store: Store) -> None:
    """Not what has ended, is another project's, or is not there."""
    await ended(store, "a")
    await store.insert(new("b", project="other"))
    asked = [await store.in_progress.ask_to_cancel("home", id) for id in ("a", "b", "nothing", "b\0")]
    assert asked == [False] * 4
    assert await _owned(store, "me") == [Owned("other", "b", cancel_asked=False)]


async def test_a_wish_that_is_settled_is_forgotten(store: Store) -> None:
    """An owner sees it no more; one that is not there is no trouble."""
    await store.insert(new("a"))
    await store.in_progress.ask_to_cancel("home", "a")
    await store.in_progress.settled("a")
    await store.in_progress.settled("nothing")
    assert await _owned(store, "me") == [Owned("home", "a", cancel_asked=False)]


async def _owned(store: Store, owner: str) -> list[Owned]:
    return sorted(await store.in_progress.owned(owner), key=lambda each: each.id)
