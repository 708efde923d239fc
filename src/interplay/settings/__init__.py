"""Settings: one TOML file and a few command-line options become one frozen value. Bad settings stop the start.

    [server]
    port = 8790

    [[models]]
    match = "gemini-*"
    backend = "openai"
    base_url = "http://127.0.0.1:8000/v1"

`docs/settings.md` shows every setting with its default.

Each table has a file, with the checks of its values; `settings.py` has them all, and what concerns several of them.
"""

from interplay.settings.loading import load
from interplay.settings.settings import Settings, check
from interplay.settings.values import SettingsError

__all__ = ["Settings", "SettingsError", "check", "load"]
