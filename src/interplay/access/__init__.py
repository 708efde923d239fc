"""Who may ask: API keys and the projects they open. Not here: how a key travels (`interplay.api.auth`)."""

from typing import Final

DEFAULT_PROJECT: Final = "default"
"""The project of the first key, of keys made without a name, and of everybody where no keys are asked for."""
