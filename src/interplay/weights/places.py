"""Where models live on this machine. Not here: what is in there (`shelf`)."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def models_folder(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """`$INTERPLAY_MODELS`, or the models folder in the platform's place for a user's data."""
    if chosen := environ.get("INTERPLAY_MODELS"):
        return Path(chosen).expanduser().absolute()
    return _user_data(environ, platform) / "interplay" / "models"


def _user_data(environ: Mapping[str, str], platform: str) -> Path:
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    data = Path(environ.get("XDG_DATA_HOME", ""))
    # The XDG specification wants relative paths ignored.
    return data if data.is_absolute() else Path.home() / ".local" / "share"
