"""The compose file: Docker Compose takes it, and what it says fits what it starts."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import interplay
from interplay.settings import load

from .programs import DEPLOY, carried, program, ran

pytestmark = carried

OURS = ("server-1", "server-2", "worker")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The services, as `docker compose config` shows them."""
    variables = tmp_path_factory.mktemp("compose") / "env"
    variables.write_text("POSTGRES_PASSWORD=secret1\n")
    shown = config("--env-file", variables, "--profile", "*", "config", "--format", "json")
    assert shown.returncode == 0, shown.stderr
    assert not shown.stderr
    return json.loads(shown.stdout)["services"]


def test_a_password_is_asked_for() -> None:
    """There is no default that everybody knows."""
    refused = config("--env-file", DEPLOY / ".env.example", "config")
    assert refused.returncode != 0
    assert "Write a password into deploy/.env" in refused.stderr


def test_a_stop_has_time(services: Any) -> None:
    """A container is killed only after the grace period of what is in it; the proxy outlasts its servers' streams."""
    server = load(DEPLOY / "interplay.toml").server
    for name in (*OURS, "proxy"):
        assert seconds(services[name]["stop_grace_period"]) >= server.leave_seconds + server.grace_seconds + 15


def test_containers_may_do_nothing_that_they_need_not(services: Any) -> None:
    """Ours and the proxy write to their volumes only and gain no rights."""
    for name in (*OURS, "proxy", "pull"):
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]


def test_only_the_proxy_can_be_reached(services: Any) -> None:
    """The database and the servers are in the network of the containers only."""
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_images_are_pinned(services: Any) -> None:
    """Ours is of this release, and others name theirs."""
    assert services["worker"]["image"] == f"interplay:{interplay.__version__}"
    for service in services.values():
        assert re.search(r":\d+\.\d+", service["image"]), service["image"]


def config(*arguments: Path | str) -> Any:
    """Docker Compose on our file. It needs no Docker for that."""
    return ran(program("docker-compose"), "-f", DEPLOY / "compose.yaml", *arguments)


def seconds(duration: str) -> int:
    """Of a duration like `1m50s`."""
    found = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", duration)
    assert found
    return 60 * int(found[1] or 0) + int(found[2] or 0)
