"""Settings: one TOML file and a few command-line options become one frozen value. Bad settings stop the start.

    [server]
    port = 8790

    [[models]]
    match = "gemini-*"
    backend = "openai"
    base_url = "http://127.0.0.1:8000/v1"

`docs/settings.md` shows every setting with its default.
"""

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from interplay import misspelt

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Count = Annotated[int, msgspec.Meta(ge=1)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Temperature = Annotated[float, msgspec.Meta(ge=0.1, le=100)]


class SettingsError(Exception):
    """Settings that cannot be used; the message is one sentence for the operator."""


class ServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The HTTP server and its state."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Port = 8790
    """The port to listen on; 0 takes a free one."""
    data: str | None = None
    """The folder of the server's state; the platform's own place for it when absent."""
    database: str | None = None
    """The Postgres database that keeps the state; SQLite files in the data folder when absent."""
    auth: bool = True
    """Whether requests need an API key."""
    cors_origins: tuple[str, ...] = ()
    """The origins of web pages that may call the server from a browser; `"*"` alone is every one."""
    max_body_mib: Count = 100
    """The largest request body, in MiB."""
    heartbeat_seconds: Positive = 15.0
    """The pause after which a silent stream sends a comment."""
    grace_seconds: NotNegative = 10.0
    """How long running answers may go on after the server was told to stop."""
    leave_seconds: NotNegative = 0.0
    """How long before that it goes on taking requests, while `/readyz` already tells load balancers to send none."""
    background_runs: Annotated[int, msgspec.Meta(ge=0)] = 100
    """Background interactions that this server runs at once; others wait. With 0 they wait for another server."""
    background_tries: Annotated[int, msgspec.Meta(ge=0)] = 15
    """How often a background interaction asks a model again that cannot answer just now, within ten minutes."""
    decode_limit_tokens: Count | None = None
    """Tokens that one request may decode. A longer answer is broken off with a continuation token, with which the SDKs
    go on by themselves; none is broken off when absent."""
    retention_days: NotNegative | None = 55.0
    """How long stored interactions are kept; 0 keeps them for ever."""


class LocalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The local engine."""

    model: str | None = None
    """The installed model that answers; the default one when absent."""
    engine: str | None = None
    """A `llama-server` that runs it in place of the installed package's engine."""
    threads: Count | None = None
    """Threads of the engine; one per physical core when absent."""
    context_tokens: Count | None = None
    """Context length; the engine's choice for the model when absent."""
    parallel: Count = 4
    """How many answers are made at once."""
    prepare: bool = True
    """Whether the engine reads, while nobody asks, what each turn with functions begins with."""


class DecisionsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How `POST /decisions` answers."""

    temperature: Temperature = 0.8
    """How much less certain the answers are than the model's own probabilities; 1 leaves those as they are."""


NoLimit = Annotated[str, msgspec.Meta(pattern="^none$")]
Most = Count | NoLimit | None


class LimitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a project or a key may ask for. `"none"` is no limit; what is absent is as it is in general."""

    requests_per_minute: Most = None
    """Interactions and decisions that are asked for in a minute."""
    tokens_per_minute: Most = None
    """Tokens that those which ended in the last minute have used, beyond which nothing new is begun."""
    concurrent_runs: Most = None
    """Interactions and decisions that go on at the same time."""
    queue_length: Most = None
    """Background interactions that wait for a server, beyond which no more of them are accepted."""


class LimitsSettings(LimitSettings, frozen=True, forbid_unknown_fields=True):
    """Limits, first of all what each project may ask for. There are none unless they are set."""

    each_key: LimitSettings = LimitSettings()
    """What each key may ask for."""
    projects: dict[str, LimitSettings] = {}
    """What is different for some projects, by their names."""
    keys: dict[str, LimitSettings] = {}
    """What is different for some keys, by their ids."""


class BucketSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An S3-compatible bucket. Its keys are in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY."""

    bucket: str
    """The bucket's name; it must be there."""
    endpoint: str | None = None
    """The server's address; Amazon's own for the region when absent."""
    region: str = "us-east-1"
    """The region that requests are signed for."""
    prefix: str = ""
    """What the names of all objects begin with, so that a bucket can be shared with something else."""


class BlobsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where media are kept."""

    directory: str | None = None
    """A folder; `blobs` in the data folder when there is neither this, nor a bucket, nor a database."""
    s3: BucketSettings | None = None
    """Or a bucket."""


RequestSignatures = Literal["jwt", "v1a"]
"""`jwt`: a JSON Web Token, RS256, as Google's page says. `v1a`: Standard Webhooks' asymmetric form, Ed25519."""


class WebhooksSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom webhooks may reach, and how they are signed."""

    allow_private: bool = False
    """Whether receivers may have private and loopback addresses, and be reached by http."""
    allow_http: bool = False
    """Whether receivers may be reached by http."""
    allow_hosts: tuple[str, ...] = ()
    """Hosts that are reached whatever their address, by http too."""
    audience: str | None = None
    """The `aud` of the tokens for receivers that a request names; the receiver's own URI when absent."""
    request_signatures: RequestSignatures = "jwt"
    """How messages to receivers that a request names are signed."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="backend"):
    """One entry of the catalogue: which requested names go where. The first entry that matches wins."""

    match: str
    """A requested name, or a pattern with `*` and `?`."""


class LocalEntry(Entry, frozen=True, tag="local"):
    """Names that an installed model answers for."""

    model: str | None = None
    """The installed model; the default one when absent."""


FIRST_BYTE_SECONDS: Final = 1800.0
SILENCE_SECONDS: Final = 300.0

StructuredOutput = Literal["checked", "native", "prompt"]
"""`checked`: asked by `response_format`, held back, checked and corrected. `native`: the upstream guides its decoding
by the schema, so the answer is shown while it grows. `prompt`: asked in words, held back, checked and corrected."""


ReasoningBack = Literal["calls", "always", "never"]
"""With which of its messages a model's thoughts are sent back to it: those that call functions, all, or none."""


class OpenAIEntry(Entry, frozen=True, tag="openai"):
    """Names that an OpenAI-compatible server answers for."""

    base_url: str
    """The upstream's address, up to and with `/v1`."""
    model: str | None = None
    """The name sent upstream; the requested name when absent."""
    api_key_env: str | None = None
    """The environment variable that holds the upstream's key."""
    thinking_levels: tuple[str, ...] = ()
    """The values of `thinking_level` that the model has, sent as `reasoning_effort`."""
    continues: bool = False
    """Whether the upstream goes on with the beginning of an answer, which `decode_limit_tokens` needs."""
    input_token_limit: int | None = None
    """Context length in tokens, shown by `GET /models`; what the upstream tells when absent."""
    output_token_limit: int | None = None
    """Longest answer in tokens, shown by `GET /models`."""
    structured_output: StructuredOutput = "checked"
    """How an answer that must meet a schema is asked for."""
    first_byte_seconds: Positive = FIRST_BYTE_SECONDS
    """How long the upstream may take until it says anything; an answer in one piece, until it is there."""
    silence_seconds: Positive = SILENCE_SECONDS
    """How long it may say nothing in the middle of an answer."""
    begins_thinking: bool | None = None
    """Whether answers begin inside of a thought that only `</think>` ends, since the model's template has opened it;
    learnt from the answers when absent."""
    reasoning_back: ReasoningBack = "calls"
    """With which of its messages the model's thoughts are sent back to it."""


class ScriptedEntry(Entry, frozen=True, tag="scripted"):
    """Names that the scripted model answers for."""


ModelSettings = LocalEntry | OpenAIEntry | ScriptedEntry


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


def check(settings: Settings, source: str = "the command line") -> None:
    """Raises SettingsError for values that cannot work together."""
    _check_ranges(settings, source)
    server = settings.server
    if not server.auth and server.host not in ("127.0.0.1", "::1", "localhost"):
        raise SettingsError(
            f"Without keys the server listens on this machine only, not on {server.host}: "
            "leave --no-auth out, or listen on 127.0.0.1."
        )
    _check_origins(server, source)
    if server.database is not None:
        database_place(server.database)
    if not server.auth and (settings.limits.keys or settings.limits.each_key != LimitSettings()):
        raise SettingsError(f"The limits of keys in {source} would never apply, since the server asks for no keys.")
    if settings.models and settings.local.model is not None:
        raise SettingsError(
            f"The local model {settings.local.model!r} would not be asked, since {source} has [[models]] entries: "
            "name it in one of them."
        )
    if settings.webhooks.audience is not None and settings.webhooks.request_signatures != "jwt":
        raise SettingsError(
            f'The audience in [webhooks] of {source} would be in no signature, since request_signatures is not "jwt".'
        )
    _check_blobs(settings.blobs, source)
    for entry in settings.models:
        if isinstance(entry, OpenAIEntry):
            _check_upstream(entry, source)


def _check_ranges(settings: Settings, source: str) -> None:
    """What comes from the command line was never decoded."""
    try:
        msgspec.convert(msgspec.to_builtins(settings), Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting of {source} is not valid: {error}.") from error


def _check_origins(server: ServerSettings, source: str) -> None:
    if "*" in server.cors_origins and not server.auth:
        raise SettingsError(
            f'The cors_origins of {source} are "*", while the server asks for no keys: any web page would be answered. '
            "Name the origins, or leave auth on."
        )
    if "*" in server.cors_origins and len(server.cors_origins) > 1:
        raise SettingsError(f'The cors_origins of {source} have "*" beside others: expected "*" alone, or origins.')
    for origin in server.cors_origins:
        if origin != "*" and not re.fullmatch(_ORIGIN, origin):
            raise SettingsError(
                f"The cors_origins of {source} have {origin!r}: expected an origin as browsers send it, as "
                "https://app.example or http://localhost:3000, in lower case, without a path and without the port "
                "that its scheme has anyway."
            )


_ORIGIN: Final = r"(?!http://.*:80$|https://.*:443$)[a-z][a-z\d+.-]*://(?:[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:]+\])(?::[1-9]\d{0,4})?"
_HOST: Final = r"(?:[\w.-]*|\[[\da-fA-F:.]+\])(?::\d+)?"
_DATABASE: Final = re.compile(
    rf"postgres(?:ql)?://(?:[^@/]*@)?(?P<place>{_HOST}(?:,{_HOST})*(?:/[^@/?]*)?)(?:\?[^@]*)?"
)


def database_place(address: str) -> str:
    """A database's host and name, to be shown: without user and password. Raises SettingsError for what is no address.

    An address in which a password could be taken for something else is refused.
    """
    match = _DATABASE.fullmatch(address)
    if match is None:
        raise SettingsError(
            "The address of the database is not valid. Expected postgresql://USER:PASSWORD@HOST:PORT/NAME, special "
            "characters of the user and the password percent-encoded. Without --database the state is kept in files."
        )
    return f"at {match['place']}"


def default_data_folder() -> Path:
    """Where a program of this user keeps its state."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "interplay" / "data"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "interplay" / "data"


def _check_blobs(blobs: BlobsSettings, source: str) -> None:
    if blobs.s3 is None:
        return
    if blobs.directory is not None:
        raise SettingsError(f"[blobs] of {source} has both a directory and s3: media are kept in one place.")
    for name, (pattern, expected) in _BUCKET.items():
        value = getattr(blobs.s3, name)
        if value is not None and not re.fullmatch(pattern, value):
            shown = re.sub("//.*@", "//...@", value)
            raise SettingsError(f"[blobs.s3] of {source} has {name} {shown!r}: expected {expected}.")
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        if not os.environ.get(variable):
            raise SettingsError(f"[blobs.s3] of {source} takes its keys from the environment: {variable} is not set.")


_BUCKET: Final = {
    "bucket": (r"[\w.-]{3,63}", "the name of a bucket"),
    "endpoint": (rf"https?://{_HOST}/?", "an address as https://HOST:PORT, without keys"),
    "region": (r"[\w-]+", "the name of a region"),
    "prefix": (r"(?:[\w-][\w.-]*(?:/[\w-][\w.-]*)*)?", "words with / between them"),
}


def _check_upstream(entry: OpenAIEntry, source: str) -> None:
    if not entry.base_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"The model entry '{entry.match}' of {source} has base_url {entry.base_url!r}: expected an address that "
            "begins with http:// or https://."
        )
    if entry.api_key_env is not None and entry.api_key_env not in os.environ:
        raise SettingsError(
            f"The model entry '{entry.match}' of {source} takes its key from {entry.api_key_env}, which is not set."
        )
