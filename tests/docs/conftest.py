"""Servers for what the documents and examples show, and the two variables by which programs find one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import SCRIPTED, RunningServer
from tests.waiting import until

_SHORT = {"model": "gemini-3.5-flash", "input": "Hi", "generation_config": {"max_output_tokens": 1}, "store": False}
"""A request that is answered as soon as the model is loaded; until then, the server lets it wait."""


@pytest.fixture(scope="session")
def default_model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server without settings, as a new user has it: the installed default model answers. Ready when handed out."""
    with RunningServer(tmp_path_factory.mktemp("default"), "") as running:
        with running.client() as http:
            until(lambda: http.post("/v1/interactions", json=_SHORT).status_code == 200, seconds=300)
        yield running


@pytest.fixture(scope="session")
def receiving_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with the scripted model whose webhooks may reach this machine."""
    folder = tmp_path_factory.mktemp("receiving")
    with RunningServer(folder, f"{SCRIPTED}\n[webhooks]\nallow_private = true\n") as running:
        yield running


def environment(server: RunningServer) -> dict[str, str]:
    """The environment of a user's program: ours, and the address and key of a server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GOOGLE_", "GEMINI_"))}
    return kept | {"GOOGLE_GEMINI_BASE_URL": server.url, "GEMINI_API_KEY": server.key}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to run programs in, where the JavaScript SDK is installed."""
    installed = Path(__file__).parents[1] / "sdk" / "javascript" / "node_modules"
    (tmp_path / "node_modules").symlink_to(installed)
    return tmp_path
