"""The official Python SDK behind the probes' calls: its ordinary client and its async one."""

# ruff: noqa: D102 - the methods are those of `client.Client`, and described there

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from google import genai
from google.genai._gaos.lib.compat_errors import APIError, APIStatusError
from google.genai.errors import APIError as ModelsError

from tests.sdk.client import Json, SdkError


class SyncClient:
    """`genai.Client()`."""

    def __init__(self, **options: str) -> None:
        self._client = _made(**options)
        self._interactions = self._client.interactions

    def create(self, **body: Any) -> Json:
        with _told():
            return _plain(self._interactions.create(**body))

    def stream(self, **body: Any) -> "SyncEvents":
        with _told():
            return SyncEvents(self._interactions.create(stream=True, **body))

    def get(self, id: str, **options: Any) -> Json:
        with _told():
            return _plain(self._interactions.get(id, **options))

    def follow(self, id: str, **options: Any) -> "SyncEvents":
        with _told():
            return SyncEvents(self._interactions.get(id, stream=True, **options))

    def cancel(self, id: str) -> Json:
        with _told():
            return _plain(self._interactions.cancel(id))

    def delete(self, id: str) -> None:
        with _told():
            self._interactions.delete(id)

    def trigger(self, method: str, *args: str, **params: Any) -> Json:
        with _told():
            return _plain(getattr(self._client.triggers, method)(*args, **_for_python(params)))

    def models(self) -> list[str]:
        return [model.name or "" for model in self._client.models.list()]

    def model(self, name: str) -> str:
        with _told():
            return self._client.models.get(model=name).name or ""

    def count_tokens(self, model: str, contents: str) -> int:
        with _told():
            return self._client.models.count_tokens(model=model, contents=contents).total_tokens or 0

    def webhook(self, act: str, *id: str, **options: Any) -> Json:
        with _told():
            return _plain(_webhook(self._client.webhooks, act, *id, **options))

    def close(self) -> None:
        self._client.close()


class SyncEvents:
    """A stream of the ordinary client."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[Json]:
        with _told():
            for event in self._stream:
                yield _plain(event)

    def leave(self) -> None:
        self._stream.close()


class AsyncClient:
    """`genai.Client().aio`, on an event loop of its own."""

    def __init__(self, **options: str) -> None:
        self._runner = asyncio.Runner()
        self._client = _made(**options)
        self._interactions = self._client.aio.interactions

    def create(self, **body: Any) -> Json:
        return _plain(self._run(lambda: self._interactions.create(**body)))

    def stream(self, **body: Any) -> "AsyncEvents":
        return AsyncEvents(self._runner, self._run(lambda: self._interactions.create(stream=True, **body)))

    def get(self, id: str, **options: Any) -> Json:
        return _plain(self._run(lambda: self._interactions.get(id, **options)))

    def follow(self, id: str, **options: Any) -> "AsyncEvents":
        return AsyncEvents(self._runner, self._run(lambda: self._interactions.get(id, stream=True, **options)))

    def cancel(self, id: str) -> Json:
        return _plain(self._run(lambda: self._interactions.cancel(id)))

    def delete(self, id: str) -> None:
        self._run(lambda: self._interactions.delete(id))

    def trigger(self, method: str, *args: str, **params: Any) -> Json:
        return _plain(self._run(lambda: getattr(self._client.aio.triggers, method)(*args, **_for_python(params))))

    def models(self) -> list[str]:
        async def listed() -> list[str]:
            return [model.name or "" async for model in await self._client.aio.models.list()]

        return self._runner.run(listed())

    def model(self, name: str) -> str:
        return self._run(lambda: self._client.aio.models.get(model=name)).name or ""

    def count_tokens(self, model: str, contents: str) -> int:
        counted = self._run(lambda: self._client.aio.models.count_tokens(model=model, contents=contents))
        return counted.total_tokens or 0

    def webhook(self, act: str, *id: str, **options: Any) -> Json:
        return _plain(self._run(lambda: _webhook(self._client.aio.webhooks, act, *id, **options)))

    def close(self) -> None:
        self._runner.run(self._client.aio.aclose())
        self._client.close()
        self._runner.close()

    def _run(self, call: Callable[[], Any]) -> Any:
        async def called() -> Any:
            return await call()

        with _told():
            return self._runner.run(called())


class AsyncEvents:
    """A stream of the async client."""

    def __init__(self, runner: asyncio.Runner, stream: Any) -> None:
        self._runner = runner
        self._stream = stream

    def __iter__(self) -> Iterator[Json]:
        events: AsyncIterator[Any] = aiter(self._stream)
        with _told():
            while (event := self._runner.run(_next(events))) is not None:
                yield _plain(event)

    def leave(self) -> None:
        self._runner.run(self._stream.close())


_NAMES: Final = {"version": "api_version", "address": "base_url"}
"""From what the contract's first section lists to the SDK's words."""


_NO_TLS: Final = {"client_args": {"verify": False}, "async_client_args": {"verify": False}}
"""Making TLS ready, which nobody here speaks, takes 200 ms of processor time a client."""


def _made(**options: str) -> genai.Client:
    chosen: Any = {_NAMES[name]: value for name, value in options.items()}
    return genai.Client(http_options=chosen | _NO_TLS)


def _for_python(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a method of `triggers` as the Python SDK takes them.

    Its own type of `interaction` wants an agent, so a model's goes by the way that it has for what it does not know.
    """
    passed = {"filter_" if name == "filter" else name: value for name, value in params.items()}
    if "interaction" in passed:
        passed["extra_body"] = {"interaction": passed["interaction"]}
        passed["interaction"] = {"agent": "none", "input": ""}
    return passed


def _webhook(webhooks: Any, act: str, *id: str, **options: Any) -> Any:
    call = {"rotate": "rotate_signing_secret"}.get(act, act)
    return getattr(webhooks, call)(**({"id": id[0]} if id else {}), **options)


async def _next(events: AsyncIterator[Any]) -> Any:
    return await anext(events, None)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except APIStatusError as error:
        raise SdkError(type(error).__name__, error.status_code, str(error)) from error
    except APIError as error:
        raise SdkError(type(error).__name__, None, str(error)) from error
    except ModelsError as error:
        raise SdkError(type(error).__name__, error.code, error.message or "") from error


def _plain(model: Any) -> Json:
    """What the guide's reader sends back: the object as the SDK dumps it."""
    dumped: Json = model.model_dump()
    return dumped
