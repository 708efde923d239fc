"""Settings that are not there."""

from pathlib import Path

import pytest

from interplay.settings import SettingsError, load


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[servr]\nport = 1", "Unknown setting 'servr'. Did you mean 'server'?"),
        ("[server]\nprot = 1", "Unknown setting 'server.prot'. Did you mean 'port'?"),
        (
            '[[models]]\nmatch = "x"\nbackend = "openai"\nbase_url = "http://a"\napi_key = "A"',
            "Unknown setting 'models[0].api_key'. Did you mean 'api_key_env'?",
        ),
        (
            '[[models]]\nmatch = "x"\nbackend = "scripted"\nkey = "A"',
            "Unknown setting 'models[0].key'. Expected one of: backend, match.",
        ),
        (
            '[limits.projects."a.b"]\nqueue_lenght = 1',
            "Unknown setting 'limits.projects.\"a.b\".queue_lenght'. Did you mean 'queue_length'?",
        ),
        ('[limits.projects."a\\"[1].b"]\nqueue_lenght = 1', "Did you mean 'queue_length'?"),
    ],
)
def test_a_setting_that_is_not_there_is_named_with_the_one_that_was_meant(
    tmp_path: Path, content: str, said: str
) -> None:
    """With its table; where nothing looks alike, with what there is in that table."""
    file = tmp_path / "interplay.toml"
    file.write_text(content)
    with pytest.raises(SettingsError) as refused:
        load(file)
    assert str(refused.value).endswith(said)
