"""Work on every adapter: who gets it, in which order, and what is left of it."""

import asyncio

import msgspec

from interplay.store.base import Store
from interplay.store.interactions import Work
from interplay.store.work import Full

from .samples import ending, log, new


async def _enqueue(store: Store, id: str, *, tier: int = 1, project: str = "home", owner: str = "") -> None:
    work = Work(tier, f"request of {id}".encode())
    await store.insert(msgspec.structs.replace(new(id, project=project, owner=owner), work=work, key="key_1"))


async def _claimed(store: Store, limit: int = 100, server: str = "me") -> list[str]:
    return [claimed.interaction.id for claimed in await store.work.claim(server, "in_progress", limit)]


async def test_work_is_claimed_once_with_all_that_it_takes(store: Store) -> None:
    """Whoever claims it owns the interaction, with its new status, and gets the request and who asked."""
    await _enqueue(store, "a")
    [claimed] = await store.work.claim("me", "running", 10)
    assert (claimed.request, claimed.key, claimed.attempt, claimed.deaths) == (b"request of a", "key_1", 1, 0)
    assert (claimed.interaction.owner, claimed.interaction.status) == ("me", "running")
    assert await store.get("home", "a") == claimed.interaction
    assert await _claimed(store) == []
    assert await store.append(log("a", 1, 2), owner="me") == set()


async def test_tiers_go_before_one_another(store: Store) -> None:
    """Whatever came first."""
    for tier in (2, 1, 0):
        await _enqueue(store, f"tier {tier}", tier=tier)
    assert await _claimed(store) == ["tier 0", "tier 1", "tier 2"]


async def test_a_project_is_not_held_up_by_the_long_line_of_another(store: Store) -> None:
    """Each gets its turn: of a line of ten, only what has its turn comes before the only one of somebody else."""
    for number in range(10):
        await _enqueue(store, f"long {number}", project="long")
    assert await _claimed(store, 3) == ["long 0", "long 1", "long 2"]
    await _enqueue(store, "short", project="short")
    assert await _claimed(store, 2) == ["long 3", "short"]
    assert await _claimed(store) == [f"long {number}" for number in range(4, 10)]


async def test_work_that_is_begun_at_once_does_not_wait(store: Store) -> None:
    """It is its owner's from the beginning, and nobody else's to claim."""
    await _enqueue(store, "a", owner="me")
    assert await _claimed(store, server="other") == []
    assert await store.work.give_back("me") == 1
    [again] = await store.work.claim("other", "in_progress", 1)
    assert (again.attempt, again.deaths) == (2, 0)


async def test_work_waits_again_when_its_owner_is_gone(store: Store) -> None:
    """It is nobody's to end as a failure; what its former owner still writes is refused."""
    await store.seen("alive")
    await _enqueue(store, "dead's", owner="dead")
    await _enqueue(store, "alive's", owner="alive")
    assert await store.take_over("me", 100) == []
    assert await store.work.requeue(100) == 1
    assert await store.append(log("dead's", 1, 1), owner="dead") == {"dead's"}
    assert not await store.finish(ending("dead's", owner="dead"))
    [again] = await store.work.claim("me", "in_progress", 5)
    assert (again.interaction.id, again.attempt, again.deaths) == ("dead's", 2, 1)


async def test_work_that_waits_again_has_its_old_place(store: Store) -> None:
    """Nothing that came later goes first."""
    for name in "abc":
        await _enqueue(store, name)
    assert await _claimed(store, 1) == ["a"]
    await store.work.give_back("me")
    assert await _claimed(store) == ["a", "b", "c"]


async def test_work_that_waits_can_be_taken_out_of_turn(store: Store) -> None:
    """By its own project only, and once."""
    await _enqueue(store, "a")
    await _enqueue(store, "b")
    assert await store.work.take("other", "b", "me") is None
    taken = await store.work.take("home", "b", "me")
    assert taken is not None
    assert (taken.interaction.id, taken.interaction.owner) == ("b", "me")
    assert await store.work.take("home", "b", "me") is None
    assert await _claimed(store) == ["a"]


async def test_what_belongs_to_the_full_is_passed_over(store: Store) -> None:
    """Projects and keys; it keeps its place for when they are not."""
    await _enqueue(store, "a", project="full")
    await _enqueue(store, "b")
    await _enqueue(store, "c", project="other")
    full = Full().and_one("project", "full").and_one("key", "key_2")
    assert [each.interaction.id for each in await store.work.claim("me", "in_progress", 1, full)] == ["b"]
    keys = Full().and_one("key", "key_1")
    assert await store.work.claim("me", "in_progress", 10, keys) == []
    assert await _claimed(store) == ["a", "c"]


async def test_work_that_was_claimed_can_be_released(store: Store) -> None:
    """It waits again, at its old place, as if it had not been claimed; nobody else can release it."""
    for name in "ab":
        await _enqueue(store, name)
    assert await _claimed(store, 1) == ["a"]
    assert not await store.work.release("a", "other", "queued")
    assert await store.work.release("a", "me", "queued")
    assert not await store.work.release("a", "me", "queued")
    stored = await store.get("home", "a")
    assert stored is not None
    assert (stored.status, stored.owner) == ("queued", "")
    [again] = await store.work.claim("me", "in_progress", 1)
    assert (again.interaction.id, again.attempt, again.deaths) == ("a", 1, 0)


async def test_the_work_of_one_key_that_waits_is_counted(store: Store) -> None:
    """Beside its project's."""
    await _enqueue(store, "a")
    assert await store.work.waiting("home", "key_1") == 1
    assert await store.work.waiting("home", "key_2") == 0
    assert await store.work.waiting("other", "key_1") == 0


async def test_nothing_is_left_to_do_for_what_has_ended_or_was_deleted(store: Store) -> None:
    """It is neither claimed nor counted as waiting."""
    for name in ("ended", "deleted", "waiting"):
        await _enqueue(store, name, owner="me" if name == "ended" else "")
    assert await store.finish(ending("ended"))
    assert await store.delete("home", "deleted")
    assert await store.work.waiting("home") == 1
    assert await store.work.waiting("other") == 0
    assert await store.work.requeue(0) == 0
    assert await _claimed(store) == ["waiting"]


async def test_two_servers_never_get_the_same_work(store: Store) -> None:
    """However they claim at once, all is given out and nothing twice."""
    for number in range(60):
        await _enqueue(store, f"w{number}", project=f"p{number % 7}")
    got = await asyncio.gather(*(_claimed(store, 3, f"server {n % 4}") for n in range(24)))
    ids = [id for each in got for id in each]
    assert len(ids) == len(set(ids))
    assert len([*ids, *await _claimed(store)]) == 60
