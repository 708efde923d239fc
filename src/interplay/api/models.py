"""The models resource: what the catalogue offers, and the length of a prompt. camelCase, as Google's older APIs are."""

from typing import Annotated, Final

import msgspec

from interplay.api import classic, query
from interplay.api.count_tokens import CountTokensRequest, count_tokens_request, prompt
from interplay.api.operation import Body, Checked, Known, Operation, Refusal
from interplay.errors import Failure
from interplay.models.base import Capabilities
from interplay.models.catalogue import Catalogue, Served

_PAGE: Final = 50
_LARGEST_PAGE: Final = 1000


class ModelPage(msgspec.Struct, frozen=True, rename="camel"):
    """The query items of the list of models."""

    page_size: Annotated[int, msgspec.Meta(le=_LARGEST_PAGE)] = _PAGE
    page_token: str = ""


class Models:
    """The endpoints, over the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def routes(self) -> list[Known]:
        """The resource's part of the route table; the name of a model may hold slashes and colons."""
        one = "/models/{id:path}"
        counted = Body(count_tokens_request)
        return [
            Operation("GET", "/models", self.list, id="listModels", query=ModelPage),
            Refusal(f"{one}/operations/{{operation:path}}", classic.operation_not_served, methods=("GET",)),
            Operation("GET", one, self.get, id="getModel"),
            Operation("POST", f"{one}:countTokens", self.count_tokens, id="countTokens", body=counted),
            Refusal(one, classic.not_served, methods=("POST",)),
        ]

    async def list(self, request: Checked[ModelPage, None]) -> object:
        """A page of models."""
        names = await self._catalogue.names()
        start = query.number("pageToken", request.query.page_token or "0", most=len(names))
        size = request.query.page_size or _PAGE
        page = [await self._described(await self._catalogue.resolve(name)) for name in names[start : start + size]]
        more = {"nextPageToken": str(start + size)} if start + size < len(names) else {}
        return {"models": page} | more

    async def get(self, request: Checked[None, None]) -> object:
        """One model."""
        return await self._described(await self._catalogue.resolve(request.id))

    async def count_tokens(self, request: Checked[None, CountTokensRequest]) -> object:
        """The length of a prompt in tokens."""
        served = await self._catalogue.resolve(request.id)
        count = await served.backend.count_tokens(prompt(request.body, served))
        return {"totalTokens": count, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": count}]}

    async def _described(self, served: Served) -> dict[str, object]:
        can = await _capabilities(served)
        described: dict[str, object] = {
            "name": f"models/{served.name}",
            "baseModelId": served.model,
            "version": "1",
            "displayName": served.name,
            "description": f"Answered by {served.model}.",
            "supportedGenerationMethods": ["createInteraction", "countTokens"],
            "thinking": bool(can.thinking_levels),
        }
        limits = {"inputTokenLimit": can.input_token_limit, "outputTokenLimit": can.output_token_limit}
        return described | {name: limit for name, limit in limits.items() if limit is not None}


async def _capabilities(served: Served) -> Capabilities:
    """What the model can do; an engine that cannot be asked just now leaves it open."""
    try:
        return await served.backend.capabilities(served.model)
    except Failure:
        return Capabilities()
