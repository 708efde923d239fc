"""A server process as the sum of its parts: in which order they open, and what becomes of them."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from interplay.app import App
from interplay.jobs.loop import Loop
from interplay.parts.part import Part
from interplay.settings import Settings
from interplay.settings.models import ScriptedEntry
from interplay.settings.server import ServerSettings


class _Recorded(Part):
    """A part that writes down what becomes of it."""

    def __init__(self, name: str, seen: list[str], *, breaks: bool = False) -> None:
        self._name = name
        self._seen = seen
        self._breaks = breaks

    async def open(self, stack: AsyncExitStack) -> None:
        """Or fail."""
        if self._breaks:
            raise RuntimeError(self._name)
        self._seen.append(f"{self._name} opens")
        stack.callback(self._seen.append, f"{self._name} closes")

    def loops(self) -> Sequence[Loop]:
        """One, which says when it is begun and stopped."""
        return (_RecordedLoop(f"loop of {self._name}", self._seen),)

    def ready(self) -> dict[str, bool]:
        """It is."""
        return {self._name: True}


class _RecordedLoop(Loop):
    def __init__(self, name: str, seen: list[str]) -> None:
        self._name = name
        self._seen = seen

    def open(self) -> None:
        self._seen.append(f"{self._name} begins")

    async def close(self) -> None:
        self._seen.append(f"{self._name} stops")


def _app(folder: Path) -> App:
    server = ServerSettings(data=str(folder), auth=False)
    return App(Settings(server=server, models=(ScriptedEntry(match="scripted"),)))


_OPENED = ["a opens", "loop of a begins", "b opens", "loop of b begins"]
_CLOSED = ["loop of b stops", "b closes", "loop of a stops", "a closes"]


async def test_parts_close_in_the_reverse_order(tmp_path: Path) -> None:
    """The loops of each stop before anything of it is closed."""
    app, seen = _app(tmp_path), list[str]()
    app._parts = (_Recorded("a", seen), _Recorded("b", seen))
    async with app:
        assert seen == _OPENED
    assert seen == _OPENED + _CLOSED


async def test_a_part_that_cannot_open_closes_those_before_it(tmp_path: Path) -> None:
    """And the start fails with its reason."""
    app, seen = _app(tmp_path), list[str]()
    app._parts = (_Recorded("a", seen), _Recorded("b", seen), _Recorded("c", seen, breaks=True))
    with pytest.raises(RuntimeError, match="c"):
        await app.__aenter__()
    assert seen == _OPENED + _CLOSED


async def test_a_server_is_ready_while_all_its_parts_are_and_it_stays(tmp_path: Path) -> None:
    """Each is shown by its name; whoever leaves says so."""
    app = _app(tmp_path)
    async with app:
        assert app._ready() == {"scripted": True, "blobs": True}
        app.leave()
        assert app._ready() == {"scripted": True, "blobs": True, "serving": False}
