"""The versions that the pages name are those that the tests run with."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.genai import version

from tests.sdk.javascript import FOLDER, JavaScriptClient, OldestJavaScriptClient
from tests.sdk.oldest import OldestPythonClient

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture
def oldest_python(environment: None) -> Iterator[OldestPythonClient]:  # noqa: ARG001 - its variables
    """The oldest Python SDK."""
    made = OldestPythonClient()
    yield made
    made.close()


def named(package: str) -> tuple[str, ...]:
    """The oldest and the newest version by the page."""
    found = re.search(rf"^\| `{package}` .*\| ([\d.]+) \| ([\d.]+) \|$", PAGE.read_text(), re.MULTILINE)
    assert found is not None
    return found.groups()


def installed(package: str) -> str:
    """The version of a JavaScript package."""
    return str(json.loads((FOLDER / "node_modules" / package / "package.json").read_text())["version"])


def test_python_versions(oldest_python: OldestPythonClient) -> None:
    """The oldest in its own process, the newest in this one."""
    assert named("google-genai") == (oldest_python.version(), version.__version__)


def test_javascript_versions() -> None:
    """Both in one folder, under two names."""
    assert named("@google/genai") == (installed(OldestJavaScriptClient.package), installed(JavaScriptClient.package))
