"""What the documents say, compared with what is so."""

import json
import os
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from interplay import wire
from interplay.errors import STATUS
from interplay.models.local.settings import EngineSettings
from interplay.models.scripted.directives import DIRECTIVES
from interplay.settings.blobs import BlobsSettings, BucketSettings
from interplay.settings.decisions import DecisionsSettings
from interplay.settings.limits import LimitSettings
from interplay.settings.local import LocalSettings
from interplay.settings.models import LocalEntry, OpenAIEntry, ScriptedEntry
from interplay.settings.server import ServerSettings
from interplay.settings.webhooks import WebhooksSettings
from tests.docs.blocks import DOCS, blocks
from tests.docs.test_examples import COMMANDS, EXAMPLES
from tests.server import RunningServer

_PAGES = [*sorted(DOCS.glob("*.md")), *sorted((DOCS.parent / "examples").rglob("*.md"))]


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file names one that is there, and a heading in it if it names one."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in _anchors(file), f"{page.name} links to {target}"


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("[server]", ServerSettings),
        ("[local]", LocalSettings),
        ("[decisions]", DecisionsSettings),
        ("[limits]", LimitSettings),
        ("[blobs]", BlobsSettings),
        ("[blobs.s3]", BucketSettings),
        ("[webhooks]", WebhooksSettings),
        ('[[models]] with backend "local"', LocalEntry),
        ('[[models]] with backend "openai"', OpenAIEntry),
        ('[[models]] with backend "scripted"', ScriptedEntry),
    ],
)
def test_every_setting_is_described_with_its_default(heading: str, kind: type[msgspec.Struct]) -> None:
    """The tables have the settings of the code, with their defaults, and no others."""
    section = (DOCS / "settings.md").read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    described = re.findall(r"^\| `(\w+)` \| `?([^|`]+)`? \|", section, re.MULTILINE)
    assert sorted(described) == sorted((field.name, _default(field)) for field in msgspec.structs.fields(kind))


def test_every_error_is_described() -> None:
    """The table of errors is the code's own."""
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", (DOCS / "api.md").read_text(), re.MULTILINE)
    assert {code: int(status) for code, status in rows} == STATUS


def test_every_directive_is_described() -> None:
    """The scripted model's page has a line for each word of its language."""
    rows = re.findall(r"^\| `(\w+):", (DOCS / "scripted.md").read_text(), re.MULTILINE)
    assert rows == [*DIRECTIVES, "then"]


def test_what_is_said_not_to_be_served_is_refused(server: RunningServer) -> None:
    """Each row of that table, put into a request, is a 400 that names the field."""
    section = (DOCS / "api.md").read_text().partition("## What is not served yet")[2].partition("\n## ")[0]
    rows = [json.loads(row) for row in re.findall(r"^\| `(\{.*\})` \|", section, re.MULTILINE)]
    assert len(rows) == 9
    for row in rows:
        body: dict[str, Any] = {"model": "scripted", "input": "say: hello"} | row
        with server.client() as http:
            answer = http.post(
                "/v1beta/interactions", json={name: body[name] for name in body if body[name] is not None}
            )
        assert answer.status_code == 400
        assert next(iter(row)) in answer.json()["error"]["message"]


def test_what_is_said_to_be_taken_is_noted(server: RunningServer) -> None:
    """Each row of that table, put into a request, is answered with a note that names the field."""
    rows = [json.loads(row) for row in re.findall(r"^\| `(\{.*\})` \|", _hints(), re.MULTILINE)]
    assert len(rows) == 5
    with server.client() as http:
        for row in rows:
            answer = http.post("/v1beta/interactions", json={"model": "scripted", "input": "say: hello"} | row)
            assert answer.status_code == 200
            assert next(iter(row)) in answer.headers["x-interplay-notes"]


def test_it_is_said_of_every_field_what_becomes_of_it() -> None:
    """No field of a request is left out of the two tables."""
    said = set(re.findall(r"\w+", _hints()))
    fields = {*wire.CreateInteraction.__struct_fields__, *wire.GenerationConfig.__struct_fields__}
    assert fields - said == set()


def test_both_quickstarts_have_the_same_code() -> None:
    """The Polish page and the English one differ in their words only."""
    english, polish = (
        [block for block in blocks("bash", "python", "javascript", "text") if block.document == name]
        for name in ("quickstart.en.md", "quickstart.pl.md")
    )
    assert [(block.language, block.code) for block in english] == [(block.language, block.code) for block in polish]


def test_the_local_engines_limits_are_told() -> None:
    """The page about models has the lengths that the engine is started with."""
    page = (DOCS / "models.md").read_text()
    defaults = {field.name: field.default for field in msgspec.structs.fields(EngineSettings)}
    told = page.replace("\n", " ")
    assert f"may have {defaults['context_tokens']:,} tokens" in told
    assert f"An answer has at most {defaults['answer_tokens']:,}" in told


def test_every_example_is_run() -> None:
    """The tests of the examples know every file in their folder."""
    stems = (
        *("first_call", "stream", "conversation", "conversation_without_state"),
        *("structured", "functions", "functions_without_state", "background"),
    )
    files = {file.name for file in EXAMPLES.iterdir() if file.is_file() and file.suffix != ".md"}
    assert files == {stem + suffix for stem in stems for suffix in COMMANDS}


def test_every_shell_example_can_be_run_by_its_name() -> None:
    """A script that begins with #! is executable."""
    assert [script.name for script in EXAMPLES.glob("*.sh") if not os.access(script, os.X_OK)] == []


def _hints() -> str:
    return (DOCS / "api.md").read_text().partition("\n## Hints\n")[2].partition("\n## ")[0]


def _anchors(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    return "absent" if field.default is None else json.dumps(field.default)
