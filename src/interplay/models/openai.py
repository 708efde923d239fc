"""The backend for any server that speaks OpenAI's chat completions: vLLM, SGLang, Ollama, llama-server and more.

Not here: the protocol itself (`chat`), or which requested name goes to which model.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Capabilities, ModelRequest, Piece, Weighed
from interplay.models.chat import tokens, weighing
from interplay.models.chat.client import ChatClient
from interplay.models.chat.completion import read
from interplay.models.chat.corrected import CorrectedChat, needs_correcting
from interplay.models.chat.learnable import LEARNABLE, RESPONSE_FORMAT
from interplay.models.chat.listing import Model, Models
from interplay.models.chat.ways import Ways
from interplay.models.checks import check
from interplay.models.thinking import given
from interplay.notes import Note
from interplay.settings.models import FIRST_BYTE_SECONDS, SILENCE_SECONDS, ReasoningBack, StructuredOutput

_HINTS: Final = ("temperature", "top_p", "top_k", "seed")
"""Sampling that some upstreams refuse, and are then asked without (`chat.learnable`)."""
_UNTAKEN: Final = "the upstream does not take it"

_RELIST_SECONDS: Final = 5.0


_ELSEWHERE: Final = {"invalid_request", "bad_gateway"}
"""How an upstream refuses an address that it does not have: 404 mostly, nonsense with some."""

_GO_ON: Final[Mapping[str, object]] = {"continue_final_message": True, "add_generation_prompt": False}
"""Has vLLM, SGLang and llama-server go on with the last message instead of answering it."""


class OpenAIBackend:
    """One upstream.

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
    ) -> None:
        key = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._chat = ChatClient(
            base_url,
            {**key, **(headers or {})},
            extra=extra,
            connect_timeout=connect_timeout,
            first_byte_seconds=first_byte_seconds,
            silence_seconds=silence_seconds,
            ways=Ways((*LEARNABLE, RESPONSE_FORMAT) if structured_output == "checked" else LEARNABLE),
            begins_thinking=begins_thinking,
        )
        self._corrected = CorrectedChat(self._chat, structured_output)
        self._known = known
        self._reasoning_back = reasoning_back
        self.continues = continues
        self._list: tuple[float, list[Model]] | None = None

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
        """Refuse what a text model cannot honour, and note what the upstream is known not to take."""
        left_out = {way.name for way in self._chat.ways.known(request.model)}
        hints = ((field, getattr(request.generation_config, field)) for field in _HINTS)
        untaken = (
            Note(f"generation_config.{field}", _UNTAKEN)
            for field, value in hints
            if value is not None and field in left_out
        )
        return *check(request, self._known), *untaken

    def generate(self, request: ModelRequest) -> AsyncGenerator[Piece, None]:
        """The model's answer; what must have a form is asked for until it has it."""
        request = self._with_reasoning(request)
        chat = self._corrected if needs_correcting(request) else self._chat
        return chat.generate(request, {**self._effort(request), **_going_on(request)})

    async def weigh(self, request: ModelRequest, options: Sequence[str]) -> Weighed:
        """How probable each option is, from the twenty likeliest beginnings of the answer that the upstream tells."""
        secrets = self._chat.upstream.secrets
        answer = await self._chat.fetch(request.model, weighing.body(request))
        return weighing.weighed(read(answer, secrets), options, secrets)

    async def count_tokens(self, request: ModelRequest) -> int:
        """The prompt's length in tokens, where the upstream has a tokenizer to ask."""
        return await tokens.count(self._chat.upstream, self._corrected.asked(self._with_reasoning(request)))

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

    def _with_reasoning(self, request: ModelRequest) -> ModelRequest:
        """The request that says what reasoning goes back."""
        return msgspec.structs.replace(request, reasoning_back=self._reasoning_back)

    def _effort(self, request: ModelRequest) -> Mapping[str, object]:
        level = given(request.generation_config.thinking_level, self._known.thinking_levels)
        return {"reasoning_effort": level} if level and self._known.thinking_levels else {}

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
        self._chat.move(f"{address}/v1")
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


def _going_on(request: ModelRequest) -> Mapping[str, object]:
    return _GO_ON if request.continues else {}
