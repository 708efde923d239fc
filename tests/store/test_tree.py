"""Conversations as a whole against a model that keeps nothing but who came after whom."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from interplay.errors import Failure
from interplay.store.base import Store

from .samples import ended, fresh_project, line, log, new

_steps = some.lists(
    some.tuples(some.sampled_from(["insert", "insert", "delete"]), some.integers(0, 11)), min_size=30, max_size=80
)


@dataclass
class Model:
    """Every turn ever inserted, with the one before it, and those that are deleted."""

    project: str = field(default_factory=fresh_project)
    before: dict[str, str | None] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)

    def line(self, id: str) -> list[str]:
        """The history that is left of a turn."""
        before = self.before[id]
        return [*(self.line(before) if before else []), *([] if id in self.deleted else [id])]

    def any(self, number: int) -> str | None:
        """One of the turns, deleted or not, or none."""
        return [None, *self.before][number % (len(self.before) + 1)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=_steps)
async def test_any_tree_of_turns_reads_as_the_model_says(store: Store, steps: list[tuple[str, int]]) -> None:
    """Whatever is inserted and deleted in whatever order, every history and every refusal is the model's."""
    model = Model()
    for act, number in steps:
        await (_insert if act == "insert" else _delete)(store, model, model.any(number))
    await _compare(store, model)


async def _insert(store: Store, model: Model, previous: str | None) -> None:
    turn = f"{model.project} turn {len(model.before)}"
    if previous in model.deleted:
        with pytest.raises(Failure, match="no interaction"):
            await store.insert(new(turn, previous, project=model.project))
        return
    await ended(store, turn, previous, project=model.project)
    await store.append(log(turn, 1, 1), owner="me")
    model.before[turn] = previous


async def _delete(store: Store, model: Model, id: str | None) -> None:
    if id is None:
        return
    assert await store.delete(model.project, id) is (id not in model.deleted)
    model.deleted.add(id)


async def _compare(store: Store, model: Model) -> None:
    for turn in model.before.keys() - model.deleted:
        assert await line(store, turn, model.project) == model.line(turn)
        assert await store.events(turn) == log(turn, 1, 1)
    for turn in model.deleted:
        assert await store.get(model.project, turn) is None
        assert await store.events(turn) == []
