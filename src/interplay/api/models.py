"""The models resource: what the catalogue offers, and the length of a prompt. camelCase, as Google's older APIs are."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from interplay import wire
from interplay.api import body, query
from interplay.api.auth import Door
from interplay.api.operation import Operation
from interplay.errors import Failure, invalid, listed, not_found, shown
from interplay.models.base import Capabilities, ModelRequest
from interplay.models.catalogue import Catalogue, Served
from interplay.wire.decode_body import decode_body

_COUNT: Final = ":countTokens"
_PAGE: Final = 50
_LARGEST_PAGE: Final = 1000
_PAGING: Final = {"pageSize": "integer", "pageToken": "string"}


class Part(msgspec.Struct, frozen=True):
    """A part of a message; only text is counted so far."""

    text: str


class Content(msgspec.Struct, frozen=True):
    """A message in generateContent's form."""

    parts: tuple[Part, ...]
    role: str = "user"


class CountTokensRequest(msgspec.Struct, frozen=True, rename="camel"):
    """The body of countTokens."""

    contents: tuple[Content, ...]
    model: str | None = None
    """The name again, which some clients send."""
    system_instruction: Content | None = None


_COUNT_TOKENS: Final = msgspec.json.Decoder(CountTokensRequest)


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
        return _json(await self._described(await self._catalogue.resolve(request.path_params["id"])))

    async def act(self, request: Request) -> Response:
        """The length of a prompt in tokens."""
        await self._door.project(request)
        target: str = request.path_params["target"]
        if not target.endswith(_COUNT):
            raise not_found(
                f"There is no POST /models/{target[:80]} here. Models are run by POST /interactions; of a model itself "
                f"only /models/NAME{_COUNT} is answered."
            )
        served = await self._catalogue.resolve(target.removesuffix(_COUNT))
        query.check(request)
        asked = decode_body(_COUNT_TOKENS, await body.read(request, self._max_body))
        _check_model(asked, served)
        count = await served.backend.count_tokens(_prompt(served, asked))
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


def _check_model(asked: CountTokensRequest, served: Served) -> None:
    if asked.model is not None and asked.model.removeprefix("models/") != served.name:
        raise invalid(
            f"'model' {shown(asked.model)} is not the model of the path: expected {shown(served.name)}, or none."
        )


def _prompt(served: Served, asked: CountTokensRequest) -> ModelRequest:
    if not asked.contents:
        raise invalid("'contents' is empty: expected at least one message to count.")
    system = _text(asked.system_instruction) if asked.system_instruction else None
    steps = tuple(_step(index, message) for index, message in enumerate(asked.contents))
    return ModelRequest(model=served.model, steps=steps, system_instruction=system)


def _step(index: int, message: Content) -> wire.Step:
    content = (wire.TextContent(text=_text(message)),)
    match message.role:
        case "user" | "":
            return wire.UserInputStep(content=content)
        case "model":
            return wire.ModelOutputStep(content=content)
        case role:
            raise invalid(f"'contents[{index}].role' {shown(role)} is not valid: expected {listed(('user', 'model'))}.")


def _text(message: Content) -> str:
    return "".join(part.text for part in message.parts)


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
