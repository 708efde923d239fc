"""The webhooks resource, and the keys that receivers check signatures with."""

import msgspec

from interplay import wire
from interplay.api import pages
from interplay.api.answer import Answer
from interplay.api.operation import Body, Checked, Known, Open, Operation
from interplay.api.pages import Page
from interplay.webhooks.form import Signatures
from interplay.webhooks.registered import Registered
from interplay.wire.decode_webhook import changes, create_webhook, ping_webhook, rotate_signing_secret, update_webhook


class Mask(msgspec.Struct, frozen=True):
    """The query items of a change."""

    update_mask: str | None = None


class Webhooks:
    """The endpoints."""

    def __init__(self, registered: Registered, signatures: Signatures) -> None:
        self._registered = registered
        self._signatures = signatures

    def routes(self) -> list[Known]:
        """The resource's part of the route table."""
        one = "/webhooks/{id}"
        created, updated = Body(create_webhook, "WebhookInput"), Body(update_webhook, "WebhookUpdate")
        pinged = Body(ping_webhook, required=False)
        rotated = Body(rotate_signing_secret, "RotateSigningSecretRequest", required=False)
        page, secret = "WebhookListResponse", "WebhookRotateSigningSecretResponse"
        return [
            Operation("POST", "/webhooks", self.create, id="createWebhook", body=created, gives="Webhook"),
            Operation("GET", "/webhooks", self.list, id="listWebhooks", query=Page, gives=page),
            Operation("GET", one, self.get, id="getWebhook", gives="Webhook"),
            Operation("PATCH", one, self.update, id="updateWebhook", query=Mask, body=updated, gives="Webhook"),
            Operation("DELETE", one, self.delete, id="deleteWebhook"),
            Operation("POST", f"{one}:ping", self.ping, id="pingWebhook", body=pinged),
            Operation(
                "POST", f"{one}:rotateSigningSecret", self.rotate, id="rotateSigningSecret", body=rotated, gives=secret
            ),
            Operation("POST", f"{one}/rotate_secret", self.rotate, id="rotateSecret", body=rotated, gives=secret),
            Open("/.well-known/jwks.json", self.keys, id="getWebhookKeys", anywhere=True),
        ]

    async def create(self, request: Checked[None, wire.WebhookInput]) -> object:
        """Register a receiver. The answer is the only one that has its whole secret."""
        return await self._registered.create(request.project, request.body)

    async def list(self, request: Checked[Page, None]) -> object:
        """A page of receivers, the oldest first."""
        page, more = await self._registered.list(request.project, request.query.after, request.query.size)
        return wire.WebhookListResponse(webhooks=page, next_page_token=pages.token(more))

    async def get(self, request: Checked[None, None]) -> object:
        """One receiver, without its secret."""
        return await self._registered.get(request.project, request.id)

    async def update(self, request: Checked[Mask, wire.WebhookUpdate]) -> object:
        """Change a receiver: the fields that `update_mask` names, or those that are given."""
        changed = changes(request.body, request.query.update_mask)
        return await self._registered.update(request.project, request.id, changed)

    async def delete(self, request: Checked[None, None]) -> object:
        """Remove a receiver. What was to be sent to it is not sent any more."""
        await self._registered.delete(request.project, request.id)
        return {}

    async def ping(self, request: Checked[None, None]) -> object:
        """Send a receiver a message now, and say whether it took it."""
        await self._registered.ping(request.project, request.id)
        return {}

    async def rotate(self, request: Checked[None, str]) -> object:
        """Give a receiver another secret, which only this answer has."""
        secret = await self._registered.rotate(request.project, request.id, request.body)
        return wire.WebhookRotateSigningSecretResponse(secret=secret)

    async def keys(self) -> Answer:
        """The keys that sign for receivers which a request names, as a JSON Web Key Set."""
        return Answer(await self._signatures.jwks(), headers={"cache-control": "max-age=60"})
