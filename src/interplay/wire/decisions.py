"""`POST /decisions`: questions over one shared input, and their answers as probabilities.

Not here: how a body is read strictly (`decode_decision`), or how a question is answered (`interplay.engine.decisions`).
"""

from typing import Annotated, Final

from interplay.wire.base import Wire, known
from interplay.wire.content import Content, TextContent
from interplay.wire.usage import Usage

FEWEST_CRITERIA: Final = 2
MOST_CRITERIA: Final = 255
"""Options of one question, by the contract."""

MOST_QUESTIONS: Final = 100
"""Questions of one request. The contract names no limit; each costs the model at least one prompt."""

BlockReason = Annotated[str, known("safety", "other", "blocklist", "prohibited_content", "image_safety")]
DecisionInput = Content | tuple[Content, ...] | str
DecisionInstructions = TextContent | tuple[TextContent, ...] | str


class NoulCriteria(Wire, frozen=True, kw_only=True):
    """What yes and no mean."""

    true_description: str | None = None
    false_description: str | None = None


class NoulQuestion(Wire, frozen=True, kw_only=True, tag="noul"):
    """A question that is answered yes or no."""

    instructions: DecisionInstructions
    """What the question is, and what it is judged by."""
    criteria: NoulCriteria | None = None


class ChoiceQuestion(Wire, frozen=True, kw_only=True, tag="choice"):
    """A question that is answered by one of several options."""

    instructions: DecisionInstructions
    """What the question is, and what it is judged by."""
    criteria: dict[str, str | None]
    """Ids of the options and what they mean; 2 to 255. No description, or an empty one, leaves it to the id."""


class ScoreQuestion(Wire, frozen=True, kw_only=True, tag="score"):
    """A question that is answered by a level of a scale."""

    instructions: DecisionInstructions
    """What the question is, and what it is judged by."""
    criteria: tuple[str, ...]
    """What each level means; 2 to 255, the first one is level 0."""


DecisionQuestion = NoulQuestion | ChoiceQuestion | ScoreQuestion


class CreateDecisionRequest(Wire, frozen=True, kw_only=True):
    """One input, and the questions over it by ids that the client chose."""

    model: str
    input: DecisionInput
    questions: dict[str, DecisionQuestion]


class NoulAnswer(Wire, frozen=True, kw_only=True, tag="noul"):
    """Yes or no, by probability."""

    noul: float
    """The probability of yes, from 0.01 to 0.99."""
    confidence: float
    """The probability of the likelier of the two."""


class ChoiceAnswer(Wire, frozen=True, kw_only=True, tag="choice"):
    """One of several options."""

    choice: str
    """The likeliest option."""
    confidence: float
    """Its probability."""
    probabilities: dict[str, float]
    """Of every option; they sum to one."""


class ScoreAnswer(Wire, frozen=True, kw_only=True, tag="score"):
    """A level of a scale."""

    score: float
    """The expected level: the sum of the levels, each times its probability."""
    confidence: float
    """The probability of the likeliest level."""
    probabilities: dict[str, float]
    """Of every level, by its number; they sum to one."""
    legend: dict[str, str]
    """What each level means, by its number."""


DecisionAnswer = NoulAnswer | ChoiceAnswer | ScoreAnswer


class PromptFeedback(Wire, frozen=True, kw_only=True):
    """Why an input was blocked."""

    block_reason: BlockReason | None = None
    block_reason_message: str | None = None


class CreateDecisionResponse(Wire, frozen=True, kw_only=True):
    """The answers, by the ids of their questions."""

    answers: dict[str, DecisionAnswer] | None = None
    prompt_feedback: PromptFeedback | None = None
    """There when the input was blocked. Nothing is blocked here."""
    usage: Usage | None = None
    """The tokens of all questions together."""
