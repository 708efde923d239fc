"""The real model that the local engine's tests run with."""

from pathlib import Path

import pytest

from tests.models.local_engine import smollm2


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of the tests that take a real model, so that they can be left out."""
    config.addinivalue_line("markers", "model: runs a real model in a real engine; takes seconds")


@pytest.fixture
def smollm2_path() -> Path:
    """The smallest model there is a pin for."""
    return smollm2()
