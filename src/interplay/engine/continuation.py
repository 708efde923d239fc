"""Answers in several hops: where the operator limits the decoding of one request, a token lets the client go on.

The SDKs do so by themselves (contract, section 8). A token is sealed and bound to its project, its model and the
interaction that was broken off; where nothing is stored it holds what was said, and is bound to the input instead.

    stored       {"continuation_token", "previous_interaction_id": the interaction that was broken off}, no input
    not stored   {"continuation_token", "input": the same again, "store": false}
"""

import hashlib
from collections.abc import Sequence

import msgspec

from interplay import wire
from interplay.engine.seal import NotOurs, Seal
from interplay.errors import invalid, shown
from interplay.models.base import Counts, ModelRequest


class Continuation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a token holds."""

    model: str
    """As it was requested."""
    left: int | None = None
    """Tokens that are left of the client's own `max_output_tokens`."""
    interaction: str | None = None
    """The stored interaction that was broken off; None where nothing is stored."""
    previous: str | None = None
    """The conversation that an answer went on from that is not stored."""
    input: str | None = None
    """The digest of its input."""
    text: str = ""
    """What was said so far, where nothing is stored."""
    most: int | None = None
    """The client's own `max_output_tokens`."""

    def of(self, request: wire.CreateInteraction, interaction: str) -> "Continuation":
        """The same, bound to the interaction that goes on with it, or to the input where nothing is stored."""
        if request.store is not False:
            return msgspec.structs.replace(self, interaction=interaction)
        previous = request.previous_interaction_id or self.previous
        return msgspec.structs.replace(self, previous=previous, input=digest(request.input))

    def said_after(self, past: Sequence[wire.Step], asked: Sequence[wire.Step]) -> tuple[wire.Step, ...]:
        """The conversation whose last step is what was said of the answer."""
        said = wire.ModelOutputStep(content=(wire.TextContent(text=self.text),))
        return (*past, *asked, said) if self.text else (*past, *asked)


class Hop(msgspec.Struct, frozen=True):
    """What the engine needs to know to break an answer off."""

    most: int | None
    """Tokens that this hop may decode; None where the operator has taken the limit away meanwhile."""
    so_far: Continuation
    """The token that the hop would give, if it said nothing."""
    seal: Seal
    project: str

    def limited(self, request: ModelRequest) -> ModelRequest:
        """The request with the tokens of this hop as its limit."""
        limits = [limit for limit in (self.most, self.so_far.left) if limit is not None]
        config = msgspec.structs.replace(request.generation_config, max_output_tokens=min(limits, default=None))
        return msgspec.structs.replace(request, generation_config=config)

    def token(self, counts: Counts | None, text: str) -> str | None:
        """The token with which an answer that was cut goes on.

        None where it does not: it was cut before its hop was over, for lack of room, or the client wants no more.
        """
        said = None if counts is None or counts.output is None else counts.output + (counts.thought or 0)
        left = self.so_far.left
        if said is None or self.most is None or said < self.most or (left is not None and left <= said):
            return None
        if not text:  # nothing new to go on from: the next hop would only think the same, and so would all after it
            return None
        kept = self.so_far.text if self.so_far.interaction is not None else self.so_far.text + text
        next = msgspec.structs.replace(self.so_far, left=None if left is None else left - said, text=kept)
        return self.seal.sealed(self.project, msgspec.json.encode(next).decode())


class Continuations:
    """Reads tokens, and says how answers are broken off: after `most` tokens; None where they are not."""

    def __init__(self, seal: Seal, most: int | None = None) -> None:
        self._seal = seal
        self._most = most

    def read(self, project: str, request: wire.CreateInteraction) -> Continuation | None:
        """What the request's token says, if it has one. Raises Failure `invalid_request` if it does not fit."""
        token = request.continuation_token
        if not token:
            return None
        try:
            continuation = msgspec.json.decode(self._seal.opened(project, token), type=Continuation)
        except NotOurs:
            raise invalid(
                f"'continuation_token' {shown(token)} was not issued by this server for this project: expected the "
                'token of an interaction that ended with the status "requires_continuation".'
            ) from None
        _check(continuation, request)
        return continuation

    def concern(self, begun: Continuation | None, asked: ModelRequest) -> bool:
        """Whether this answer was, or may be, broken off.

        Calls and JSON are not: a part of them is neither.
        """
        whole = bool(asked.functions) or asked.answer is not None
        if begun is not None and whole:
            raise invalid("'continuation_token' cannot be given with 'tools' or a schema, which it was issued without.")
        return begun is not None or (self._most is not None and not whole)

    def hop(
        self,
        project: str,
        request: wire.CreateInteraction,
        interaction: str,
        begun: Continuation | None,
        *,
        continues: bool,
    ) -> Hop | None:
        """How the answer of this interaction is broken off; not at all by a model that could not go on.

        What goes on in the background keeps nobody waiting, so it goes on to its end.
        """
        if begun is not None and not continues:
            raise invalid("'continuation_token' cannot be honoured: the model cannot go on with an answer any more.")
        if not continues:
            return None
        config = request.generation_config or wire.GenerationConfig()
        so_far = begun or Continuation(request.model or "", config.max_output_tokens, most=config.max_output_tokens)
        return Hop(None if request.background else self._most, so_far.of(request, interaction), self._seal, project)


def digest(input: msgspec.Raw) -> str:
    """The same for the same JSON, however it is written."""
    return hashlib.sha256(msgspec.json.encode(msgspec.json.decode(input) if input else None)).hexdigest()


def _check(continuation: Continuation, request: wire.CreateInteraction) -> None:
    if request.model != continuation.model:
        raise _other("model", request.model, continuation.model)
    asked_for = (request.generation_config or wire.GenerationConfig()).max_output_tokens
    if asked_for != continuation.most:
        raise _other("generation_config.max_output_tokens", asked_for, continuation.most)
    if continuation.interaction is None:
        if request.store is not False or digest(request.input) != continuation.input:
            raise invalid(
                "'continuation_token' is of an answer that is not stored: expected the same 'input' again, and 'store' "
                "false."
            )
        if request.previous_interaction_id not in (None, continuation.previous):
            raise _other("previous_interaction_id", request.previous_interaction_id, continuation.previous)
    elif request.store is False:
        raise invalid("'store' cannot be false with the 'continuation_token' of an answer that is stored.")
    elif request.previous_interaction_id != continuation.interaction:
        raise _other("previous_interaction_id", request.previous_interaction_id, continuation.interaction)
    elif request.input and msgspec.json.decode(request.input) not in (None, []):
        raise invalid("'input' cannot be given with this 'continuation_token': the answer goes on as it was asked for.")


def _other(field: str, got: object, expected: object) -> Exception:
    return invalid(f"'{field}' {shown(got)} is not that of the 'continuation_token': expected {shown(expected)}.")
