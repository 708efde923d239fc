"""The part of the composition root that makes the webhooks: who is told of ends, and the loop that tells them."""

from contextlib import AsyncExitStack

from interplay import clock, ids
from interplay.api.auth import Door
from interplay.api.webhooks import Webhooks
from interplay.fetching.client import Client
from interplay.fetching.names import Names
from interplay.jobs.delivery import FORGET_SECONDS, SECONDS, Delivery
from interplay.jobs.loop import Loop
from interplay.observe import Observer
from interplay.settings.webhooks import WebhooksSettings
from interplay.store.base import Store
from interplay.webhooks.asymmetric import Asymmetric
from interplay.webhooks.form import Signatures
from interplay.webhooks.keys import SigningKeys
from interplay.webhooks.posting import Posting
from interplay.webhooks.reach import Reach
from interplay.webhooks.registered import Registered
from interplay.webhooks.requested import Requested
from interplay.webhooks.sending import Sender
from interplay.webhooks.tokens import Tokens


class Hooks:
    """The webhooks of one server."""

    def __init__(self, settings: WebhooksSettings, store: Store) -> None:
        self._store = store
        self._reach = Reach(settings)
        self._names = Names()
        self._signatures = _signatures(settings, store)
        self._posting = Posting(Sender(Client(self._reach, self._names.addresses)), self._signatures, clock.system)
        self.check = Requested(self._reach).check
        """Judges what a request asks for."""

    async def open(self, server: str, stack: AsyncExitStack, observe: Observer, *, alone: bool) -> None:
        """Send what is in the outbox, from now on; if this is the only server, also what one before it had claimed."""
        if alone:
            await self._store.outbox.release()
        sending = Delivery(self._store.outbox, self._posting, server, observe)
        loop = Loop("delivery", sending.tick, SECONDS, observe)
        sending.on_room = self._store.outbox.on_put = loop.wake
        stack.callback(self._names.close)
        stack.push_async_callback(sending.close)
        for each in (loop, Loop("dead letters", sending.forget, FORGET_SECONDS, observe)):
            each.open()
            stack.push_async_callback(each.close)

    def resource(self, door: Door, max_body: int) -> Webhooks:
        """The endpoints."""
        registered = Registered(
            self._store.webhooks, self._reach, self._posting, clock.system, ids.webhook_id, ids.message_id
        )
        return Webhooks(registered, self._signatures, door, max_body=max_body)


def _signatures(settings: WebhooksSettings, store: Store) -> Signatures:
    tokens = Tokens(SigningKeys(store, clock.system, Tokens.kind), settings.audience)
    asymmetric = Asymmetric(SigningKeys(store, clock.system, Asymmetric.kind))
    match settings.request_signatures:
        case "jwt":
            return Signatures(tokens, asymmetric)
        case "v1a":
            return Signatures(asymmetric, tokens)
