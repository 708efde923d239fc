"""Whether an engine of the user's own can do all that the local backend asks, found out before anybody needs it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from interplay.errors import Failure
from interplay.models.local.tokenizer import Ask

WORD: Final = "xyz"


async def probe(ask: Ask) -> None:
    """Try each thing once. Raises Failure that names the one it lacks."""
    for what, tried in ABILITIES.items():
        try:
            able = await tried(ask)
        except (Failure, msgspec.MsgspecError, KeyError, IndexError, TypeError) as error:
            raise lacking(what, str(error)) from error
        if not able:
            raise lacking(what, "it answers, but not as llama-server does")


def lacking(what: str, why: str) -> Failure:
    """The failure for an ability that it has not."""
    return Failure("unavailable", f"this build of llama-server lacks {what} ({why}); use a newer one")


async def asked(ask: Ask, endpoint: str, **question: object) -> Any:
    """The JSON of an answer."""
    return msgspec.json.decode(await ask(endpoint, question))


async def tokenizes(ask: Ask) -> bool:
    """Texts and numbers in one question, each token with its text."""
    told = await asked(ask, "tokenize", content=[WORD, 0], parse_special=False, with_pieces=True)
    return len(told["tokens"]) > 1 and isinstance(told["tokens"][0]["id"], int)


async def writes_chats(ask: Ask) -> bool:
    """The model's own template, as text."""
    told = await asked(ask, "apply-template", messages=[{"role": "user", "content": WORD}])
    return WORD in told["prompt"]


async def counts_chats(ask: Ask) -> bool:
    """How long a chat is, without an answer to it."""
    messages = [{"role": "user", "content": WORD}]
    told = await asked(ask, "v1/chat/completions/input_tokens", messages=messages)
    return bool(told["input_tokens"] > 0)


async def keeps_to_grammars(ask: Ask) -> bool:
    """Nothing but what a grammar allows, also where the model would rather say something else."""
    told = await asked(ask, "completion", prompt="Hello", n_predict=16, grammar=f'root ::= "{WORD}"', temperature=0)
    return bool(told["content"] == WORD)


async def tells_probabilities(ask: Ask) -> bool:
    """Those that are left after the samplers, biases included."""
    tokens = (await asked(ask, "tokenize", content=WORD))["tokens"][:1]
    told = await asked(
        ask,
        "completion",
        prompt="Hello",
        n_predict=1,
        samplers=["temperature"],
        temperature=1.0,
        logit_bias=[[token, 100.0] for token in tokens],
        post_sampling_probs=True,
        n_probs=1,
    )
    (likeliest,) = told["completion_probabilities"][0]["top_probs"]
    return bool(likeliest["id"] == tokens[0] and likeliest["prob"] > 0.99)


ABILITIES: Final[dict[str, Callable[[Ask], Awaitable[bool]]]] = {
    "/tokenize with pieces and mixed content": tokenizes,
    "/apply-template": writes_chats,
    "/v1/chat/completions/input_tokens": counts_chats,
    "grammars": keeps_to_grammars,
    "logit_bias with post_sampling_probs": tells_probabilities,
}
