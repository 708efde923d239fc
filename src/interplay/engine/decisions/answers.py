"""From the probabilities of a question's options to its answer on the wire. Pure functions."""

from collections.abc import Sequence

from interplay import wire
from interplay.engine.decisions.prompt import options
from interplay.engine.decisions.weights import moderate


def answer(question: wire.DecisionQuestion, probabilities: Sequence[float]) -> wire.DecisionAnswer:
    """The answer; the probabilities are in the order of the question's options."""
    confidence = max(probabilities)
    by_id = dict(zip((option.id for option in options(question)), probabilities, strict=True))
    match question:
        case wire.NoulQuestion():
            return wire.NoulAnswer(noul=moderate(by_id["true"]), confidence=moderate(confidence))
        case wire.ChoiceQuestion():
            return wire.ChoiceAnswer(
                choice=max(by_id, key=by_id.__getitem__), confidence=confidence, probabilities=by_id
            )
        case wire.ScoreQuestion(criteria=levels):
            return wire.ScoreAnswer(
                score=sum(level * probability for level, probability in enumerate(probabilities)),
                confidence=confidence,
                probabilities=by_id,
                legend={str(level): words for level, words in enumerate(levels)},
            )
