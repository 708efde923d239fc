"""Model backends: from the settings to engines and a catalogue."""

import os
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Final

from interplay.api.models import Models
from interplay.api.operation import Known
from interplay.models.base import Backend, Capabilities
from interplay.models.catalogue import Catalogue, Entry, Pattern, Served, Upstream, WellKnown
from interplay.models.local.backend import LocalBackend
from interplay.models.local.settings import EngineSettings
from interplay.models.local.supervisor import EngineEvent
from interplay.models.openai import OpenAIBackend
from interplay.models.scripted.backend import ScriptedBackend
from interplay.observe import EngineChanged, Observer, WayLearnt
from interplay.parts.part import Part
from interplay.settings import Settings, SettingsError
from interplay.settings.models import LocalEntry, ModelSettings, OpenAIEntry, ScriptedEntry
from interplay.weights.places import models_folder
from interplay.weights.shelf import Model, Shelf

_SCRIPTED: Final = "scripted"


class Backends(Part):
    """The model backends that the settings ask for. A local model has one engine, however many names it has."""

    def __init__(self, settings: Settings, upstream: str | None, observe: Observer) -> None:
        self._settings = settings
        self._observe = observe
        self._shelf = Shelf(models_folder())
        self._made: dict[str, Backend] = {}
        self.entries = self._entries(upstream)
        """The catalogue: the settings' own entries, then the upstream's or what is installed, then Google's names."""
        self.catalogue = Catalogue(self.entries)

    async def open(self, stack: AsyncExitStack) -> None:
        """Start every backend; they are closed with the stack."""
        for backend in self._made.values():
            stack.push_async_callback(backend.close)
            await backend.open()

    def ready(self) -> dict[str, bool]:
        """Whether each could answer at once."""
        return {name: backend.ready() for name, backend in self._made.items()}

    def routes(self) -> Sequence[Known]:
        """The resource of the models."""
        return Models(self.catalogue).routes()

    def _entries(self, upstream: str | None) -> list[Entry]:
        entries: list[Entry] = [self._entry(model) for model in self._settings.models]
        if upstream is not None:
            if self._settings.local.model is not None:
                raise SettingsError("Give either --model or --upstream: with an upstream, no local model is asked.")
            backend = self._openai(OpenAIEntry(match="*", base_url=upstream), upstream)
            listed = Upstream(self._add(upstream, backend), backend.chat_models)
            return [*entries, listed, WellKnown(listed.default)]
        return entries or self._installed()

    def _entry(self, model: ModelSettings) -> Entry:
        match model:
            case OpenAIEntry():
                name = f"{model.match} at {model.base_url}"
                backend = self._add(name, self._openai(model, name))
                return Pattern(model.match, backend, model.model)
            case LocalEntry():
                installed = self._find(model.model)
                return Pattern(model.match, self._local(installed), installed.name)
            case ScriptedEntry():
                scripted = self._made.get(_SCRIPTED) or self._add(_SCRIPTED, ScriptedBackend((_SCRIPTED,)))
                return Pattern(model.match, scripted, _SCRIPTED)

    def _installed(self) -> list[Entry]:
        """What to serve when nothing is configured: the local model, under its own name and Google's."""
        installed = self._find(self._settings.local.model)
        backend = self._local(installed)

        async def default() -> Served:
            return Served(installed.name, installed.name, backend, installed.name)

        return [Pattern(installed.name, backend, installed.name), WellKnown(default)]

    def _find(self, name: str | None) -> Model:
        if name is not None:
            return self._shelf.find(name)
        default = self._shelf.default()
        if default is None:
            raise SettingsError(
                "There is no model on this machine: 'interplay models pull' brings the default one, or put a server "
                "behind this one with --upstream URL."
            )
        return default

    def _local(self, model: Model) -> Backend:
        if made := self._made.get(model.name):
            return made
        local = self._settings.local
        chosen = {"context_tokens": local.context_tokens} if local.context_tokens else {}
        settings = EngineSettings(
            model_path=str(model.path),
            engine=local.engine,
            threads=local.threads,
            parallel_turns=local.parallel,
            prepares=local.prepare,
            prompts_folder=str(model.path.parent / "prompts"),
            **chosen,
        )
        return self._add(model.name, LocalBackend(settings, model.name, on_event=self._on_engine(model.name)))

    def _on_engine(self, model: str) -> "_OnEngine":
        return _OnEngine(model, self._observe)

    def _openai(self, model: OpenAIEntry, name: str) -> OpenAIBackend:
        def learnt(model: str, way: str) -> None:
            self._observe(WayLearnt(name, model, way))

        return _openai(model, learnt)

    def _add(self, name: str, backend: Backend) -> Backend:
        if name in self._made:
            raise SettingsError(f"The model entry '{name}' of the settings is there twice: leave one out.")
        self._made[name] = backend
        return backend


def _openai(model: OpenAIEntry, on_learnt: Callable[[str, str], None]) -> OpenAIBackend:
    known = Capabilities(
        thinking_levels=model.thinking_levels,
        input_token_limit=model.input_token_limit,
        output_token_limit=model.output_token_limit,
    )
    try:
        return OpenAIBackend(
            model.base_url,
            os.environ[model.api_key_env] if model.api_key_env else None,
            known=known,
            continues=model.continues,
            structured_output=model.structured_output,
            first_byte_seconds=model.first_byte_seconds,
            silence_seconds=model.silence_seconds,
            begins_thinking=model.begins_thinking,
            reasoning_back=model.reasoning_back,
            on_learnt=on_learnt,
        )
    except ValueError as error:
        raise SettingsError(f"The upstream's address cannot be used: {error}.") from error


class _OnEngine:
    """Passes the engine's changes on to whoever observes the server."""

    def __init__(self, model: str, observe: Observer) -> None:
        self._model = model
        self._observe = observe

    def __call__(self, event: EngineEvent) -> None:
        self._observe(EngineChanged(self._model, str(event.kind), event.detail))
