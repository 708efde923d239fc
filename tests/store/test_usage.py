"""The usage on every adapter: what is added, once, and what is told of it."""

import asyncio

import msgspec

from interplay.store.base import Store
from interplay.store.usage import Spent, UsageRow, Used

from .samples import ending, key, new

USED = Used(day="2026-11-27", input=10, cached=4, output=20, thought=3)


def _spent(model: str = "m", key: str = "key_1", day: str = USED.day) -> Spent:
    return Spent(project="home", key=key, model=model, used=msgspec.structs.replace(USED, day=day))


async def _asked(store: Store, id: str, key: str = "key_1") -> None:
    await store.insert(msgspec.structs.replace(new(id), key=key))


async def _row(store: Store) -> UsageRow:
    [row] = await store.usage.rows()
    return row


async def test_the_end_of_an_interaction_is_counted_once(store: Store) -> None:
    """For its project, key, model and day; its end said again, and its deletion, change nothing."""
    await store.add_key(key("key_1"), b"digest")
    await _asked(store, "a")
    assert await store.finish(ending("a", used=USED))
    assert not await store.finish(ending("a", used=USED))
    assert await store.delete("home", "a")
    expected = UsageRow(project="home", key="key_1", hint="abcd", model="gemini-3.5-flash", used=USED, requests=1)
    assert await _row(store) == expected


async def test_what_has_no_end_in_the_store_is_added_to_the_same_row(store: Store) -> None:
    """The tokens and the requests of both are one sum."""
    await _asked(store, "a")
    assert await store.finish(ending("a", used=USED))
    await store.usage.add("me", 1, [_spent("gemini-3.5-flash"), _spent("gemini-3.5-flash")])
    row = await _row(store)
    assert (row.requests, row.used) == (3, Used(day=USED.day, input=30, cached=12, output=60, thought=9))


async def test_a_batch_is_added_once(store: Store) -> None:
    """A writer that does not know whether its batch was written sends it again, and another writer has its own."""
    await store.usage.add("me", 1, [_spent()])
    await store.usage.add("me", 1, [_spent()])
    assert (await _row(store)).requests == 1
    await store.usage.add("me", 2, [_spent()])
    await store.usage.add("other", 1, [_spent()])
    assert (await _row(store)).requests == 3


async def test_writers_that_add_at_once_lose_nothing(store: Store) -> None:
    """Whatever the order of their rows."""
    spent = [_spent(f"m{number}") for number in range(9)]
    batches = [store.usage.add(f"writer {n}", 1, spent if n % 2 else spent[::-1]) for n in range(20)]
    await asyncio.gather(*batches)
    assert {row.requests for row in await store.usage.rows()} == {20}


async def test_tidying_changes_nothing_that_is_shown(store: Store) -> None:
    """However many do it at once, and while others add."""
    for number in range(8):
        await _asked(store, f"v1_{number}", f"key_{number % 3}")
    tidying = [store.usage.tidy() for _ in range(3)]
    ending_all = [store.finish(ending(f"v1_{number}", used=USED)) for number in range(8)]
    await asyncio.gather(*tidying, *ending_all, *(store.usage.tidy() for _ in range(3)))
    before = await store.usage.rows()
    assert sum(row.requests for row in before) == 8
    await store.usage.tidy()
    await store.usage.tidy()
    assert await store.usage.rows() == before


async def test_days_from_and_until_are_included(store: Store) -> None:
    """Either bound may be left out."""
    days = ("2026-11-25", "2026-11-26", "2026-11-27")
    await store.usage.add("me", 1, [_spent(day=day) for day in days])
    for since, until, found in (
        (None, None, days),
        ("2026-11-26", None, days[1:]),
        (None, "2026-11-26", days[:2]),
        ("2026-11-26", "2026-11-26", days[1:2]),
    ):
        assert tuple(row.used.day for row in await store.usage.rows(since, until)) == found


async def test_a_revoked_key_keeps_its_hint(store: Store) -> None:
    """So that people know which one it was; without a key there is none."""
    await store.add_key(key("key_1"), b"digest")
    await store.usage.add("me", 1, [_spent(), _spent(key="")])
    assert await store.revoke_key("key_1", 2.0)
    assert [(row.key, row.hint) for row in await store.usage.rows()] == [("", ""), ("key_1", "abcd")]


async def test_a_model_may_have_any_name(store: Store) -> None:
    """Whatever a client has asked for can be counted."""
    await store.usage.add("me", 1, [_spent("a\0b")])
    assert (await _row(store)).model in ("a\0b", "a\ufffdb")
