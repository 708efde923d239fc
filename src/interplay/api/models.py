"""The models resource: what the catalogue offers, and the length of a prompt. camelCase, as Google's older APIs are."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from interplay.api import body, query
from interplay.api.auth import Door
from interplay.api.classic import not_served
from interplay.api.count_tokens import prompt
from interplay.api.operation import Operation
from interplay.errors import Failure
from interplay.models.base import Capabilities
from interplay.models.catalogue import Catalogue, Served

_COUNT: Final = ":countTokens"
_PAGE: Final = 50
_LARGEST_PAGE: Final = 1000
_PAGING: Final = {"pageSize": "integer", "pageToken": "string"}


class Models:
    """The endpoints, over the catalogue."""

    def __init__(self, catalogue: Catalogue, door: Door, *, max_body: int) -> None:
        self._catalogue = catalogue
        self._door = door
        self._max_body = max_body

    def routes(self) -> list[Operation]:
        """The resource's part of the route table."""
        return [
            Operation("GET", "/models", self.list, id="listModels", query=_PAGING),
            Operation("GET", "/models/{id:path}", self.get, id="getModel"),
            Operation(
                "POST", "/models/{target:path}", self.act, id="countTokens", documented=f"/models/{{id}}{_COUNT}"
            ),
        ]

    async def list(self, request: Request) -> Response:
        """A page of models."""
        await self._door.project(request)
        query.check(request, *_PAGING)
        names = await self._catalogue.names()
        start = query.number(request, "pageToken", 0, most=len(names))
        size = query.number(request, "pageSize", _PAGE, most=_LARGEST_PAGE) or _PAGE
        page = [await self._described(await self._catalogue.resolve(name)) for name in names[start : start + size]]
        more = {"nextPageToken": str(start + size)} if start + size < len(names) else {}
        return _json({"models": page} | more)

    async def get(self, request: Request) -> Response:
        """One model."""
        await self._door.project(request)
        query.check(request)
        id: str = request.path_params["id"]
        if "/operations/" in id:  # which a model has where it works for long
            raise not_served("GET", f"/operations/{id.rpartition('/')[2]}")
        return _json(await self._described(await self._catalogue.resolve(id)))

    async def act(self, request: Request) -> Response:
        """The length of a prompt in tokens."""
        await self._door.project(request)
        target: str = request.path_params["target"]
        if not target.endswith(_COUNT):
            raise not_served("POST", f"/models/{target}")
        served = await self._catalogue.resolve(target.removesuffix(_COUNT))
        query.check(request)
        count = await served.backend.count_tokens(prompt(await body.read(request, self._max_body), served))
        return _json({"totalTokens": count, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": count}]})

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


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
