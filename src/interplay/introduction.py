"""What an operator is told when the server is ready: its key, and which model answers."""

import shlex
from typing import Final

from interplay import clock
from interplay.access.first_key import UNKNOWN_KEY, FirstKey
from interplay.errors import Failure
from interplay.models.catalogue import Catalogue
from interplay.models.openai import OpenAIBackend
from interplay.settings import Settings
from interplay.store.base import Store

_GUIDE_MODEL: Final = "gemini-3.5-flash"


class Introduction:
    """Over the open parts of a server."""

    def __init__(self, settings: Settings, store: Store, catalogue: Catalogue) -> None:
        self._settings = settings
        self._store = store
        self._catalogue = catalogue

    async def key(self, *, on_a_terminal: bool) -> str:
        """The key for the greeting, as a word for the shell.

        The secret itself is shown when it was made just now, or to a terminal; a log gets the name of its file.
        """
        if not self._settings.server.auth:
            return "none-needed"
        first = FirstKey(self._settings.data_folder(), self._store, clock.system)
        secret = await first.secret()
        if secret is None:
            return UNKNOWN_KEY  # the owner has made keys, or revoked this one: interplay keys create makes another
        return secret if first.made or on_a_terminal else f"$(cat {shlex.quote(str(first.file))})"

    async def example_model(self) -> str:
        """A name to show in examples: the guide's, if it is served."""
        names = await self._catalogue.names()
        return _GUIDE_MODEL if _GUIDE_MODEL in names else next(iter(names), _GUIDE_MODEL)

    async def lacking(self, upstream: str) -> str | None:
        """What is wrong with the upstream that was given, for the operator."""
        names = await self._catalogue.names()
        if not names:
            away = "does not answer, refuses to list its models, or lists none"
            return f"The upstream {upstream} {away}: nothing is served until it does."
        if _GUIDE_MODEL not in names:
            return f"The upstream {upstream} lists no model that can chat: Google's model names are not served."
        return None

    async def answering(self, name: str) -> str | None:
        """Which model answers for a name, and where it is if it is not here."""
        try:
            served = await self._catalogue.resolve(name)
        except Failure:  # an upstream that is away
            return None
        at = f" at {served.backend.base_url}" if isinstance(served.backend, OpenAIBackend) else ""
        return served.model + at
