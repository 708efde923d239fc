"""The arithmetic and the groups of decisions."""

import asyncio
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interplay import wire
from interplay.engine.decisions.asking import Asking
from interplay.engine.decisions.decide import decide
from interplay.engine.decisions.labels import groups
from interplay.engine.decisions.weights import averaged, calibrated, ranked, rounded
from interplay.models.base import MOST_OPTIONS, Counts, summed
from interplay.models.catalogue import Served
from interplay.models.scripted.backend import ScriptedBackend

weights = st.lists(st.floats(0, 1), min_size=2, max_size=255).filter(lambda found: sum(found) > 0.01)


@given(weights, st.floats(0.1, 100))
def test_whatever_the_model_says_becomes_a_distribution(found: list[float], temperature: float) -> None:
    """Finite, in 0..1, with a sum of one, even where the model is certain or a probability is nothing."""
    made = rounded(calibrated([weight / sum(found) for weight in found], temperature))
    assert all(math.isfinite(probability) and 0 <= probability <= 1 for probability in made)
    assert sum(made) == pytest.approx(1, abs=1e-9)


def test_a_temperature_softens_or_sharpens_and_keeps_the_order() -> None:
    """Odds are taken to the power of one through the temperature."""
    assert calibrated((0.9, 0.1), 2) == _nearly(0.75, 0.25)
    assert calibrated((0.75, 0.25), 0.5) == _nearly(0.9, 0.1)
    assert calibrated((0.9, 0.1), 1) == _nearly(0.9, 0.1)


def test_two_opinions_are_weighed_alike() -> None:
    """Opinions that contradict each other cancel out."""
    assert averaged((0.8, 0.2), (0.2, 0.8)) == _nearly(0.5, 0.5)
    assert averaged((0.9, 0.1), (0.5, 0.5)) == _nearly(0.75, 0.25)


def test_groups_are_compared_by_their_best() -> None:
    """Options of different groups are as far apart as their groups' best make them."""
    assert ranked([(0.8, 0.2), (0.5, 0.5)], (0.5, 0.5)) == _nearly(4 / 13, 1 / 13, 4 / 13, 4 / 13)


@pytest.mark.parametrize("count", range(17, 256))
def test_options_are_listed_in_groups(count: int) -> None:
    """Every option is in one group, in order, and neither a group nor the groups are more than can be listed."""
    made = groups(range(count))
    assert [option for group in made for option in group] == list(range(count))
    assert len(made) <= MOST_OPTIONS
    assert all(2 <= len(group) <= MOST_OPTIONS for group in made)


async def test_the_first_question_is_asked_alone_and_the_others_a_few_at_once() -> None:
    """The first one has the input read; of the others, no more are asked at a time than the backend wants."""
    at_work: list[str] = []
    crowds: list[int] = []

    async def wait(_: float) -> None:
        at_work.append("one")
        crowds.append(len(at_work))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        at_work.pop()

    backend = ScriptedBackend(wait=wait)
    await backend.open()
    questions: dict[str, wire.DecisionQuestion] = {
        str(number): wire.NoulQuestion(instructions="Is it?\nwait: 1") for number in range(12)
    }
    request = wire.CreateDecisionRequest(model="scripted", input="x", questions=questions)
    made = await decide(request, Asking(Served("scripted", "scripted", backend, "scripted"), request.input), 1.0)
    await backend.close()
    assert list(made.answers or {}) == list(questions)
    assert crowds[:2] == [1, 1]
    assert max(crowds) == backend.weighs_at_once
    assert len(crowds) == 24


@pytest.mark.parametrize(("count", "asked"), [(16, 2), (17, 6)])
async def test_as_many_options_as_there_are_letters_are_listed_at_once(count: int, asked: int) -> None:
    """Once in each order; one more takes two groups and a comparison of their best, in each order."""
    backend = ScriptedBackend()
    await backend.open()
    asking = Asking(Served("scripted", "scripted", backend, "scripted"), "x")
    question = wire.ScoreQuestion(instructions="How much?", criteria=tuple(map(str, range(count))))
    assert len(await asking.probabilities(question)) == count
    await backend.close()
    assert len(asking.counts) == asked


def test_counts_are_summed_as_far_as_they_are_told() -> None:
    """A count that no turn told stays untold."""
    assert summed([Counts(input=3, output=1), Counts(input=4)]) == Counts(input=7, output=1)


def _nearly(*values: float) -> Any:
    """These values but for rounding."""
    return tuple(pytest.approx(value) for value in values)
