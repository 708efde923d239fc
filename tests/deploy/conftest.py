"""Fixtures of the tests of what is in `deploy/`."""

from pathlib import Path

import pytest

from .chart import Chart
from .programs import helm_into


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Chart:
    """The Helm chart, read by helm."""
    return Chart(helm_into(tmp_path_factory.mktemp("helm")))


@pytest.fixture(params=["upstream", "local"])
def values(request: pytest.FixtureRequest) -> Path:
    """Values that the chart is tested with."""
    return Chart.values(request.param)
