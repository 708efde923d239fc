"""Limits over every kind of store, by a clock that the tests set: what is let in, what is refused, and until when."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
import pytest

from interplay.caller import Caller
from interplay.errors import Failure
from interplay.observe import Limited, Observation
from interplay.runs.counting import Counting
from interplay.runs.limits import Admission, Limits
from interplay.runs.windows import Refusal
from interplay.settings.limits import LimitSettings, LimitsSettings
from interplay.store.base import Store
from interplay.store.interactions import Work
from interplay.store.limits import Change, LimitStore
from interplay.store.postgres import PostgresStore
from interplay.store.sqlite import SqliteStore

from .samples import new

T = TypeVar("T")
ONE = Caller("one", "key_1")
SECOND_KEY = Caller("one", "key_2")
OTHER = Caller("other", "key_3")


class Server:
    """One server's limits over a store, and the time that it is."""

    def __init__(self, store: Store, limits: LimitsSettings, name: str = "server") -> None:
        self.now = 1000.0
        self.seen: list[Observation] = []
        self.counting = Counting(store, name, silent_seconds=10, clock=lambda: self.now)
        self.limits = Limits(limits, store, self.counting, self.seen.append)

    async def begin(self, caller: Caller = ONE) -> Admission:
        """Let something begin."""
        return await self.limits.admit(caller)

    async def run(self, caller: Caller = ONE, tokens: int = 0) -> None:
        """Something that begins and ends at once."""
        (await self.begin(caller)).end(tokens)

    async def refusal(self, caller: Caller = ONE, *, background: bool = False) -> Failure:
        """Why it may not begin, or not be accepted to wait."""
        with pytest.raises(Failure) as refused:
            await (self.limits.accept(caller) if background else self.begin(caller))
        assert refused.value.code == "rate_limited"
        return refused.value


Serve = Callable[..., Server]


@pytest.fixture
async def serve(store: Store) -> Serve:
    """Makes servers that live, over one store."""

    async def seen(name: str) -> None:
        await store.seen(name)

    for name in ("server", "second"):
        await seen(name)
    return lambda limits, name="server": Server(store, limits, name)


async def test_requests_are_counted_for_a_minute(serve: Serve) -> None:
    """As many as the limit says, and the next when the first is a minute old; the refusal says all of that."""
    server = serve(LimitsSettings(requests_per_minute=2))
    await server.run()
    server.now += 20.25
    await server.run()
    refused = await server.refusal()
    assert refused.message == (
        "The limit 'requests_per_minute' of project \"one\" is 2; requests in the last minute: 2. "
        "It is free again in 40 s."
    )
    assert refused.retry_seconds == 40
    server.now += 39.5
    assert (await server.refusal()).retry_seconds == 1
    server.now += 1
    await server.run()
    await server.refusal()


async def test_a_refused_request_is_not_counted(serve: Serve) -> None:
    """Asking too often does not put off when it is free again."""
    server = serve(LimitsSettings(requests_per_minute=1))
    await server.run()
    for _ in range(5):
        server.now += 10
        await server.refusal()
    server.now += 10
    await server.run()


async def test_tokens_are_counted_when_they_are_known(serve: Serve) -> None:
    """New runs begin while the sum of those that ended in the last minute is under the limit."""
    server = serve(LimitsSettings(tokens_per_minute=100))
    first, second = await server.begin(), await server.begin()
    first.end(60)
    third = await server.begin()
    second.end(60)
    refused = await server.refusal()
    assert "'tokens_per_minute' of project \"one\" is 100; tokens used in the last minute: 120" in refused.message
    server.now += 30
    third.end(50)
    assert (await server.refusal()).retry_seconds == 30
    server.now += 30
    await server.run()


async def test_runs_that_go_on_are_counted_until_they_end(serve: Serve) -> None:
    """However long that takes; a run whose start failed is none."""
    server = serve(LimitsSettings(concurrent_runs=2))
    first = await server.begin()
    await server.begin()
    server.now += 3600
    refused = await server.refusal()
    assert "'concurrent_runs' of project \"one\" is 2; runs going on: 2." in refused.message
    assert refused.retry_seconds == 2
    first.end()
    await server.begin()
    await server.refusal()


async def test_background_runs_wait_in_a_queue_of_limited_length(serve: Serve, store: Store) -> None:
    """Of the project, or of one key; runs in the foreground do not mind."""
    limits = LimitsSettings(queue_length=2, each_key=LimitSettings(queue_length=1))
    server = serve(limits)
    await _enqueue(store, "a", ONE)
    refused = await server.refusal(background=True)
    assert "'queue_length' of key \"key_1\" is 1; background runs that wait: 1." in refused.message
    assert refused.retry_seconds == 5
    await server.limits.accept(SECOND_KEY)
    await _enqueue(store, "b", SECOND_KEY)
    refused = await server.refusal(Caller("one", "key_4"), background=True)
    assert "'queue_length' of project \"one\" is 2" in refused.message
    await server.begin()
    await server.limits.accept(OTHER)
    await store.work.claim("server", "in_progress", 10)
    await server.limits.accept(ONE)


async def _enqueue(store: Store, id: str, caller: Caller) -> None:
    waiting = new(id, project=caller.project, owner="")
    await store.insert(msgspec.structs.replace(waiting, key=caller.key, work=Work(1, b"{}")))


async def test_what_is_accepted_to_wait_runs_when_there_is_a_place(serve: Serve) -> None:
    """It is counted as a request when it is accepted, and as a run when it has a place, its tokens at its end."""
    server = serve(LimitsSettings(concurrent_runs=1, requests_per_minute=3, tokens_per_minute=100))
    running = await server.begin()
    await server.limits.accept(ONE)
    await server.limits.accept(ONE)
    assert "requests_per_minute" in (await server.refusal(background=True)).message
    refused = await server.limits.place(ONE)
    assert isinstance(refused, Refusal)
    assert (refused.limit, refused.rule.kind, refused.rule.id) == ("concurrent_runs", "project", "one")
    running.end()
    place = await server.limits.place(ONE)
    assert isinstance(place, Admission)
    assert isinstance(await server.limits.place(ONE), Refusal)
    assert isinstance(await server.limits.place(OTHER), Admission)
    place.end(100)
    server.now += 30
    assert isinstance(await server.limits.place(ONE), Admission)
    server.now += 29.5
    assert "tokens_per_minute" in (await server.refusal(background=True)).message


async def test_projects_and_keys_are_apart(serve: Serve) -> None:
    """What one project has asked for is nothing to another; a key's limit is beside its project's."""
    server = serve(LimitsSettings(requests_per_minute=3, each_key=LimitSettings(requests_per_minute=2)))
    await server.run()
    await server.run()
    assert 'key "key_1"' in (await server.refusal()).message
    await server.run(SECOND_KEY)
    assert 'project "one"' in (await server.refusal(SECOND_KEY)).message
    await server.run(OTHER)
    assert [each for each in server.seen if isinstance(each, Limited)] == [
        Limited(project="one", key="key_1", limit="requests_per_minute"),
        Limited(project="one", key="key_2", limit="requests_per_minute"),
    ]


async def test_a_project_and_a_key_can_have_limits_of_their_own(serve: Serve) -> None:
    """What they do not say is as it is in general; "none" is no limit."""
    server = serve(
        LimitsSettings(
            requests_per_minute=1,
            concurrent_runs=1,
            projects={"one": LimitSettings(requests_per_minute="none")},
            keys={"key_2": LimitSettings(requests_per_minute=1)},
        )
    )
    for _ in range(5):
        await server.run()
    await server.run(SECOND_KEY)
    assert 'key "key_2" is 1' in (await server.refusal(SECOND_KEY)).message
    await server.begin()
    assert "'concurrent_runs' of project \"one\"" in (await server.refusal()).message
    await server.run(OTHER)
    await server.refusal(OTHER)


async def test_the_reason_that_lasts_longest_is_told(serve: Serve) -> None:
    """Whoever waits so long is let in."""
    server = serve(LimitsSettings(concurrent_runs=1, requests_per_minute=1))
    (await server.begin())
    refused = await server.refusal()
    assert "requests_per_minute" in refused.message
    assert refused.retry_seconds == 60


async def test_of_requests_at_once_no_more_than_the_limit_are_let_in(serve: Serve) -> None:
    """However many ask, of however many servers."""
    limits = LimitsSettings(requests_per_minute=10, concurrent_runs=7)
    server = serve(limits)
    outcomes = await asyncio.gather(*(server.begin() for _ in range(50)), return_exceptions=True)
    assert len([each for each in outcomes if isinstance(each, Admission)]) == 7
    assert all(isinstance(each, Admission | Failure) for each in outcomes)


async def test_whoever_leaves_while_it_is_asked_holds_no_place(serve: Serve) -> None:
    """Cancelled before, while and after it is counted."""
    server = serve(LimitsSettings(concurrent_runs=1))
    for steps in range(12):
        asking = asyncio.ensure_future(server.begin())
        for _ in range(steps):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        if not asking.cancelled():
            asking.result().end()
    (await server.begin()).end()


async def test_a_clock_that_was_set_back_stops_nobody_for_long(serve: Serve) -> None:
    """What was counted in a future that is none any more is forgotten."""
    server = serve(LimitsSettings(requests_per_minute=1))
    await server.run()
    server.now -= 3600
    await server.run()
    assert (await server.refusal()).retry_seconds == 60


async def test_without_limits_the_store_is_not_asked(serve: Serve) -> None:
    """Nothing is counted for whom no limit concerns."""
    server = serve(LimitsSettings(projects={"other": LimitSettings(requests_per_minute=1)}))
    for _ in range(3):
        await server.run()
    assert server.counting._work is None
    await server.run(OTHER)
    await server.refusal(OTHER)


over_postgres = pytest.mark.parametrize("make", ["postgres"], indirect=True)
"""Where servers share a store; files have one server."""


@over_postgres
async def test_servers_share_their_limits(serve: Serve) -> None:
    """Requests, tokens and runs of one are counted by the other, at once."""
    limits = LimitsSettings(requests_per_minute=4, tokens_per_minute=100, concurrent_runs=2)
    one, second = serve(limits), serve(limits, "second")
    first = await one.begin()
    await second.begin()
    assert "concurrent_runs" in (await one.refusal()).message
    assert "concurrent_runs" in (await second.refusal()).message
    first.end(100)
    await one.counting.settled()
    assert "tokens_per_minute" in (await second.refusal()).message
    one.now = second.now = 1060.0
    for server in (one, second, one, second):
        await server.run()
        await server.counting.settled()
    assert "requests_per_minute" in (await one.refusal()).message


@over_postgres
async def test_of_requests_to_two_servers_at_once_no_more_than_the_limit_are_let_in(serve: Serve) -> None:
    """The count is exact, however they race."""
    limits = LimitsSettings(requests_per_minute=25, each_key=LimitSettings(concurrent_runs=15))
    servers = [serve(limits), serve(limits, "second")]
    callers = [Caller("one", f"key_{n}") for n in range(2)]
    for _ in range(5):
        asked = (servers[n % 2].begin(callers[n // 2 % 2]) for n in range(120))
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(each, Admission | Failure) for each in outcomes)
        let_in = [each for each in outcomes if isinstance(each, Admission)]
        assert len(let_in) == 25
        for each in let_in:
            each.end()
        for server in servers:
            await server.counting.settled()
            server.now += 60


@over_postgres
async def test_the_runs_of_a_server_that_died_are_none(serve: Serve, store: Store) -> None:
    """What it had running stops nobody once it is known to be gone."""
    limits = LimitsSettings(concurrent_runs=1)
    one, second = serve(limits), serve(limits, "second")
    await one.begin()
    await second.refusal()
    await store.left("server")
    await second.begin()


class Disturbed:
    """A store's counts, which cannot be changed while told so; `lost` when that is said of what was changed."""

    def __init__(self, limits: LimitStore) -> None:
        self._limits = limits
        self.lost = False
        self.away = False

    async def change(
        self, names: Sequence[str], change: Change[T], *, silent_seconds: float, now: float | None = None
    ) -> T:
        """Change, or fail, or both."""
        if self.away:
            raise Failure("unavailable", "The database is away.")
        made = await self._limits.change(names, change, silent_seconds=silent_seconds, now=now)
        if self.lost:
            raise Failure("unavailable", "Nobody knows what became of it.")
        return made


@pytest.fixture
def disturbed(store: SqliteStore | PostgresStore) -> Disturbed:
    """The counts of the store, to be disturbed."""
    made = Disturbed(store.limits)
    store.limits = made  # type: ignore[assignment]
    return made


@over_postgres
async def test_a_change_that_was_lost_is_mended(serve: Serve, disturbed: Disturbed) -> None:
    """A count that was written although its server was told that it failed holds no place for long."""
    server, second = serve(LimitsSettings(concurrent_runs=1)), serve(LimitsSettings(concurrent_runs=1), "second")
    disturbed.lost = True
    with pytest.raises(Failure, match="Nobody knows"):
        await server.begin()
    disturbed.lost = False
    await second.refusal()
    await server.counting.tick()
    await second.begin()


async def test_tokens_that_could_not_be_written_are_counted_later(serve: Serve, disturbed: Disturbed) -> None:
    """With the next request, or with the next try."""
    server = serve(LimitsSettings(tokens_per_minute=100))
    running = await server.begin()
    disturbed.away = True
    running.end(100)
    await server.counting.tick()
    disturbed.away = False
    await server.counting.tick()
    assert "tokens used in the last minute: 100" in (await server.refusal()).message
