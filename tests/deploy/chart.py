"""The Helm chart as helm makes manifests of it."""

from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import yaml

from .programs import CHART, ran

Manifest = dict[str, Any]


class Chart:
    """The chart of this repository, or another."""

    def __init__(self, helm: Path, folder: Path = CHART) -> None:
        self.helm = helm
        self._folder = folder

    @staticmethod
    def values(name: str) -> Path:
        """One of the chart's sets of values for tests."""
        return CHART / "ci" / f"{name}-values.yaml"

    def at(self, folder: Path) -> "Chart":
        """Another chart, read by the same helm."""
        return Chart(self.helm, folder)

    def lint(self, *arguments: Path | str) -> CompletedProcess[str]:
        """What `helm lint --strict` says."""
        return ran(self.helm, "lint", "--strict", self._folder, *arguments)

    def template(self, *arguments: Path | str) -> CompletedProcess[str]:
        """What `helm template` says."""
        return ran(self.helm, "template", "demo", self._folder, "--namespace", "here", *arguments)

    def manifests(self, *arguments: Path | str) -> list[Manifest]:
        """The manifests."""
        rendered = self.template(*arguments)
        assert rendered.returncode == 0, rendered.stderr
        return [manifest for manifest in yaml.safe_load_all(rendered.stdout) if manifest]

    def workloads(self, *arguments: Path | str) -> dict[str, Manifest]:
        """The Deployments, by role."""
        return {
            manifest["metadata"]["labels"]["app.kubernetes.io/component"]: manifest
            for manifest in self.manifests(*arguments)
            if manifest["kind"] == "Deployment"
        }
