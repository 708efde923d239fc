"""Google's older resources, which this server does not have: each refusal says what is served instead.

Their clients read another form of errors (`errors`), so whatever fails at these paths is answered in that form. The
models resource (`models`) is one of them, and served in part.
"""

from typing import Final

from interplay.api.operation import Refusal
from interplay.errors import Failure, not_found

_INPUT: Final = "what a model is to read goes into the 'input' of POST /interactions"
_LATER: Final = (
    "POST /interactions with 'background' works while nobody waits, and GET /interactions/{id} shows how far it is"
)
_KEYS: Final = "'interplay keys create' makes keys"
_TUNED: Final = "a model that was tuned elsewhere is served under a name of its own, by an entry of [[models]]"

_RESOURCES: Final = {
    "files": _INPUT,
    "generatedFiles": _INPUT,
    "upload": _INPUT,
    "fileSearchStores": _INPUT,
    "ragStores": _INPUT,
    "corpora": _INPUT,
    "cachedContents": "what requests begin with in common is kept in the model's cache by itself",
    "batches": _LATER,
    "batchPredictionJobs": _LATER,
    "operations": _LATER,
    "tunedModels": _TUNED,
    "tuningJobs": _TUNED,
    "endpoints": "POST /interactions runs a model, by its name",
    "dynamic": "POST /interactions runs a model, by its name",
    "reasoningEngines": "POST /interactions runs a model, by its name",
    "auth_tokens": _KEYS,
    "authTokens": _KEYS,
}
"""What is served instead, by the name that a path begins with."""

_OF_MODELS: Final = {
    "generateContent": "POST /interactions runs a model",
    "streamGenerateContent": "POST /interactions with 'stream' runs a model and gives its events",
    "batchGenerateContent": _LATER,
    "embedContent": "no model here makes embeddings",
    "batchEmbedContents": "no model here makes embeddings",
    "asyncBatchEmbedContent": "no model here makes embeddings",
    "predict": "POST /interactions runs a model, which answers in text",
    "predictLongRunning": "POST /interactions runs a model, which answers in text",
    "fetchPredictOperation": _LATER,
    "computeTokens": "of a model itself ':countTokens' is served",
}
"""What is served instead of a method of a model."""

NAMES: Final = frozenset(_RESOURCES)
"""What the paths of these resources begin with, behind their version."""


def is_classic(path: str) -> bool:
    """Whether clients of the older resources read what is answered at this path (canonical)."""
    name = path[1:].partition("/")[0].partition(":")[0]
    return name == "models" or name in NAMES


def not_served(method: str, path: str) -> Failure:
    """The refusal of what an older resource, or a model, would do."""
    name, verb = path[1:].partition("/")[0].partition(":")[0], path.rpartition(":")[2]
    other = "POST /interactions runs a model; of a model itself only ':countTokens' is served"
    instead = _RESOURCES.get(name) or _OF_MODELS.get(verb, other)
    return not_found(f"{method} {path[:200]} is not served here: {instead}.")


def operation_not_served(method: str, path: str) -> Failure:
    """The refusal of an operation that a model would have, where it works for long."""
    return not_served(method, f"/operations/{path.rpartition('/')[2]}")


def refusals() -> list[Refusal]:
    """Their part of the route table, behind all that is served."""
    forms = ("", ":{verb}", "/{rest:path}")
    return [Refusal(f"/{name}{form}", not_served) for name in _RESOURCES for form in forms]
