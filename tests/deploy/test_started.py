"""What the chart and the compose file start does start, and answers their probes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.server import SCRIPTED, plain

from .chart import Chart
from .programs import carried

pytestmark = carried


@pytest.mark.parametrize("role", ["server", "worker"])
def test_a_pod_of_the_chart_becomes_ready(chart: Chart, role: str, tmp_path: Path, postgres_server: Postgres) -> None:
    """Its command, its settings and its variables start it, and every probe finds it well."""
    values = tmp_path / "values.toml"
    values.write_text(SCRIPTED)
    arguments = ("-f", chart.values("upstream"), "--set-file", f"settings={values}")
    (files,) = [manifest["data"] for manifest in chart.manifests(*arguments) if manifest["kind"] == "ConfigMap"]
    (tmp_path / f"{role}.toml").write_text(files[f"{role}.toml"])
    (container,) = chart.workloads(*arguments)[role]["spec"]["template"]["spec"]["containers"]
    assert "INTERPLAY_DATABASE" in [variable["name"] for variable in container["env"]]
    with started(container["args"], tmp_path, postgres_server.database()) as address, plain(address) as client:
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert client.get(container[probe]["httpGet"]["path"]).status_code == 200


@contextmanager
def started(arguments: list[str], folder: Path, database: str) -> Iterator[str]:
    """The address of what these arguments start, with the settings in this folder, on a free port of this machine."""
    elsewhere = {"0.0.0.0": "127.0.0.1", "8790": "0"}  # noqa: S104 - the container's, not ours
    here = [elsewhere.get(argument, argument).replace("/etc/interplay", str(folder)) for argument in arguments]
    process = subprocess.Popen(
        [sys.executable, "-m", "interplay", *here],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"INTERPLAY_DATABASE": database, "XDG_DATA_HOME": str(folder), "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        yield next(found[0] for line in lines if (found := re.search(r"http://127.0.0.1:\d+", line)))
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0
