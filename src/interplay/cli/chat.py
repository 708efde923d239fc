"""`interplay chat`: a small streaming client for the terminal, for any server that speaks the API."""

import asyncio
from typing import Annotated, Final

import aiohttp
import msgspec
import typer

from interplay import wire
from interplay.cli.failing import CommandError
from interplay.models.chat.sse import EventReader

_DEFAULT_URL: Final = "http://127.0.0.1:8790"
_event = msgspec.json.Decoder(wire.Event)


class _Error(msgspec.Struct):
    error: wire.Error


def chat(
    model: Annotated[str, typer.Option(help="Model to talk to.")] = "gemini-3.5-flash",
    url: Annotated[str, typer.Option(envvar="GOOGLE_GEMINI_BASE_URL", help="The server's address.")] = _DEFAULT_URL,
    key: Annotated[str, typer.Option(envvar="GEMINI_API_KEY", help="API key.", show_default=False)] = "",
    system: Annotated[str | None, typer.Option(help="System instruction.", show_default=False)] = None,
) -> None:
    """Talk to a model. The server keeps the conversation; an empty line or Ctrl-D ends it."""
    conversation = _Chat(url, key, model, system)
    typer.secho(f"{model} at {url}. An empty line ends the conversation.", dim=True)
    try:
        while line := _ask():
            asyncio.run(conversation.turn(line))
    except KeyboardInterrupt:
        typer.echo()
    except aiohttp.ClientError as error:
        raise CommandError(f"No answer from {url}: {error}. Is 'interplay serve' running there?") from error


class _Chat:
    """One conversation."""

    def __init__(self, url: str, key: str, model: str, system: str | None) -> None:
        self._url = f"{url.rstrip('/')}/v1beta/interactions"
        self._headers = {"x-goog-api-key": key} if key else {}
        self._body = {"model": model, "stream": True} | ({"system_instruction": system} if system else {})
        self._previous: str | None = None

    async def turn(self, line: str) -> None:
        """Say a line and show the answer as it comes."""
        body = self._body | {"input": line} | ({"previous_interaction_id": self._previous} if self._previous else {})
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.post(self._url, json=body) as answer,
        ):
            if answer.status != 200:
                raise CommandError(_reason(await answer.read(), answer.status))
            reader = EventReader()
            async for chunk in answer.content.iter_any():
                for data in reader.feed(chunk):
                    self._show(data)
        typer.echo()

    def _show(self, data: bytes) -> None:
        if data.strip() == b"[DONE]":
            return
        match _event.decode(data):
            case wire.StepDelta(delta=wire.TextDelta(text=text)):
                typer.echo(text, nl=False)
            case wire.ErrorEvent(error=error):
                typer.secho(f"\n{error.message if error else 'The answer broke off.'}", fg="red", err=True)
            case wire.InteractionCompletedEvent(interaction=interaction) if interaction.status != "failed":
                self._previous = interaction.id
            case _:
                pass


def _ask() -> str:
    try:
        return input("> ").strip()
    except EOFError:
        return ""


def _reason(body: bytes, status: int) -> str:
    try:
        return msgspec.json.decode(body, type=_Error).error.message or f"The server answered {status}."
    except msgspec.DecodeError:
        return f"The server answered {status}."
