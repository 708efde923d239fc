"""The backend for any server that speaks OpenAI's chat completions: vLLM, SGLang, Ollama, llama-server and more.

Not here: the protocol itself (`chat`), or which requested name goes to which model.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Capabilities, ModelRequest, Piece, Weighed
from interplay.models.chat import tokens, weighing
from interplay.models.chat.client import ChatClient
from interplay.models.chat.completion import read
from interplay.models.chat.corrected import CorrectedChat, needs_correcting
from interplay.models.chat.counts import token_count
from interplay.models.checks import check
from interplay.settings import ReasoningBack, StructuredOutput

_RELIST_SECONDS: Final = 5.0


_GO_ON: Final[Mapping[str, object]] = {"continue_final_message": True, "add_generation_prompt": False}
"""Has vLLM, SGLang and llama-server go on with the last message instead of answering it."""


class Model(msgspec.Struct, frozen=True):
    """An entry of `GET /models`; each kind of server has its own word for the context length."""

    id: str
    max_model_len: Any = None
    context_length: Any = None
    meta: Any = None
    """What llama-server says: `n_ctx` is what it was started with, `n_ctx_train` what the model was trained for."""

    def context(self) -> int | None:
        """The context length, by whichever word the server uses."""
        meta = self.meta if isinstance(self.meta, dict) else {}
        words = (self.max_model_len, self.context_length, meta.get("n_ctx"), meta.get("n_ctx_train"))
        return next((count for word in words if (count := token_count(word))), None)


class Models(msgspec.Struct, frozen=True):
    """The answer to `GET /models`."""

    data: list[Model]


class OpenAIBackend:
    """One upstream.

    `known` says what its models can do: with `thinking_levels`, `reasoning_effort` is sent. `continues`: they go on
    with answers that were broken off. `reasoning_back` says with which messages their thoughts go back to them,
    `structured_output` how answers with a schema are asked for (`chat.ways`). The other settings are those of
    `ChatClient`.
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
        idle_timeout: float = 300.0,
        answer_timeout: float = 1800.0,
        begins_thinking: bool | None = None,
        reasoning_back: ReasoningBack = "calls",
    ) -> None:
        key = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._chat = ChatClient(
            base_url,
            {**key, **(headers or {})},
            extra=extra,
            connect_timeout=connect_timeout,
            idle_timeout=idle_timeout,
            answer_timeout=answer_timeout,
            begins_thinking=begins_thinking,
        )
        self._corrected = CorrectedChat(self._chat, structured_output)
        self._known = known
        self._reasoning_back = reasoning_back
        self.continues = continues
        self._extra = dict(extra or {})
        self._answer_timeout = answer_timeout
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

    def check(self, request: ModelRequest) -> None:
        """Refuse what a text model cannot honour, and levels of thinking that this one does not have."""
        check(request, self._known)

    def generate(self, request: ModelRequest) -> AsyncGenerator[Piece, None]:
        """The model's answer; what must have a form is asked for until it has it."""
        request = self._with_reasoning(request)
        chat = self._corrected if needs_correcting(request) else self._chat
        return chat.generate(request, {**self._effort(request), **_going_on(request)})

    async def weigh(self, request: ModelRequest, options: Sequence[str]) -> Weighed:
        """How probable each option is, from the twenty likeliest beginnings of the answer that the upstream tells."""
        upstream = self._chat.upstream
        url, fields = upstream.base_url + "/chat/completions", self._extra | weighing.body(request)
        answer = await upstream.fetch("POST", url, fields, self._answer_timeout)
        return weighing.weighed(read(answer, upstream.secrets), options, upstream.secrets)

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

    def _with_reasoning(self, request: ModelRequest) -> ModelRequest:
        """The request that says what reasoning goes back."""
        return msgspec.structs.replace(request, reasoning_back=self._reasoning_back)

    def _effort(self, request: ModelRequest) -> Mapping[str, object]:
        level = request.generation_config.thinking_level
        thinks = self._known.thinking_levels
        return {"reasoning_effort": level} if level and thinks else {}

    async def _listed(self) -> list[Model]:
        """The upstream's list, asked for at most every few seconds."""
        now = asyncio.get_running_loop().time()
        if self._list is None or now - self._list[0] >= _RELIST_SECONDS:
            self._list = (now, await self._ask_for_list())
        return self._list[1]

    async def _ask_for_list(self) -> list[Model]:
        body = await self._chat.upstream.fetch("GET", self._chat.upstream.base_url + "/models")
        try:
            return msgspec.json.decode(body, type=Models).data
        except msgspec.DecodeError as error:
            raise Failure("bad_gateway", f"the upstream's list of models is not one: {error}") from error


def _going_on(request: ModelRequest) -> Mapping[str, object]:
    return _GO_ON if request.continues else {}
