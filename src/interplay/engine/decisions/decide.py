"""Answers all questions of a request. The first is asked alone, so that the others find the input read already."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from interplay import wire
from interplay.engine.decisions.answers import answer
from interplay.engine.decisions.asking import Asking
from interplay.engine.decisions.weights import calibrated, rounded
from interplay.engine.usage import usage
from interplay.models.base import summed


async def decide(
    request: wire.CreateDecisionRequest, asking: Asking, temperature: float
) -> wire.CreateDecisionResponse:
    """The answers by the model's own probabilities, made less certain by `temperature`. Raises Failure."""

    async def answered(question: wire.DecisionQuestion) -> wire.DecisionAnswer:
        return answer(question, rounded(calibrated(await asking.probabilities(question), temperature)))

    first, *others = request.questions.values()
    answers = [await answered(first), *await _each(answered, others, asking.at_once)]
    return wire.CreateDecisionResponse(
        answers=dict(zip(request.questions, answers, strict=True)), usage=usage(summed(asking.counts))
    )


async def _each(
    answered: Callable[[wire.DecisionQuestion], Awaitable[wire.DecisionAnswer]],
    questions: Sequence[wire.DecisionQuestion],
    at_once: int,
) -> list[wire.DecisionAnswer]:
    """The answers in the order of the questions, a few of them made at the same time. One failure ends all."""
    room = asyncio.Semaphore(at_once)

    async def in_turn(question: wire.DecisionQuestion) -> wire.DecisionAnswer:
        async with room:
            return await answered(question)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(question)) for question in questions]
    except ExceptionGroup as failures:
        failure = failures.exceptions[0]  # the others were cancelled, or fail for the same reason
    else:
        return [task.result() for task in tasks]
    raise failure  # out here it has no group as its context, which would hold it
