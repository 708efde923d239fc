"""What every adapter of the store port does. Disk trouble and crashes: `test_sqlite.py`, `test_crash.py`."""

import asyncio

import msgspec
import pytest

from interplay.errors import Failure
from interplay.store.base import Store
from interplay.store.interactions import LoggedEvent

from .conftest import Make, held
from .samples import ended, ending, key, line, log, new, outcome, turn

# Interactions


async def test_get_returns_what_was_inserted(store: Store) -> None:
    """An accepted interaction can be read back as it was given."""
    await store.insert(new("a"))
    found = await store.get("home", "a")
    assert found is not None
    assert (found.project, found.id, found.status, found.owner) == ("home", "a", "in_progress", "me")
    assert (found.input, found.resource) == (b'"input of a"', b"{}")


async def test_payloads_come_back_byte_for_byte(store: Store) -> None:
    """The store does not look inside payloads: any bytes of any length survive."""
    payload = bytes(range(256)) * 5000
    await ended(store, "a")
    await store.append([LoggedEvent("a", 1, payload)], owner="me")
    assert (await store.events("a"))[0].payload == payload


async def test_get_of_an_unknown_id_is_none(store: Store) -> None:
    """What is not there is None, not an error."""
    assert await store.get("home", "nothing") is None


async def test_everything_survives_a_restart(make: Make) -> None:
    """What was written is there when another store opens the same data."""
    first, second = make(), make()
    await first.open()
    await ended(first, "a")
    await first.insert(new("b", "a"))
    await first.append(log("b", 1, 3), owner="me")
    await first.add_key(key("k"), b"digest")
    await first.close()
    await second.open()
    assert await line(second, "b") == ["a", "b"]
    assert await second.events("b") == log("b", 1, 3)
    assert await second.find_key(b"digest") == key("k")
    await second.close()


async def test_an_insert_is_visible_to_another_store_at_once(store: Store, make: Make) -> None:
    """What `insert` returned for is committed, not kept in this process."""
    other = make()
    await other.open()
    await store.insert(new("a"))
    assert await other.get("home", "a") is not None
    await other.close()


async def test_an_id_is_taken_once(store: Store) -> None:
    """A second interaction of the same id is refused, and the first stays as it was."""
    await ended(store, "a")
    with pytest.raises(Failure) as caught:
        await store.insert(new("a", project="other"))
    assert caught.value.code == "internal"
    assert await line(store, "a") == ["a"]


async def test_what_is_no_text_everywhere_is_only_not_there(store: Store) -> None:
    """A NUL in an id finds nothing, and one in a model's name is no reason to refuse."""
    await ended(store, "a")
    assert await store.get("home", "a\0") is None
    assert await store.events("a\0") == []
    assert not await store.delete("home", "a\0")
    with pytest.raises(Failure) as caught:
        await store.insert(new("b", "a\0"))
    assert caught.value.code == "not_found"
    await store.insert(msgspec.structs.replace(new("b"), model="gemini-\0"))
    assert await store.get("home", "b") is not None


async def test_finish_sets_status_and_resource(store: Store) -> None:
    """A finished interaction answers with its terminal status and whole resource."""
    await store.insert(new("a"))
    assert await store.finish(ending("a", resource=b"whole"))
    found = await store.get("home", "a")
    assert found is not None
    assert (found.status, found.resource, found.input) == ("completed", b"whole", b'"input of a"')


async def test_finish_works_once(store: Store) -> None:
    """The first terminal status wins."""
    await ended(store, "a")
    assert not await store.finish(ending("a", status="failed", resource=b"late"))
    found = await store.get("home", "a")
    assert found is not None
    assert (found.status, found.resource) == ("completed", outcome("a"))


async def test_finish_after_delete_changes_nothing(store: Store) -> None:
    """An interaction deleted while it ran does not come back when its run ends."""
    await store.insert(new("a"))
    assert await store.delete("home", "a")
    assert not await store.finish(ending("a", resource=b"whole"))
    assert await store.get("home", "a") is None


async def test_finish_of_an_unknown_interaction_is_false(store: Store) -> None:
    """There is nothing to finish."""
    assert not await store.finish(ending("nothing", resource=b"whole"))


# Tenancy


async def test_another_projects_interaction_cannot_be_seen_or_touched(store: Store) -> None:
    """Get, finish and delete of another project's id behave as if it did not exist."""
    await store.insert(new("a"))
    assert await store.get("other", "a") is None
    assert not await store.finish(ending("a", project="other", resource=b"whole"))
    assert not await store.delete("other", "a")
    found = await store.get("home", "a")
    assert found is not None
    assert found.status == "in_progress"


async def test_another_projects_history_is_not_found(store: Store) -> None:
    """A conversation is read by its own project only."""
    await ended(store, "a")
    with pytest.raises(Failure) as caught:
        await store.history("other", "a")
    assert caught.value.code == "not_found"


async def test_another_projects_turn_cannot_be_gone_on_from(store: Store) -> None:
    """A `previous_id` of another project is not found, and nothing is inserted."""
    await ended(store, "a")
    with pytest.raises(Failure) as caught:
        await store.insert(new("b", "a", project="other"))
    assert caught.value.code == "not_found"
    assert await store.get("other", "b") is None


# Conversations


async def test_history_is_the_conversation_oldest_first(store: Store) -> None:
    """A chain of turns comes back in order, each with its input and resource."""
    await ended(store, "a")
    await ended(store, "b", "a")
    await ended(store, "c", "b")
    assert await store.history("home", "c") == [turn("a"), turn("b"), turn("c")]
    assert await line(store, "b") == ["a", "b"]


async def test_history_includes_a_turn_in_progress(store: Store) -> None:
    """The turn that was asked for is part of its history before it has ended."""
    await ended(store, "a")
    await store.insert(new("b", "a"))
    assert await line(store, "b") == ["a", "b"]


async def test_history_of_an_unknown_turn_is_not_found(store: Store) -> None:
    """A turn that is not there has no history."""
    with pytest.raises(Failure) as caught:
        await store.history("home", "nothing")
    assert caught.value.code == "not_found"


async def test_any_turn_can_be_gone_on_from_many_times(store: Store) -> None:
    """Each child of a turn sees the turn's past and none of its siblings."""
    await ended(store, "a")
    await ended(store, "b", "a")
    for child in ("c1", "c2", "c3"):
        await ended(store, child, "a")
        assert await line(store, child) == ["a", child]
    await ended(store, "d", "c2")
    assert await line(store, "d") == ["a", "c2", "d"]
    assert await line(store, "b") == ["a", "b"]


async def test_forks_of_forks_keep_their_pasts(store: Store) -> None:
    """Three levels of forks, each going on for a while, load without each other's turns."""
    for each, previous in [("a1", None), ("a2", "a1"), ("a3", "a2"), ("a4", "a3")]:
        await ended(store, each, previous)
    for each, previous in [("b3", "a2"), ("b4", "b3"), ("b5", "b4")]:
        await ended(store, each, previous)
    for each, previous in [("c5", "b4"), ("c6", "c5"), ("d6", "c5"), ("d7", "d6")]:
        await ended(store, each, previous)
    assert await line(store, "d7") == ["a1", "a2", "b3", "b4", "c5", "d6", "d7"]
    assert await line(store, "c6") == ["a1", "a2", "b3", "b4", "c5", "c6"]
    assert await line(store, "b5") == ["a1", "a2", "b3", "b4", "b5"]
    assert await line(store, "a4") == ["a1", "a2", "a3", "a4"]


async def test_a_turn_in_progress_cannot_be_gone_on_from(store: Store) -> None:
    """`previous_id` must be an ended turn."""
    await store.insert(new("a"))
    with pytest.raises(Failure) as caught:
        await store.insert(new("b", "a"))
    assert caught.value.code == "invalid_request"
    assert "in progress" in caught.value.message


async def test_children_inserted_at_once_each_get_a_place(store: Store) -> None:
    """Concurrent children of one turn do not meet on one branch."""
    await ended(store, "a")
    await asyncio.gather(*[store.insert(new(f"b{n}", "a")) for n in range(20)])
    assert [await line(store, f"b{n}") for n in range(20)] == [["a", f"b{n}"] for n in range(20)]


async def test_children_inserted_by_two_stores_at_once_each_get_a_place(store: Store, make: Make) -> None:
    """Nor do children that two processes insert, whatever the order of the turns that they go on from."""
    other = make()
    await other.open()
    turns = [str(n) for n in range(20)]
    for each in turns:
        await ended(store, each)
    mine = [store.insert(new(f"{each} mine", each)) for each in turns]
    theirs = [other.insert(new(f"{each} theirs", each)) for each in reversed(turns)]
    await asyncio.gather(*mine, *theirs)
    for each in turns:
        assert await line(store, f"{each} mine") == [each, f"{each} mine"]
        assert await line(store, f"{each} theirs") == [each, f"{each} theirs"]
    await other.close()


async def test_a_turn_deleted_by_another_store_is_gone_on_from_or_not_found(store: Store, make: Make) -> None:
    """A child that comes while its past is deleted is refused, or has the past that is left: never another's turns."""
    other = make()
    await other.open()
    for n in range(30):
        await ended(store, f"a{n}")
        await ended(store, f"b{n}", f"a{n}")
    children = [store.insert(new(f"c{n}", f"b{n}")) for n in range(30)]
    outcomes = await asyncio.gather(
        *children, *[other.delete("home", f"b{n}") for n in range(30)], return_exceptions=True
    )
    for n in range(30):
        await ended(store, f"x{n}", f"a{n}")
        assert await line(store, f"x{n}") == [f"a{n}", f"x{n}"]
        if outcomes[n] is None:
            assert await line(store, f"c{n}") == [f"a{n}", f"c{n}"]
        else:
            assert isinstance(outcomes[n], Failure)
            assert await store.get("home", f"c{n}") is None
    await other.close()


async def test_a_long_conversation_loads_whole(store: Store) -> None:
    """Length is no limit."""
    previous = None
    for n in range(300):
        await ended(store, str(n), previous)
        previous = str(n)
    assert await line(store, "299") == [str(n) for n in range(300)]


# Deletion


async def test_delete_removes_interaction_and_events(store: Store) -> None:
    """Deleted means gone, and a second delete finds nothing."""
    await ended(store, "a")
    await store.append(log("a", 1, 5), owner="me")
    assert await store.delete("home", "a")
    assert await store.get("home", "a") is None
    assert await store.events("a") == []
    assert not await store.delete("home", "a")


async def test_a_deleted_turn_cannot_be_gone_on_from(store: Store) -> None:
    """A deleted `previous_id` is not found, with and without turns after it."""
    for each, previous in [("a", None), ("b", "a"), ("c", "b")]:
        await ended(store, each, previous)
    for each in ("b", "c"):
        await store.delete("home", each)
        with pytest.raises(Failure) as caught:
            await store.insert(new("d", each))
        assert caught.value.code == "not_found"


async def test_deletion_in_mid_chain_leaves_the_rest(store: Store) -> None:
    """The turns after a deleted one keep the rest of their past and can be gone on from."""
    for each, previous in [("a", None), ("b", "a"), ("c", "b"), ("d", "c")]:
        await ended(store, each, previous)
    await store.delete("home", "b")
    assert await line(store, "d") == ["a", "c", "d"]
    await ended(store, "e", "d")
    await ended(store, "e2", "c")
    assert await line(store, "e") == ["a", "c", "d", "e"]
    assert await line(store, "e2") == ["a", "c", "e2"]
    with pytest.raises(Failure):
        await store.history("home", "b")


async def test_deletion_of_the_first_turn_leaves_the_rest(store: Store) -> None:
    """A conversation goes on without its beginning, forks included."""
    for each, previous in [("a", None), ("b", "a"), ("b2", "a"), ("c2", "b2")]:
        await ended(store, each, previous)
    await store.delete("home", "a")
    assert await line(store, "b") == ["b"]
    assert await line(store, "c2") == ["b2", "c2"]


async def test_a_new_child_beside_a_deleted_one_does_not_inherit_its_turns(store: Store) -> None:
    """The place of a deleted turn with descendants is not given to another turn."""
    for each, previous in [("a", None), ("b", "a"), ("c", "b")]:
        await ended(store, each, previous)
    await store.delete("home", "b")
    await ended(store, "x", "a")
    assert await line(store, "x") == ["a", "x"]
    assert await line(store, "c") == ["a", "c"]


async def test_a_deleted_turn_with_only_a_fork_after_it_keeps_its_place(store: Store) -> None:
    """Its place is not given away, and it cannot be gone on from, though the next place on its branch is free."""
    for each, previous in [("a", None), ("b", "a"), ("c1", "b"), ("c2", "b")]:
        await ended(store, each, previous)
    await store.delete("home", "c1")
    await store.delete("home", "b")
    await ended(store, "x", "a")
    assert await line(store, "c2") == ["a", "c2"]
    assert await line(store, "x") == ["a", "x"]
    with pytest.raises(Failure) as caught:
        await store.insert(new("d", "b"))
    assert caught.value.code == "not_found"


async def test_the_place_of_a_deleted_last_turn_can_be_taken(store: Store) -> None:
    """Trying again after deleting the last turn goes on from the one before."""
    await ended(store, "a")
    await ended(store, "b", "a")
    await store.delete("home", "b")
    await ended(store, "b again", "a")
    assert await line(store, "b again") == ["a", "b again"]


async def test_deletion_of_a_forks_first_turn_keeps_the_fork_in_place(store: Store) -> None:
    """A fork whose first turn is gone still hangs on the turn it forked from."""
    for each, previous in [("a", None), ("b", "a"), ("x", "a"), ("y", "x")]:
        await ended(store, each, previous)
    await store.delete("home", "x")
    assert await line(store, "y") == ["a", "y"]
    await store.delete("home", "y")
    assert await line(store, "b") == ["a", "b"]


async def test_a_deleted_id_stays_deleted_when_its_descendants_go(store: Store) -> None:
    """Deleting from the root to the leaf leaves nothing to be found."""
    for each, previous in [("a", None), ("b", "a"), ("c", "b")]:
        await ended(store, each, previous)
    for each in ("a", "b", "c"):
        assert await store.delete("home", each)
    assert [await store.get("home", each) for each in ("a", "b", "c")] == [None, None, None]


# Retention and recovery


async def test_expire_deletes_what_is_due(store: Store) -> None:
    """Ended interactions whose time has come go, with their events; others stay."""
    await ended(store, "due", expires=10.0)
    await ended(store, "later", expires=20.0)
    await ended(store, "never")
    await store.append(log("due", 1, 2), owner="me")
    assert await store.expire(10.0) == 1
    assert await store.get("home", "due") is None
    assert await store.events("due") == []
    assert await store.get("home", "later") is not None
    assert await store.get("home", "never") is not None
    assert await store.expire(10.0) == 0


async def test_expire_spares_what_is_in_progress(store: Store) -> None:
    """A run is not taken away from under itself; it goes once it has ended."""
    await store.insert(new("a", expires=10.0))
    assert await store.expire(99.0) == 0
    await store.finish(ending("a", resource=b"{}"))
    assert await store.expire(99.0) == 1


async def test_expire_is_limited_and_takes_the_oldest_first(store: Store) -> None:
    """One call deletes at most `limit`, of all projects."""
    for n in range(5):
        await ended(store, str(n), project=f"project {n}", expires=float(n))
    assert await store.expire(99.0, limit=3) == 3
    assert [n for n in range(5) if await store.get(f"project {n}", str(n))] == [3, 4]
    assert await store.expire(99.0, limit=3) == 2


async def test_expire_in_mid_conversation_keeps_the_later_turns(store: Store) -> None:
    """Retention takes turns, not conversations."""
    await ended(store, "a", expires=10.0)
    await ended(store, "b", "a", expires=20.0)
    await store.expire(15.0)
    assert await line(store, "b") == ["b"]


# Servers

_LONG = 3600.0
"""Seconds for which nobody in these tests is silent."""


async def test_what_dead_servers_left_in_progress_is_taken_over(store: Store) -> None:
    """Of all projects, whole, without the taker's own and without what has ended or was deleted."""
    await store.insert(new("mine", owner="me"))
    await store.insert(new("theirs", owner="before"))
    await store.insert(new("far", owner="before", project="other"))
    await store.insert(new("done", owner="before"))
    await store.insert(new("gone", owner="before"))
    await store.finish(ending("done", owner="before", status="failed", resource=b"{}"))
    await store.delete("home", "gone")
    found = await store.take_over("me", _LONG)
    assert {(each.project, each.id, each.owner) for each in found} == {
        ("home", "theirs", "me"),
        ("other", "far", "me"),
    }
    assert {each.input for each in found} == {b'"input of theirs"', b'"input of far"'}
    assert await store.take_over("me", _LONG) == []


async def test_the_living_keep_what_is_theirs(store: Store) -> None:
    """An owner that was seen lately is left alone; one that was not for long enough, or has left, is not."""
    await store.insert(new("a", owner="living"))
    await store.seen("living")
    assert await store.take_over("me", _LONG) == []
    assert [each.id for each in await store.take_over("me", 0.0)] == ["a"]
    await store.insert(new("b", owner="living"))
    await store.left("living")
    assert [each.id for each in await store.take_over("me", _LONG)] == ["b"]


async def test_an_owner_that_is_seen_again_lives_again(store: Store) -> None:
    """The last sign of life counts."""
    await store.insert(new("a", owner="other"))
    for _ in range(3):
        await store.seen("other")
    assert await store.take_over("me", _LONG) == []


async def test_a_taker_lives(store: Store) -> None:
    """What was taken over is not taken from its new owner at once, though that one was never seen before."""
    await store.insert(new("a", owner="before"))
    assert len(await store.take_over("first", _LONG)) == 1
    assert await store.take_over("second", _LONG) == []
    assert len(await store.take_over("second", 0.0)) == 1


async def test_each_is_taken_over_once(store: Store, make: Make) -> None:
    """Of many takers at once, of two processes, each interaction goes to one."""
    other = make()
    await other.open()
    for n in range(50):
        await store.insert(new(str(n), owner="before"))
    takers = [(store, other)[n % 2].take_over(f"taker {n}", _LONG, limit=7) for n in range(20)]
    taken = [each.id for found in await asyncio.gather(*takers) for each in found]
    assert len(taken) == len(set(taken))
    rest = await store.take_over("last", _LONG)
    assert {*taken, *(each.id for each in rest)} == {str(n) for n in range(50)}
    await other.close()


async def test_a_former_owner_can_write_no_more(store: Store) -> None:
    """Events and the end of what was taken over are its new owner's; the former one is told which are not its own."""
    for each in ("a", "b"):
        await store.insert(new(each, owner="zombie"))
    await store.append(log("a", 1, 2), owner="zombie")
    await store.finish(ending("b", owner="zombie", resource=b"kept"))
    assert [each.id for each in await store.take_over("me", _LONG)] == ["a"]
    assert await store.append([*log("a", 3, 4), *log("b", 1, 1)], owner="zombie") == {"a"}
    assert not await store.finish(ending("a", owner="zombie", resource=b"late"))
    assert await store.append(log("a", 3, 3), owner="me") == set()
    assert await store.finish(ending("a", status="failed", resource=b"ended"))
    assert await store.events("a") == log("a", 1, 3)
    assert await store.events("b") == log("b", 1, 1)
    found = await store.get("home", "a")
    assert found is not None
    assert (found.status, found.resource, found.owner) == ("failed", b"ended", "me")


# Events


async def test_events_come_in_order(store: Store) -> None:
    """However they were written, events are read by sequence, each as it was appended."""
    await store.insert(new("a"))
    await store.append(log("a", 4, 6, attempt=2), owner="me")
    await store.append(log("a", 1, 3), owner="me")
    assert await store.events("a") == [*log("a", 1, 3), *log("a", 4, 6, attempt=2)]


async def test_events_after_a_sequence_and_up_to_a_limit(store: Store) -> None:
    """A reader resumes after the last event that it has seen, in pages."""
    await store.insert(new("a"))
    await store.append(log("a", 1, 10), owner="me")
    assert await store.events("a", after=4, limit=3) == log("a", 5, 7)
    assert await store.events("a", after=7) == log("a", 8, 10)
    assert await store.events("a", after=10) == []


async def test_logs_are_separate(store: Store) -> None:
    """One append may hold events of several interactions; each log has its own."""
    await store.insert(new("a"))
    await store.insert(new("b"))
    await store.append([*log("a", 1, 2), *log("b", 1, 1)], owner="me")
    assert await store.events("a") == log("a", 1, 2)
    assert await store.events("b") == log("b", 1, 1)


async def test_append_is_all_or_nothing(store: Store) -> None:
    """One event that is there already refuses the whole append."""
    await store.insert(new("a"))
    await store.append(log("a", 1, 3), owner="me")
    with pytest.raises(Failure) as caught:
        await store.append([*log("a", 4, 5), *log("a", 3, 3)], owner="me")
    assert caught.value.code == "internal"
    assert await store.events("a") == log("a", 1, 3)


async def test_a_sequence_is_written_once_whatever_the_attempt(store: Store) -> None:
    """An execution that was taken over cannot write over its successor's events."""
    await store.insert(new("a"))
    await store.append(log("a", 1, 3, attempt=2), owner="me")
    with pytest.raises(Failure):
        await store.append(log("a", 3, 3, attempt=1), owner="me")
    assert await store.events("a") == log("a", 1, 3, attempt=2)


async def test_appends_at_once_do_not_harm_each_other(store: Store) -> None:
    """Of many concurrent appends only the wrong one is refused."""
    for n in range(20):
        await store.insert(new(str(n)))
    await store.append(log("7", 1, 1), owner="me")
    outcomes = await asyncio.gather(
        *[store.append(log(str(n), 1, 5), owner="me") for n in range(20)], return_exceptions=True
    )
    assert [n for n, each in enumerate(outcomes) if each] == [7]
    assert [len(await store.events(str(n))) for n in range(20)] == [1 if n == 7 else 5 for n in range(20)]


async def test_events_of_a_deleted_interaction_are_dropped(store: Store) -> None:
    """A run that does not know yet that it was deleted leaves nothing behind, and others' events are kept."""
    await store.insert(new("a"))
    await store.insert(new("b"))
    await store.delete("home", "a")
    assert await store.append([*log("a", 1, 2), *log("b", 1, 2)], owner="me") == {"a"}
    assert await store.events("a") == []
    assert await store.events("b") == log("b", 1, 2)


async def test_an_empty_append_is_fine(store: Store) -> None:
    """Nothing to write is no error."""
    await store.append([], owner="me")


# Keys


async def test_a_key_is_found_by_its_digest(store: Store) -> None:
    """And by nothing else."""
    await store.add_key(key("k"), b"digest")
    assert await store.find_key(b"digest") == key("k")
    assert await store.find_key(b"other") is None


async def test_keys_are_listed_oldest_first(store: Store) -> None:
    """All of them, of all projects."""
    for name, created in [("b", 2.0), ("a", 1.0), ("c", 3.0), ("also b", 2.0)]:
        await store.add_key(key(name, created=created, project=name), name.encode())
    assert [each.id for each in await store.keys()] == ["a", "b", "also b", "c"]


async def test_a_revoked_key_says_so(store: Store) -> None:
    """It is still found, with the time of its end; revoking works once."""
    await store.add_key(key("k"), b"digest")
    assert await store.revoke_key("k", 5.0)
    assert not await store.revoke_key("k", 6.0)
    assert not await store.revoke_key("unknown", 6.0)
    found = await store.find_key(b"digest")
    assert found is not None
    assert found.revoked == 5.0


async def test_a_digest_is_taken_once(store: Store) -> None:
    """Two keys cannot have the same secret."""
    await store.add_key(key("k"), b"digest")
    with pytest.raises(Failure):
        await store.add_key(key("k2"), b"digest")
    assert await store.keys() == [key("k")]


# Secrets


async def test_the_first_secret_of_a_name_stays(store: Store) -> None:
    """`fresh` is used when there was none, and never again."""
    assert await store.secret("cursor", b"first") == b"first"
    assert await store.secret("cursor", b"second") == b"first"
    assert await store.secret("webhook", b"other") == b"other"


async def test_a_secret_asked_for_at_once_is_one(store: Store) -> None:
    """Concurrent askers agree."""
    found = await asyncio.gather(*[store.secret("cursor", str(n).encode()) for n in range(10)])
    assert len(set(found)) == 1


# Life and death


async def test_close_writes_what_is_pending(make: Make) -> None:
    """What was handed over before `close` is there afterwards."""
    first, second = make(), make()
    await first.open()
    pending = [asyncio.ensure_future(first.insert(new(str(n)))) for n in range(50)]
    await asyncio.sleep(0)
    await first.close()
    await asyncio.gather(*pending)
    await second.open()
    assert [n for n in range(50) if await second.get("home", str(n)) is None] == []
    await second.close()


async def test_a_cancelled_caller_leaves_the_store_whole(store: Store) -> None:
    """The write of a caller that went away is done or not, and the next one works."""
    task = asyncio.ensure_future(store.insert(new("a")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await store.insert(new("b"))
    assert await store.get("home", "b") is not None


async def test_opening_and_closing_leaks_nothing(make: Make) -> None:
    """Threads and files after ten lives are those before."""
    before = held()
    for n in range(10):
        store = make()
        await store.open()
        await ended(store, str(n))
        await store.append(log(str(n), 1, 2), owner="me")
        await line(store, str(n))
        await store.close()
    assert held() == before


async def test_a_closed_store_refuses_to_write(make: Make) -> None:
    """A late caller gets an answer instead of waiting for ever."""
    store = make()
    await store.open()
    await store.close()
    with pytest.raises(Failure) as caught:
        await store.insert(new("a"))
    assert caught.value.code == "unavailable"
