"""The Helm chart: helm takes it, Kubernetes would, and what it starts does start."""

import shutil
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

import interplay
from interplay.settings import load
from tests.docs.blocks import blocks

from .chart import Chart, Manifest
from .programs import CHART, carried

pytestmark = carried

KUBERNETES = ["1.27", "1.36"]
"""The oldest release that the chart is for, and a recent one."""


def test_helm_finds_nothing_to_say(chart: Chart, values: Path) -> None:
    """`helm lint --strict` passes, and the schema of the values takes them."""
    linted = chart.lint("-f", values)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "[WARNING]" not in linted.stdout


def test_the_documented_values_are_taken(chart: Chart, tmp_path: Path) -> None:
    """Those of `docs/deploy.md` are enough."""
    (block,) = [block for block in blocks("yaml") if block.document == "deploy.md"]
    values = tmp_path / "values.yaml"
    values.write_text(block.code)
    assert set(chart.workloads("-f", values)) == {"server", "worker"}


@pytest.mark.parametrize("release", KUBERNETES)
def test_kubernetes_knows_every_field(chart: Chart, values: Path, release: str) -> None:
    """Every manifest is valid by the schemas of the release, and has no field that they do not have."""
    for manifest in chart.manifests("-f", values):
        kubernetes_validate.validate(manifest, release, strict=True)


def test_a_broken_chart_is_found(chart: Chart, tmp_path: Path) -> None:
    """A field in the wrong place, and a template that is none: the checks above would fail."""
    broken = tmp_path / "interplay"
    shutil.copytree(CHART, broken)
    template = broken / "templates" / "service.yaml"
    template.write_text(template.read_text().replace("  type:", "  tpye:"))
    (service,) = [
        manifest
        for manifest in chart.at(broken).manifests("-f", chart.values("local"))
        if manifest["kind"] == "Service"
    ]
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(service, KUBERNETES[0], strict=True)
    template.write_text(template.read_text().replace("{{ .Values.service.type }}", "{{ .Values.service.type"))
    assert chart.at(broken).lint("-f", chart.values("local")).returncode != 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("image.repository=", "Set image.repository"),
        ("database.existingSecret=", "Set database.existingSecret"),
        ("settings=", "No model would answer"),
        ("settings=[server]", "write what it says into serverSettings"),
        ("server.replica=3", "additional properties 'replica' not allowed"),
        ("serverSettings.port=1", "invalid propertyName 'port'"),
        ("ingress.host=", "Set ingress.host"),
    ],
)
def test_values_that_cannot_work_are_refused(chart: Chart, wrong: str, said: str) -> None:
    """With a sentence, before anything is installed."""
    refused = chart.template("-f", chart.values("upstream"), "--set", wrong)
    assert refused.returncode != 0
    assert said in refused.stderr


def test_the_settings_are_what_the_server_takes(
    chart: Chart, values: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of both roles load, with the values that were given."""
    monkeypatch.setenv("UPSTREAM_KEY", "x")
    (files,) = [manifest["data"] for manifest in chart.manifests("-f", values) if manifest["kind"] == "ConfigMap"]
    for role in ("server", "worker"):
        file = tmp_path / f"{role}.toml"
        file.write_text(files[file.name])
        assert (load(file).server.leave_seconds, load(file).server.grace_seconds) == (5, 60)
    if values == chart.values("upstream"):
        assert load(tmp_path / "server.toml").server.background_runs == 0
        assert load(tmp_path / "worker.toml").server.background_runs == 100
        assert load(tmp_path / "server.toml").server.retention_days == 14
        assert load(tmp_path / "server.toml").models[0].match == "gemini-*"


def test_a_restart_takes_one_pod_at_a_time_and_gives_it_time(chart: Chart, values: Path) -> None:
    """A new pod is ready before an old one is told to stop, which may finish what it does before it is killed."""
    for workload in chart.workloads("-f", values).values():
        assert workload["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        assert workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= 5 + 60 + 15


def test_new_settings_restart_the_pods(chart: Chart) -> None:
    """Pods read their settings at the start, so other settings are other pods."""
    template, changed = (
        chart.workloads("-f", chart.values("upstream"), "--set", f"graceSeconds={seconds}")["server"]["spec"][
            "template"
        ]
        for seconds in (60, 61)
    )
    assert template["metadata"]["annotations"] != changed["metadata"]["annotations"]


def test_pods_may_do_nothing_that_they_need_not(chart: Chart, values: Path) -> None:
    """Every container meets what Kubernetes calls the restricted standard, and cannot write to its image."""
    for pod in pods(chart.manifests("-f", values)):
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in [*pod["containers"], *pod.get("initContainers", ())]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_the_chart_is_of_this_release() -> None:
    """It starts the image of the release that it came with."""
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == interplay.__version__


def pods(manifests: list[Manifest]) -> list[Manifest]:
    """The pods that the manifests are of, or make."""
    return [
        manifest["spec"] if manifest["kind"] == "Pod" else manifest["spec"]["template"]["spec"]
        for manifest in manifests
        if manifest["kind"] in ("Pod", "Deployment")
    ]
