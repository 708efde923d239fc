"""The Dockerfile, as far as it can be judged without building it."""

from pathlib import Path

from .programs import DEPLOY, carried, program, ran

ROOT = DEPLOY.parent


@carried
def test_hadolint_finds_nothing_to_say() -> None:
    """Nor does the shell checker in it."""
    linted = ran(program("hadolint"), ROOT / "Dockerfile")
    assert linted.returncode == 0, linted.stdout


@carried
def test_a_bad_dockerfile_is_found(tmp_path: Path) -> None:
    """A base without a version: the check above would fail."""
    bad = tmp_path / "Dockerfile"
    bad.write_text((ROOT / "Dockerfile").read_text().replace("FROM python:${PYTHON} AS build", "FROM python AS build"))
    assert "DL3006" in ran(program("hadolint"), bad).stdout


def test_what_is_copied_is_sent() -> None:
    """The build gets what the Dockerfile copies and nothing else, so that no secret and no model gets in."""
    copied = [
        words[1]
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if (words := line.split()) and words[0] == "COPY" and not words[1].startswith("--")
    ]
    nothing, *sent = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert nothing == "*"
    assert sorted(line.removeprefix("!") for line in sent if line.startswith("!")) == sorted(copied)
    assert all((ROOT / path).exists() for path in copied)
