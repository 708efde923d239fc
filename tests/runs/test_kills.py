"""Servers that die all the time, at every step and in the middle of one: what was accepted is done, once.

Each run of it is made of a seed. `INTERPLAY_KILLS` says how many deaths each place sees; the default is for CI.
"""

import os
import random
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from itertools import cycle, product
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from tests.postgres import Postgres
from tests.receiver import Receiver
from tests.server import SCRIPTED, RunningServer, events
from tests.waiting import until

from .mortal import MOMENTS, STEPS

KILLS = int(os.environ.get("INTERPLAY_KILLS", "10"))
SEED = 20
LONGEST_LIFE = 2.0
"""Seconds after which a server that has not died of itself is killed."""
SETTLED = "[server]\nbackground_runs = 3\n[webhooks]\nallow_private = true\n" + SCRIPTED
TOOLS = [{"type": "function", "name": "f", "parameters": {"type": "object"}}]
JSON = {"type": "text", "mime_type": "application/json", "schema": {"type": "object"}}
TEXT = "say: one two\nwait: 0.1\nsay: three\nwait: 0.1\nsay: four five"
ORDERS: tuple[dict[str, Any], ...] = (
    {"input": TEXT},
    {"input": "think: hm\nsay: one\nwait: 0.1\nsay: two"},
    {"input": "say: calling\nwait: 0.1\ncall: f {}", "tools": TOOLS},
    {"input": 'say: {"a":\nwait: 0.1\nsay: 1}', "response_format": JSON},
)
"""What is asked for, with what it ends as without any death."""


class MortalServer(RunningServer):
    """A server that knows when it will die."""

    death = "never"

    def _program(self) -> Sequence[str]:
        return (str(Path(__file__).with_name("mortal.py")), self.death)

    def live(self, death: str) -> None:
        """Start, to die like this; it may never get so far as to be ready."""
        self.death = death
        with suppress(AssertionError):
            self.start()

    def last(self, seconds: float) -> bool:
        """Let it live at most so long; whether it died of itself."""
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self.kill()
        return True


class World:
    """Servers over one store, and what they were asked."""

    def __init__(self, servers: list[MortalServer], receiver: Receiver, database: str | None, seed: int) -> None:
        self.servers = servers
        self._receiver = receiver
        self._secret = self._registered()
        self.told: set[str] = set()
        """Ids of interactions whose end the receiver was told, with a good signature."""
        self._heard = 0
        self._database = database
        self.chance = random.Random(seed)
        places = list(product(STEPS, MOMENTS))
        self.chance.shuffle(places)
        self._places = cycle(places)
        """Where servers die: everywhere once, before anywhere twice."""
        self.accepted: dict[str, int] = {}
        """Ids of interactions whose acceptance was told, and what was asked."""
        self.deaths: Counter[str] = Counter()

    def listen(self) -> None:
        """Judge what has come to the receiver since the last time, before its signatures are too old."""
        come = self._receiver.messages[self._heard :]
        self._heard += len(come)
        self.told |= {message.verified(self._secret)["data"]["id"] for message in come}

    def _registered(self) -> str:
        events = ["interaction.completed", "interaction.requires_action"]
        with self.servers[0].client() as client:
            body = {"uri": f"{self._receiver.url}/ok", "subscribed_events": events}
            secret: str = client.post("/v1beta/webhooks", json=body).json()["new_signing_secret"]
            return secret

    def ask(self) -> None:
        """Ask any server for something, and the next one where it does not live to answer."""
        number = self.chance.randrange(len(ORDERS))
        body = {"model": "scripted", "background": True} | ORDERS[number]
        for server in self.chance.sample(self.servers, len(self.servers)):
            with suppress(httpx2.HTTPError, ValueError, KeyError), server.client() as client:
                self.accepted[client.post("/v1beta/interactions", json=body).json()["id"]] = number
                return

    def kill_one(self) -> None:
        """One server dies, of itself or not, and another life of it begins."""
        server = self.chance.choice(self.servers)
        server.kill()
        step, moment = next(self._places)
        server.live(f"{step}:{moment}:{self.chance.randint(1, 8)}")
        for _ in range(3):
            self.ask()
        own = server.last(self.chance.uniform(0.2, LONGEST_LIFE))
        self.deaths[f"{step} {moment}" if own else "in between"] += 1

    def settle(self) -> None:
        """From now on nobody dies."""
        for server in self.servers:
            server.kill()
            server.live("never")

    def log(self, id: str) -> list[dict[str, Any]]:
        """All events of an interaction."""
        with self.servers[0].client() as client:
            return events(client, "GET", f"/v1/interactions/{id}", params={"stream": "true"})

    def rows(self, query: str) -> list[Any]:
        """What the database itself says."""
        if self._database is not None:
            return Postgres.execute(self._database, query)
        with closing(sqlite3.connect(self.servers[0].data / "app.db")) as connection:
            return connection.execute(query).fetchall()

    def get(self, id: str) -> Any:
        """An interaction."""
        with self.servers[0].client() as client:
            return client.get(f"/v1/interactions/{id}").json()


@pytest.fixture(params=["sqlite", "postgres", "two servers"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Servers that were started for the first time."""
    count = 2 if request.param == "two servers" else 1
    folders = [tmp_path / str(number) for number in range(count)]
    database: str | None = None
    if request.param != "sqlite":
        postgres: Postgres = request.getfixturevalue("postgres_server")
        database = postgres.database()
    arguments = ("--database", database) if database else ()
    servers = []
    for folder in folders:
        folder.mkdir()
        servers.append(MortalServer(folder, SETTLED, *arguments))
        servers[-1].start()
        servers[-1].key = servers[0].key
    with Receiver() as receiver:
        yield World(servers, receiver, database, seed=SEED)
    for server in servers:
        server.kill()


def plain(interaction: Any) -> Any:
    """What must not depend on how often a server died over it; nor do thoughts and spaces count."""
    texts = [
        block["text"]
        for step in interaction["steps"]
        if step["type"] == "model_output"
        for block in step.get("content", ())
    ]
    calls = [step["name"] for step in interaction["steps"] if step["type"] == "function_call"]
    return interaction["status"], "".join("".join(texts).split()), calls


def test_whatever_dies_everything_accepted_is_done_once(world: World) -> None:
    """It ends once and whole, its log has no gap and nothing twice, its tokens are counted once, and it is told of."""
    expected = [plain(world.servers[0].create(**order)) for order in ORDERS]
    for _ in range(KILLS):
        world.kill_one()
        world.listen()
    world.settle()
    assert len(world.accepted) >= KILLS // 2
    until(lambda: all(world.get(id)["status"] not in ("queued", "in_progress") for id in world.accepted), 90)
    for id, number in world.accepted.items():
        assert plain(world.get(id)) == expected[number], world.deaths
        _check_log(id, world.log(id), world.get(id))
    until(lambda: world.rows("SELECT count(*) FROM work")[0][0] == 0, 60)
    until(lambda: world.rows("SELECT count(*) FROM deliveries")[0][0] == 0, 60)
    world.listen()
    assert world.told >= world.accepted.keys()
    _check_usage(world)


def _check_log(id: str, log: list[dict[str, Any]], interaction: Any) -> None:
    assert [event["event_id"] for event in log] == [f"{id}.{number}" for number in range(1, len(log) + 1)]
    kinds = [event["event_type"] for event in log]
    assert (kinds[0], kinds[-1]) == ("interaction.created", "interaction.completed")
    assert (kinds.count("interaction.created"), kinds.count("interaction.completed")) == (1, 1)
    assert log[-1]["interaction"]["status"] == interaction["status"]
    starts = [event["index"] for event in log if event["event_type"] == "step.start"]
    assert starts == list(range(len(starts)))
    assert sorted(starts) == sorted(event["index"] for event in log if event["event_type"] == "step.stop")


def _check_usage(world: World) -> None:
    """What was added up is what all interactions say that they have used, those too whose client was never told."""
    ended = [msgspec.json.decode(row[0]) for row in world.rows("SELECT resource FROM interactions")]
    assert {each["status"] for each in ended} <= {"completed", "requires_action"}
    kinds = ("total_input_tokens", "total_output_tokens", "total_thought_tokens")
    sums = [sum(each["usage"].get(kind, 0) for each in ended) for kind in kinds]
    until(lambda: not world.rows("SELECT 1 FROM usage_added"))
    added = world.rows("SELECT sum(interactions), sum(input), sum(output), sum(thought) FROM usage")
    assert [int(count) for count in added[0]] == [len(ended), *sums]
    assert world.rows("SELECT count(*) FROM work")[0][0] == 0
