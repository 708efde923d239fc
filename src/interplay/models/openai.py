"""The backend for any server that speaks OpenAI's chat completions: vLLM, SGLang, Ollama, llama-server and more.

Not here: the protocol itself (`chat`), or which requested name goes to which model.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Capabilities, Failed, ModelRequest, Piece, Weighed
from interplay.models.chat import tokens, weighing
from interplay.models.chat.client import ChatClient
from interplay.models.chat.completion import read
from interplay.models.chat.corrected import CorrectedChat, needs_correcting
from interplay.models.chat.learnable import LEARNABLE, RESPONSE_FORMAT
from interplay.models.chat.listing import Model, Models
from interplay.models.chat.refusals import Refused
from interplay.models.chat.ways import Ways
from interplay.models.checks import check
from interplay.models.thinking import given
from interplay.notes import Note
from interplay.settings.models import FIRST_BYTE_SECONDS, SILENCE_SECONDS, ReasoningBack, StructuredOutput
from interplay.wire import GenerationConfig

_HINTS: Final = {name: name for name in ("temperature", "top_p", "top_k", "seed")} | {
    "thinking_level": "reasoning_effort"
}
"""Fields that some upstreams refuse, and are then asked without; and what of theirs it is (`chat.learnable`)."""
_UNTAKEN: Final = "the upstream does not take it"

_RELIST_SECONDS: Final = 5.0


_ELSEWHERE: Final = {"invalid_request", "bad_gateway"}
"""How an upstream refuses an address that it does not have: 404 mostly, nonsense with some."""

_NOT_THERE: Final = {404, 405, 500, 501}
"""The HTTP statuses of that; an error without any counts as 500."""

_GO_ON: Final[Mapping[str, object]] = {"continue_final_message": True, "add_generation_prompt": False}
"""Has vLLM, SGLang and llama-server go on with the last message instead of answering it."""


class OpenAIBackend:
    """One upstream. `on_learnt` hears which model was found not to take what, an empty name for one that is not listed.

    `known` says what its models can do: with `thinking_levels`, `reasoning_effort` is sent. `continues`: they go on
    with answers that were broken off. `reasoning_back` says with which messages their thoughts go back to them,
    `structured_output` how answers with a schema are asked for. The other settings are those of `ChatClient`.
    """

    weighs_at_once = 4

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        known: Capabilities = Capabilities(),  # noqa: B008 - frozen
        continues: bool = False,
        structured_output: StructuredOutput = "checked",
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
        connect_timeout: float = 10.0,
        first_byte_seconds: float = FIRST_BYTE_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
        begins_thinking: bool | None = None,
        reasoning_back: ReasoningBack = "calls",
        on_learnt: Callable[[str, str], None] = lambda _model, _way: None,
    ) -> None:
        self._on_learnt = on_learnt
        key = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._chat = ChatClient(
            base_url,
            {**key, **(headers or {})},
            extra=extra,
            connect_timeout=connect_timeout,
            first_byte_seconds=first_byte_seconds,
            silence_seconds=silence_seconds,
            ways=Ways(
                (*LEARNABLE, RESPONSE_FORMAT) if structured_output == "checked" else LEARNABLE, learnt=self._learnt
            ),
            begins_thinking=begins_thinking,
        )
        self._corrected = CorrectedChat(self._chat, structured_output)
        self._known = known
        self._reasoning_back = reasoning_back
        self.continues = continues
        self._list: tuple[float, list[Model]] | None = None
        self._found = self.base_url.endswith("/v1")
        """Whether it is known to be at its address."""

    async def open(self) -> None:
        """Make ready to ask; the upstream itself may come up later."""
        await self._chat.open()

    async def close(self) -> None:
        """Close every connection; turns still running end with `Failed`."""
        await self._chat.close()

    def ready(self) -> bool:
        """Whether a request sent now would start at once, as far as it depends on us."""
        return self._chat.upstream.is_open()

    def check(self, request: ModelRequest) -> tuple[Note, ...]:
        """Refuse what a text model cannot honour."""
        return check(request, self._known)

    def untaken(self, model: str, config: GenerationConfig) -> tuple[Note, ...]:
        """The hints that the upstream was found not to take."""
        left_out = {way.name for way in self._chat.ways.known(model)}
        given = (field for field, way in _HINTS.items() if way in left_out and getattr(config, field) is not None)
        return tuple(Note(f"generation_config.{field}", _UNTAKEN) for field in given)

    def generate(self, request: ModelRequest) -> AsyncGenerator[Sequence[Piece], None]:
        """The model's answer; what must have a form is asked for until it has it."""
        request = self._with_reasoning(request)
        return self._answer(request) if self._found else self._found_answer(request)

    async def weigh(self, request: ModelRequest, options: Sequence[str]) -> Weighed:
        """How probable each option is, from the twenty likeliest beginnings of the answer that the upstream tells."""
        secrets = self._chat.upstream.secrets
        address = self.base_url
        try:
            answer = await self._chat.fetch(request.model, weighing.body(request))
        except Failure as failure:
            if not await self._is_elsewhere(address, failure):
                raise
            answer = await self._chat.fetch(request.model, weighing.body(request))
        return weighing.weighed(read(answer, secrets), options, secrets)

    async def count_tokens(self, request: ModelRequest) -> int:
        """The prompt's length in tokens, where the upstream has a tokenizer to ask."""
        asked = self._corrected.asked(self._with_reasoning(request))
        return await tokens.count(self._chat.upstream, self._chat.asked(asked))

    async def capabilities(self, model: str) -> Capabilities:
        """What the settings say of the model; the context length as the upstream tells it, if it does."""
        if self._known.input_token_limit is not None:
            return self._known
        try:
            listed = await self._listed()
        except Failure:  # an upstream that is away, or keeps no list, leaves what is known
            return self._known
        context = next((entry.context() for entry in listed if entry.id == model), None)
        return msgspec.structs.replace(self._known, input_token_limit=context)

    async def models(self) -> list[str]:
        """The names that the upstream lists."""
        return [model.id for model in await self._listed()]

    async def chat_models(self) -> list[str]:
        """Those of them that can chat, as far as the list tells."""
        return [model.id for model in await self._listed() if model.chats()]

    @property
    def base_url(self) -> str:
        """Where the upstream is, `/v1` included once it was found there."""
        return self._chat.upstream.base_url

    def _answer(self, request: ModelRequest) -> AsyncGenerator[Sequence[Piece], None]:
        chat = self._corrected if needs_correcting(request) else self._chat
        return chat.generate(request, {**self._effort(request), **_going_on(request)})

    async def _found_answer(self, request: ModelRequest) -> AsyncGenerator[Sequence[Piece], None]:
        """The same of an upstream that has not been heard yet: it may be below the address that is known."""
        address, elsewhere = self.base_url, False
        async with aclosing(self._answer(request)) as batches:
            async for batch in batches:
                if not self._found and isinstance(failed := batch[0], Failed):
                    elsewhere = await self._is_elsewhere(address, failed.failure)
                    if elsewhere:
                        break
                self._found = self._found or not isinstance(batch[0], Failed)
                yield batch
        if elsewhere:
            async with aclosing(self._answer(request)) as batches:
                async for batch in batches:
                    yield batch

    async def _is_elsewhere(self, address: str, failure: Failure) -> bool:
        """Whether the upstream is not where it was asked but below that, from where it is asked from now on."""
        if not self._found and self.base_url == address and _is_of_address(failure):
            with suppress(Failure):
                self._list = (asyncio.get_running_loop().time(), await self._list_at(f"{address}/v1"))
                self._move(f"{address}/v1")
        return self.base_url != address

    def _move(self, address: str) -> None:
        self._chat.move(address)
        self._found = True

    def _with_reasoning(self, request: ModelRequest) -> ModelRequest:
        """The request that says what reasoning goes back."""
        return msgspec.structs.replace(request, reasoning_back=self._reasoning_back)

    def _effort(self, request: ModelRequest) -> Mapping[str, object]:
        level = given(request.generation_config.thinking_level, self._known.thinking_levels)
        return {"reasoning_effort": level} if level and self._known.thinking_levels else {}

    def _learnt(self, model: str, way: str) -> None:
        """Pass on what was learnt of a model. A name that the upstream does not list is the client's own word."""
        listed = self._list[1] if self._list else ()
        self._on_learnt(model if any(entry.id == model for entry in listed) else "", way)

    async def _listed(self) -> list[Model]:
        """The upstream's list, asked for at most every few seconds."""
        now = asyncio.get_running_loop().time()
        if self._list is None or now - self._list[0] >= _RELIST_SECONDS:
            self._list = (now, await self._ask_for_list())
        return self._list[1]

    async def _ask_for_list(self) -> list[Model]:
        """The list, and where it is: an address that lacks `/v1` is completed once something answers there."""
        address = self.base_url
        try:
            return await self._list_at(address)
        except Failure as failure:
            if address.endswith("/v1") or failure.code not in _ELSEWHERE:
                raise
            listed = await self._list_below(address, failure)
        self._move(f"{address}/v1")
        return listed

    async def _list_below(self, address: str, failure: Failure) -> list[Model]:
        try:
            return await self._list_at(f"{address}/v1")
        except Failure:
            raise failure from None

    async def _list_at(self, address: str) -> list[Model]:
        body = await self._chat.upstream.fetch("GET", f"{address}/models")
        try:
            return msgspec.json.decode(body, type=Models).data
        except msgspec.DecodeError as error:
            raise Failure("bad_gateway", f"the upstream's list of models is not one: {error}") from error


def _is_of_address(failure: Failure) -> bool:
    """Whether a chat may have failed because nothing is there that chats."""
    if isinstance(failure, Refused):
        return failure.upstream_status in _NOT_THERE
    return failure.code == "bad_gateway" and not failure.passing


def _going_on(request: ModelRequest) -> Mapping[str, object]:
    return _GO_ON if request.continues else {}
