"""All settings, as one frozen value, and what cannot work together of several tables."""

from pathlib import Path

import msgspec

from interplay.settings.blobs import BlobsSettings, check_blobs
from interplay.settings.decisions import DecisionsSettings
from interplay.settings.limits import LimitSettings, LimitsSettings
from interplay.settings.local import LocalSettings
from interplay.settings.models import ModelSettings, check_models
from interplay.settings.server import ServerSettings, check_server, default_data_folder
from interplay.settings.values import SettingsError
from interplay.settings.webhooks import WebhooksSettings, check_webhooks


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an operator can set."""

    server: ServerSettings = ServerSettings()
    local: LocalSettings = LocalSettings()
    decisions: DecisionsSettings = DecisionsSettings()
    limits: LimitsSettings = LimitsSettings()
    blobs: BlobsSettings = BlobsSettings()
    webhooks: WebhooksSettings = WebhooksSettings()
    models: tuple[ModelSettings, ...] = ()
    """The catalogue; without entries, the well-known Gemini names go to what is installed."""

    def data_folder(self) -> Path:
        """The folder of the server's state."""
        return Path(self.server.data).expanduser() if self.server.data else default_data_folder()


def check(settings: Settings, source: str = "the command line") -> None:
    """Raises SettingsError for values that cannot work together."""
    _check_ranges(settings, source)
    check_server(settings.server, source)
    if not settings.server.auth and (settings.limits.keys or settings.limits.each_key != LimitSettings()):
        raise SettingsError(f"The limits of keys in {source} would never apply, since the server asks for no keys.")
    if settings.models and settings.local.model is not None:
        raise SettingsError(
            f"The local model {settings.local.model!r} would not be asked, since {source} has [[models]] entries: "
            "name it in one of them."
        )
    check_webhooks(settings.webhooks, source)
    check_blobs(settings.blobs, source)
    check_models(settings.models, source)


def _check_ranges(settings: Settings, source: str) -> None:
    """What comes from the command line was never decoded."""
    try:
        msgspec.convert(msgspec.to_builtins(settings), Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting of {source} is not valid: {error}.") from error
