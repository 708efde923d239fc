"""Webhooks: who is told of ends, and the loop that tells them."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from interplay import clock, ids
from interplay.api.operation import Known
from interplay.api.webhooks import Webhooks
from interplay.fetching.client import Client
from interplay.fetching.names import Names
from interplay.jobs.delivery import FORGET_SECONDS, SECONDS, Delivery
from interplay.jobs.loop import Loop
from interplay.parts.part import Part, Process
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


class WebhooksPart(Part):
    """The webhooks of one server."""

    _delivery: Delivery

    def __init__(self, process: Process) -> None:
        self._process = process
        self._reach = Reach(process.settings.webhooks)
        self._names = Names()
        self._signatures = _signatures(process.settings.webhooks, process.store)
        client = Client(self._reach, self._names.addresses)
        self._posting = Posting(Sender(client), self._signatures, clock.system)
        self.check = Requested(self._reach).check
        """Judges what a request asks for."""

    async def open(self, stack: AsyncExitStack) -> None:
        """If this is the only server, send what one before it had claimed. At the stop, wait for what is sent."""
        outbox = self._process.store.outbox
        if self._process.alone:
            await outbox.release()
        self._delivery = Delivery(outbox, self._posting, self._process.owner, self._process.observe)
        stack.callback(self._names.close)
        stack.push_async_callback(self._delivery.close)

    def loops(self) -> Sequence[Loop]:
        """Sends what is in the outbox, as soon as it is there."""
        sending = Loop("delivery", self._delivery.tick, SECONDS, self._process.observe)
        self._delivery.on_room = self._process.store.outbox.on_put = sending.wake
        return sending, Loop("dead letters", self._delivery.forget, FORGET_SECONDS, self._process.observe)

    def routes(self) -> Sequence[Known]:
        """The resource, and the keys that signatures are checked with."""
        registered = Registered(
            self._process.store.webhooks, self._reach, self._posting, clock.system, ids.webhook_id, ids.message_id
        )
        return Webhooks(registered, self._signatures).routes()


def _signatures(settings: WebhooksSettings, store: Store) -> Signatures:
    tokens = Tokens(SigningKeys(store, clock.system, Tokens.kind), settings.audience)
    asymmetric = Asymmetric(SigningKeys(store, clock.system, Asymmetric.kind))
    match settings.request_signatures:
        case "jwt":
            return Signatures(tokens, asymmetric)
        case "v1a":
            return Signatures(asymmetric, tokens)
