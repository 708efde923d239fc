"""The catalogue: which backend answers for a requested model name.

Entries are asked in order and the first that matches wins: names and patterns from the settings, the names that an
upstream lists, and Google's own text-model names, which go to the default. A name that matches nothing is an error
that lists what there is.
"""

from collections.abc import Awaitable, Callable, Iterable
from fnmatch import fnmatchcase
from typing import Final, Protocol

import msgspec

from interplay.errors import Failure, invalid, not_found, shown
from interplay.models import gemini_names
from interplay.models.base import Backend

LONGEST_NAME: Final = 256
"""Characters of a model's name."""


class Served(msgspec.Struct, frozen=True):
    """A model that can be asked."""

    name: str
    """As it is requested."""
    model: str
    """As its backend knows it."""
    backend: Backend
    entry: str
    """The name or pattern that the catalogue has it under: for people and metrics, since clients choose `name`."""


class Entry(Protocol):
    """One line of the catalogue."""

    async def find(self, name: str) -> Served | None:
        """The model behind a requested name."""

    async def names(self) -> list[str]:
        """The names it can list; a pattern by itself lists none."""


class Pattern:
    """Requested names that match a name or a pattern."""

    def __init__(self, match: str, backend: Backend, model: str | None = None) -> None:
        self._match = match
        self._backend = backend
        self._model = model

    async def find(self, name: str) -> Served | None:
        """The model, if the name matches."""
        if not fnmatchcase(name, self._match):
            return None
        return Served(name, self._model or name, self._backend, self._match)

    async def names(self) -> list[str]:
        """The name itself; of a pattern, what it matches of the backend's names, or of Google's."""
        if not any(letter in self._match for letter in "*?["):
            return [self._match]
        candidates = gemini_names.LISTED if self._model else await _listed(self._backend)
        return [name for name in candidates if fnmatchcase(name, self._match)]

    def match(self) -> str:
        """The name or pattern."""
        return self._match


class Upstream:
    """Every name that a server behind us lists. Asked again when a name is missing.

    `chat_models` are those of them that can chat.
    """

    def __init__(self, backend: Backend, chat_models: Callable[[], Awaitable[list[str]]]) -> None:
        self._backend = backend
        self._chat_models = chat_models
        self._names: list[str] = []
        self._first: str | None = None

    async def find(self, name: str) -> Served | None:
        """The model, if the upstream lists it."""
        if name not in self._names:
            await self.names()
        return Served(name, name, self._backend, name) if name in self._names else None

    async def names(self) -> list[str]:
        """What the upstream lists."""
        self._names = await self._backend.models()
        self._first = next(iter(await self._chat_models()), None)
        return list(self._names)

    async def default(self) -> Served | None:
        """The first model that the upstream lists and that can chat."""
        if not self._names:
            await self.names()
        return Served(self._first, self._first, self._backend, self._first) if self._first else None


class WellKnown:
    """Google's own text-model names, all of which go to one model."""

    def __init__(self, target: Callable[[], Awaitable[Served | None]]) -> None:
        self._target = target

    async def find(self, name: str) -> Served | None:
        """The default model, for a name of Google's."""
        target = await self._target() if gemini_names.is_text_model(name) else None
        return Served(name, target.model, target.backend, target.entry) if target else None

    async def names(self) -> list[str]:
        """The best-known of those names."""
        return list(gemini_names.LISTED) if await self._target() else []


class Catalogue:
    """All entries, in order."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = list(entries)

    async def resolve(self, name: str) -> Served:
        """The model behind a requested name, with or without `models/` before it.

        Raises Failure `not_found` that lists what there is, and `invalid_request` for what no model is called.
        """
        bare = name.removeprefix("models/")
        _check_name(bare, name)
        for entry in self._entries:
            served = await entry.find(bare)
            if served is not None:
                return served
        patterns = [entry.match() for entry in self._entries if isinstance(entry, Pattern)]
        offered = dict.fromkeys([*patterns, *await self.names()])
        raise not_found(
            f"'model' {shown(name)} is not served here. Expected one of: {', '.join(offered) or 'nothing yet'}."
        )

    async def names(self) -> list[str]:
        """Every name that can be listed, once, in the catalogue's order."""
        listed = [name for entry in self._entries for name in await _quietly(entry)]
        return list(dict.fromkeys(listed))


def _check_name(bare: str, name: str) -> None:
    """Refuse what a pattern would match, or an upstream be sent, though it names nothing."""
    if not bare.strip() or len(bare) > LONGEST_NAME:
        raise invalid(f"'model' {shown(name)} is not valid: expected a name of 1 to {LONGEST_NAME} characters.")


async def _quietly(entry: Entry) -> list[str]:
    """An upstream that cannot be asked has nothing to list."""
    try:
        return await entry.names()
    except Failure:
        return []


async def _listed(backend: Backend) -> list[str]:
    try:
        return await backend.models()
    except Failure:
        return []
