"""The webhooks resource, and the keys that receivers check signatures with."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from interplay import wire
from interplay.api import body, pages, query
from interplay.api.auth import Door
from interplay.api.operation import Media, Operation
from interplay.webhooks.form import Signatures
from interplay.webhooks.registered import Registered
from interplay.wire.decode_webhook import create_webhook, ping_webhook, rotate_signing_secret, update_webhook

_PING: Final = ":ping"
_ROTATE: Final = ":rotateSigningSecret"
_WEBHOOK: Final[dict[Media, str | None]] = {"application/json": "Webhook"}
_PAGE_OF_THEM: Final[dict[Media, str | None]] = {"application/json": "WebhookListResponse"}
_SECRET: Final[dict[Media, str | None]] = {"application/json": "WebhookRotateSigningSecretResponse"}


class Webhooks:
    """The endpoints."""

    def __init__(self, registered: Registered, signatures: Signatures, door: Door, *, max_body: int) -> None:
        self._registered = registered
        self._signatures = signatures
        self._door = door
        self._max_body = max_body

    def routes(self) -> list[Operation]:
        """The resource's part of the route table."""
        one = "/webhooks/{id}"
        rotating = "RotateSigningSecretRequest"
        return [
            Operation("POST", "/webhooks", self.create, id="createWebhook", body="WebhookInput", gives=_WEBHOOK),
            Operation("GET", "/webhooks", self.list, id="listWebhooks", query=pages.QUERY, gives=_PAGE_OF_THEM),
            Operation("GET", one, self.get, id="getWebhook", gives=_WEBHOOK),
            Operation(
                "PATCH",
                one,
                self.update,
                id="updateWebhook",
                query={"update_mask": "string"},
                body="WebhookUpdate",
                gives=_WEBHOOK,
            ),
            Operation("DELETE", one, self.delete, id="deleteWebhook"),
            Operation("POST", f"{one}{_PING}", self.ping, id="pingWebhook"),
            Operation("POST", f"{one}{_ROTATE}", self.rotate, id="rotateSigningSecret", body=rotating, gives=_SECRET),
            Operation("POST", f"{one}/rotate_secret", self.rotate, id="rotateSecret", body=rotating, gives=_SECRET),
            Operation("GET", "/.well-known/jwks.json", self.keys, id="getWebhookKeys", open=True),
        ]

    async def create(self, request: Request) -> Response:
        """Register a receiver. The answer is the only one that has its whole secret."""
        project = await self._door.project(request)
        query.check(request)
        asked = create_webhook(await body.read(request, self._max_body))
        return _json(await self._registered.create(project, asked))

    async def list(self, request: Request) -> Response:
        """A page of receivers, the oldest first."""
        project = await self._door.project(request)
        query.check(request, *pages.QUERY)
        page, more = await self._registered.list(project, pages.after(request), pages.size(request))
        return _json(wire.WebhookListResponse(webhooks=page, next_page_token=pages.token(more)))

    async def get(self, request: Request) -> Response:
        """One receiver, without its secret."""
        project = await self._door.project(request)
        query.check(request)
        return _json(await self._registered.get(project, request.path_params["id"]))

    async def update(self, request: Request) -> Response:
        """Change a receiver: the fields that `update_mask` names, or those that are given."""
        project = await self._door.project(request)
        query.check(request, "update_mask")
        mask = request.query_params.get("update_mask")
        changes = update_webhook(await body.read(request, self._max_body), mask)
        return _json(await self._registered.update(project, request.path_params["id"], changes))

    async def delete(self, request: Request) -> Response:
        """Remove a receiver. What was to be sent to it is not sent any more."""
        project = await self._door.project(request)
        query.check(request)
        await self._registered.delete(project, request.path_params["id"])
        return _json({})

    async def ping(self, request: Request) -> Response:
        """Send a receiver a message now, and say whether it took it."""
        project = await self._door.project(request)
        query.check(request)
        ping_webhook(await body.read(request, self._max_body))
        await self._registered.ping(project, request.path_params["id"])
        return _json({})

    async def rotate(self, request: Request) -> Response:
        """Give a receiver another secret, which only this answer has."""
        project = await self._door.project(request)
        query.check(request)
        behavior = rotate_signing_secret(await body.read(request, self._max_body))
        secret = await self._registered.rotate(project, request.path_params["id"], behavior)
        return _json(wire.WebhookRotateSigningSecretResponse(secret=secret))

    async def keys(self, _: Request) -> Response:
        """The keys that sign for receivers which a request names, as a JSON Web Key Set."""
        return Response(
            await self._signatures.jwks(), headers={"cache-control": "max-age=60"}, media_type="application/json"
        )


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
