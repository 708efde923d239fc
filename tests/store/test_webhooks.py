"""Webhooks and their outbox on every adapter: who sees what, what is told to whom, and who sends it."""

import asyncio
from typing import Any

import msgspec
import pytest

from interplay.store.base import Store
from interplay.store.database import Cursor
from interplay.store.interactions import Work
from interplay.store.outbox import Due, Notice
from interplay.store.webhooks import ENABLED, GIVEN_UP, SigningSecret, StoredWebhook

from .conftest import Make
from .samples import ending, new

WORK = Work(1, b"{}")
COMPLETED, FAILED = "interaction.completed", "interaction.failed"
SECRETS = (SigningSecret("whsec_bmV3"), SigningSecret("whsec_b2xk", 99.5))


def webhook(id: str, **changes: Any) -> StoredWebhook:
    """A webhook that wants to know what was completed."""
    kept = StoredWebhook(
        project="home",
        id=id,
        name=None,
        uri=f"https://{id}.example/hook",
        events=(COMPLETED,),
        state=ENABLED,
        created=1.0,
        updated=1.0,
        secrets=SECRETS,
    )
    return msgspec.structs.replace(kept, **changes)


async def _registered(store: Store, *ids: str, **changes: Any) -> None:
    for id in ids:
        assert await store.webhooks.add(webhook(id, **changes), 100)


def notice(id: str, *uris: str, type: str = COMPLETED) -> Notice:
    """What is told of an interaction."""
    return Notice(id=f"msg_{id}", type=type, payload=f"told of {id}".encode(), uris=uris)


async def _end(store: Store, id: str, told: Notice | None, *, project: str = "home", background: bool = True) -> None:
    await store.insert(msgspec.structs.replace(new(id, project=project), work=WORK if background else None))
    assert await store.finish(msgspec.structs.replace(ending(id, project=project), notice=told))


async def _told(store: Store, *ids: str, uri: str | None = None) -> None:
    for id in ids:
        await _end(store, id, notice(id, *([uri] if uri else [])))


async def _claim(store: Store, seconds: float = 30, **how: Any) -> list[Due]:
    chosen: dict[str, Any] = {"server": "me", "limit": 100, "each": 100, "of_project": 100} | how
    return await store.outbox.claim(seconds=seconds, **chosen)


async def _claimed(store: Store, seconds: float = 30, **how: Any) -> list[str]:
    return sorted(due.id for due in await _claim(store, seconds, **how))


# Webhooks


async def test_a_webhook_comes_back_as_it_was_kept(make: Make) -> None:
    """Also to another store over the same data."""
    first, second = make(), make()
    await first.open()
    await _registered(first, "a", name="mine", events=(COMPLETED, FAILED))
    await first.close()
    await second.open()
    assert await second.webhooks.get("home", "a") == webhook("a", name="mine", events=(COMPLETED, FAILED))
    await second.close()


async def test_a_webhook_is_its_projects(store: Store) -> None:
    """Another project neither reads, lists, changes nor deletes it."""
    await _registered(store, "a")
    assert await store.webhooks.get("away", "a") is None
    assert await store.webhooks.list("away", None, 10) == []
    assert await store.webhooks.update("away", "a", lambda _: webhook("a", uri="https://mine.example")) is None
    assert not await store.webhooks.delete("away", "a")
    assert await store.webhooks.get("home", "a") == webhook("a")


async def test_webhooks_are_listed_in_the_order_of_their_creation(store: Store) -> None:
    """From behind any of them; those of one moment by id."""
    for id, created in (("c", 1.25), ("b", 2.5), ("a", 2.5), ("d", 0.5)):
        await _registered(store, id, created=created)
    assert [each.id for each in await store.webhooks.list("home", None, 3)] == ["d", "c", "a"]
    assert [each.id for each in await store.webhooks.list("home", Cursor(2.5, "a"), 3)] == ["b"]


async def test_a_project_has_only_so_many(store: Store) -> None:
    """One more is not kept; another project has its own."""
    assert [await store.webhooks.add(webhook(id), 2) for id in "abc"] == [True, True, False]
    assert await store.webhooks.add(webhook("d", project="away"), 2)


async def test_changes_made_at_once_are_all_made(store: Store) -> None:
    """Each sees what the one before it has done."""
    await _registered(store, "a", name="")

    def longer(before: StoredWebhook) -> StoredWebhook:
        return msgspec.structs.replace(before, name=f"{before.name}x")

    await asyncio.gather(*(store.webhooks.update("home", "a", longer) for _ in range(10)))
    kept = await store.webhooks.get("home", "a")
    assert kept is not None
    assert kept.name == "x" * 10


async def test_a_change_that_is_refused_changes_nothing(store: Store) -> None:
    """What it raises is raised."""
    await _registered(store, "a")

    def refused(_: StoredWebhook) -> StoredWebhook:
        raise LookupError

    with pytest.raises(LookupError):
        await store.webhooks.update("home", "a", refused)
    assert await store.webhooks.get("home", "a") == webhook("a")


# What is told to whom


async def test_an_end_is_told_to_those_who_want_to_know(store: Store) -> None:
    """To the enabled webhooks of its project that have subscribed to it, each with a copy of its own."""
    await _registered(store, "a", "b")
    await _registered(store, "other", events=(FAILED, "interaction.completed.not"))
    await _registered(store, "off", state="disabled")
    await _registered(store, "foreign", project="away")
    await _told(store, "x")
    found = {due.webhook: due for due in await _claim(store)}
    assert set(found) == {"a", "b"}
    due = found["a"]
    assert (due.id, due.project, due.type, due.payload) == ("msg_x_a", "home", COMPLETED, b"told of x")
    assert (due.uri, due.state, due.secrets) == ("https://a.example/hook", ENABLED, SECRETS)
    assert (due.attempts, 0 <= due.age < 60) == (1, True)


async def test_a_requests_own_receivers_stand_for_the_registered_ones(store: Store) -> None:
    """Whatever has happened; each gets its copy."""
    await _registered(store, "a")
    uris = ("https://one.example:8443/x?y=1", "https://two.example")
    await _end(store, "x", notice("x", *uris, type=FAILED))
    found = sorted(await _claim(store), key=lambda due: due.id)
    assert [(due.id, due.webhook, due.uri) for due in found] == [
        ("msg_x_1", None, uris[0]),
        ("msg_x_2", None, uris[1]),
    ]
    assert [due.lane for due in found] == ["one.example:8443", "two.example"]
    assert (found[0].state, found[0].secrets) == (None, ())


async def test_what_a_client_waited_for_is_told_to_nobody(store: Store) -> None:
    """It has its answer; so is what had no notice."""
    await _registered(store, "a")
    await _end(store, "x", notice("x"), background=False)
    await _end(store, "y", None)
    assert await _claim(store) == []


async def test_whoever_sends_is_called_when_there_is_something_to_send(store: Store) -> None:
    """Once the notice can be claimed; not for an end that nobody is told of."""
    calls: list[str] = []
    await _registered(store, "a")
    store.outbox.on_put = lambda: calls.append("put")
    await _told(store, "x")
    assert (calls, await _claimed(store)) == (["put"], ["msg_x_a"])
    await _told(store, "y", uri="https://one.example")
    assert (calls, await _claimed(store)) == (["put"] * 2, ["msg_y_1"])
    await _end(store, "z", notice("z", type=FAILED))  # to which nobody has subscribed
    await _end(store, "answered", notice("answered"), background=False)
    await _end(store, "silent", None)
    await _end(store, "away", notice("away"), project="away")
    assert len(calls) == 2


async def test_an_end_that_is_not_kept_is_not_told(store: Store) -> None:
    """A second end, a deleted interaction's, and another owner's."""
    await _registered(store, "a")
    await _told(store, "x")
    assert not await store.finish(msgspec.structs.replace(ending("x"), notice=notice("again")))
    await store.insert(msgspec.structs.replace(new("y"), work=WORK))
    assert not await store.finish(msgspec.structs.replace(ending("y", owner="other"), notice=notice("y")))
    await store.delete("home", "y")
    assert not await store.finish(msgspec.structs.replace(ending("y"), notice=notice("y")))
    assert await _claimed(store) == ["msg_x_a"]


async def test_a_deleted_interaction_is_still_told_of(store: Store) -> None:
    """What was due stays due; so does it when retention removes the interaction."""
    await _registered(store, "a")
    await _told(store, "x")
    await store.delete("home", "x")
    assert await _claimed(store) == ["msg_x_a"]


async def test_a_deleted_webhook_takes_what_was_due_along(store: Store) -> None:
    """Dead letters too; other webhooks keep theirs."""
    await _registered(store, "a", "b")
    await _told(store, "x", "y")
    await _claim(store)
    await store.outbox.failed("msg_x_a", "me", "it answered 500", None)
    assert await store.webhooks.delete("home", "a")
    assert not await store.webhooks.delete("home", "a")
    assert await store.outbox.dead() == []
    await store.outbox.release()
    assert await _claimed(store) == ["msg_x_b", "msg_y_b"]


async def test_a_changed_webhook_gets_what_was_due_at_its_new_place(store: Store) -> None:
    """With what it signs with now."""
    await _registered(store, "a")
    await _told(store, "x")
    moved = webhook("a", uri="https://new.example", secrets=SECRETS[:1], state="disabled")
    await store.webhooks.update("home", "a", lambda _: moved)
    [due] = await _claim(store)
    assert (due.uri, due.secrets, due.state) == ("https://new.example", SECRETS[:1], "disabled")


# Who sends it


async def test_what_is_claimed_is_one_servers_for_a_while(store: Store) -> None:
    """Then another may have it, and what the first says of a failure counts no more."""
    await _told(store, "x", uri="https://a.example")
    assert await _claimed(store, seconds=0) == ["msg_x_1"]
    [due] = await _claim(store, server="other")
    assert (due.id, due.attempts) == ("msg_x_1", 2)
    assert await _claim(store) == []
    await store.outbox.failed("msg_x_1", "me", "it answered 500", 0)
    assert await _claim(store) == []
    await store.outbox.failed("msg_x_1", "other", "it answered 500", 0)
    assert await _claimed(store) == ["msg_x_1"]


async def test_a_try_that_does_not_count_was_none(store: Store) -> None:
    """What one server may not send comes to the next one as if it were new."""
    await _told(store, "x", uri="https://a.example")
    await _claim(store)
    await store.outbox.failed("msg_x_1", "me", "it may not", 0, counted=False)
    [due] = await _claim(store, server="other")
    assert due.attempts == 1


async def test_claims_at_once_share_out_what_is_due(make: Make) -> None:
    """Nothing goes to two servers."""
    stores = [make(), make()]
    for store in stores:
        await store.open()
    await _told(stores[0], *map(str, range(40)), uri="https://a.example")
    asked = [_claimed(store, server=f"{n}", limit=5) for n in range(4) for store in stores for _ in range(3)]
    claimed = [id for ids in await asyncio.gather(*asked) for id in ids]
    claimed += await _claimed(stores[0])
    assert len(claimed) == len(set(claimed)) == 40
    for store in stores:
        await store.close()


async def test_the_longest_due_goes_first(store: Store) -> None:
    """What failed comes after what never was tried, and not before its time."""
    await _told(store, "x", uri="https://a.example")
    await _claim(store)
    await store.outbox.failed("msg_x_1", "me", "it answered 500", 0)
    await _told(store, "y", "z", uri="https://a.example")
    assert [due.id for due in await _claim(store, limit=2)] == ["msg_x_1", "msg_y_1"]
    await store.outbox.failed("msg_x_1", "me", "it answered 500", 60)
    assert await _claimed(store) == ["msg_z_1"]


async def test_a_receiver_with_much_due_holds_nobody_up(store: Store) -> None:
    """Of one lane only so many are claimed, of one that fails a single one, of a busy one none."""
    await _told(store, *"abcdef", uri="https://much.example")
    await _told(store, *"ghi", uri="https://failing.example")
    await _told(store, "j", uri="https://busy.example")
    await _told(store, "k", uri="https://late.example")
    claimed = await _claimed(store, each=3, busy={"home busy.example"}, failing={"home failing.example"})
    assert claimed == [f"msg_{id}_1" for id in "abcgk"]


async def test_a_project_with_much_due_holds_nobody_up(store: Store) -> None:
    """Of one project only so many are on their way; projects take turns, and a lane of two is each one's own."""
    for id in "abcdef":
        await _end(store, id, notice(id, f"https://{id}.example"))
    for id in "xyz":
        await _end(store, id, notice(id, "https://a.example"), project="away")
    assert await _claimed(store, limit=2) == ["msg_a_1", "msg_x_1"]
    busy, sending = {"home a.example"}, {"home": 1, "away": 3}
    assert await _claimed(store, of_project=3, sending=sending, busy=busy) == ["msg_b_1", "msg_c_1"]
    assert await _claimed(store, of_project=4, sending={"home": 4}, busy=busy) == ["msg_y_1", "msg_z_1"]


async def test_what_was_taken_is_gone(store: Store) -> None:
    """Also when another server has claimed it meanwhile."""
    await _told(store, "x", uri="https://a.example")
    await _claim(store, seconds=0)
    await _claim(store, seconds=0, server="other")
    await store.outbox.taken("msg_x_1")
    assert await _claim(store) == []
    assert await store.outbox.dead() == []


async def test_what_is_released_is_due_at_once(store: Store) -> None:
    """Of one server, or of all."""
    await _told(store, "x", uri="https://a.example")
    await _told(store, "y", uri="https://b.example")
    assert await _claimed(store, limit=1) == ["msg_x_1"]
    assert await _claimed(store, server="other") == ["msg_y_1"]
    await store.outbox.release("other")
    assert await _claimed(store) == ["msg_y_1"]
    await store.outbox.release()
    assert await _claimed(store) == ["msg_x_1", "msg_y_1"]


# Dead letters


async def _given_up(store: Store, *ids: str) -> None:
    await _told(store, *ids)
    for id in await _claimed(store):
        await store.outbox.failed(id, "me", "it answered 500", None)


async def test_what_is_given_up_is_a_dead_letter(store: Store) -> None:
    """With where it was to go, how often it was tried, and why it was not taken; it is not claimed any more."""
    await _registered(store, "a")
    await _given_up(store, "x")
    [letter] = await store.outbox.dead()
    assert (letter.id, letter.project, letter.webhook, letter.uri) == ("msg_x_a", "home", "a", "https://a.example/hook")
    assert (letter.type, letter.attempts, letter.reason) == (COMPLETED, 1, "it answered 500")
    assert letter.died > 1
    assert await _claim(store) == []


async def test_dead_letters_are_sent_again(store: Store) -> None:
    """One or all, as if for the first time, under the id that they had."""
    await _registered(store, "a")
    await _given_up(store, "x", "y", "z")
    assert await store.outbox.replay("msg_none") == 0
    assert await store.outbox.replay("msg_x_a") == 1
    [due] = await _claim(store)
    assert (due.id, due.attempts, due.payload) == ("msg_x_a", 1, b"told of x")
    assert await store.outbox.replay() == 2
    assert await _claimed(store) == ["msg_y_a", "msg_z_a"]
    assert await store.outbox.dead() == []


async def test_old_dead_letters_are_forgotten(store: Store) -> None:
    """Those that were given up so long ago, and nothing that is still to be sent."""
    await _told(store, "x", "y", uri="https://a.example")
    assert await _claimed(store, limit=1) == ["msg_x_1"]
    await store.outbox.failed("msg_x_1", "me", "it answered 500", None)
    assert await store.outbox.forget(60) == 0
    assert await store.outbox.forget(-60) == 1
    assert await store.outbox.dead() == []
    assert await _claimed(store) == ["msg_y_1"]


async def _state(store: Store) -> str:
    kept = await store.webhooks.get("home", "a")
    assert kept is not None
    return kept.state


async def test_a_webhook_that_took_nothing_since_is_disabled(store: Store) -> None:
    """When something is given up; its owner enables it, and older dead letters do not disable it again."""
    await _registered(store, "a")
    await _told(store, "x", "y")
    await _claim(store)
    assert await store.outbox.failed("msg_x_a", "me", "it answered 500", None)
    assert await _state(store) == GIVEN_UP
    await store.webhooks.update("home", "a", lambda before: msgspec.structs.replace(before, state=ENABLED))
    assert not await store.outbox.failed("msg_y_a", "me", "it answered 500", None)
    assert await _state(store) == ENABLED


async def test_a_webhook_that_took_something_since_stays_enabled(store: Store) -> None:
    """One message that it cannot take does not cost it all others; a failure that is tried again neither."""
    await _registered(store, "a")
    await _told(store, "x", "y")
    await _claim(store)
    assert not await store.outbox.failed("msg_y_a", "me", "it answered 500", 60)
    await store.outbox.taken("msg_y_a")
    assert not await store.outbox.failed("msg_x_a", "me", "it answered 500", None)
    assert await _state(store) == ENABLED


# Secrets


async def test_secrets_are_found_by_the_beginning_of_their_names(store: Store) -> None:
    """And can be removed."""
    for name in ("key/a", "key/b", "keys"):
        await store.secret(name, name.encode())
    assert await store.secrets("key/") == {"key/a": b"key/a", "key/b": b"key/b"}
    await store.forget_secret("key/a")
    await store.forget_secret("key/none")
    assert await store.secrets("key/") == {"key/b": b"key/b"}
