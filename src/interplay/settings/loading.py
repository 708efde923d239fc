"""From a TOML file to settings."""

from pathlib import Path

import msgspec

from interplay import misspelt
from interplay.settings.limits import LimitSettings
from interplay.settings.settings import Settings, check
from interplay.settings.values import SettingsError


def load(path: Path) -> Settings:
    """The settings in a TOML file. Raises SettingsError naming the file, the setting and what was expected."""
    try:
        content = path.read_bytes()
        settings = msgspec.toml.decode(content, type=Settings)
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except msgspec.ValidationError as error:
        said = misspelt.in_words(_placed(error, content), Settings, msgspec.toml.decode(content))
        raise SettingsError(f"The settings file {path} is not valid: {said}") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise SettingsError(f"The settings file {path} is not valid: {error}.") from error
    check(settings, str(path))
    return settings


def _placed(error: msgspec.ValidationError, content: bytes) -> str:
    """What the error says, with the name in `projects` or `keys` that it leaves out."""
    limits = msgspec.toml.decode(content).get("limits")
    for table in ("projects", "keys") if "[...]" in str(error) else ():
        for name, value in limits.get(table, {}).items():
            try:
                msgspec.convert({"x": value}, dict[str, LimitSettings])
            except msgspec.ValidationError as own:
                return str(own).replace("$[...]", f'$.limits.{table}."{name}"')
    return str(error)
