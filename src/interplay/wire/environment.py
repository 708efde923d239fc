"""The sandbox a request asks for: what is in it, and whom it may talk to.

Not here: which of its fields go together (`decode_environment`).
"""

from typing import Annotated, Any, Final, Literal

from interplay.wire.base import Wire, known

SourceType = Annotated[str, known("gcs", "inline", "repository", "skill_registry")]
NetworkMode = Annotated[str, known("disabled")]
SELF_HOSTED: Final = "self_hosted"
ENVIRONMENT_MODES: Final = ("on_demand", SELF_HOSTED)
EnvironmentMode = Annotated[str, known(*ENVIRONMENT_MODES)]


class EnvVar(Wire, frozen=True, kw_only=True):
    """A variable of the sandbox: a value, or a credential that stays outside and is put in on the way out."""

    credential: str | None = None
    """Id of the credential."""
    value: str | None = None


class Source(Wire, frozen=True, kw_only=True):
    """Something put into the sandbox before it starts."""

    type: SourceType | None = None
    source: str | None = None
    """Address of the repository, bucket or skill."""
    content: str | None = None
    """Text of an inline source."""
    encoding: str | None = None
    """`base64` where `content` is not the text itself."""
    target: str | None = None
    """Path in the sandbox."""


class AllowlistEntry(Wire, frozen=True, kw_only=True):
    """A domain that the sandbox may talk to."""

    domain: str
    """A host, `*.example.com`, or `*`."""
    credential: str | None = None
    """Id of a credential to be put into the requests."""
    transform: tuple[dict[str, str], ...] | dict[str, str] | None = None
    """Headers to be put into the requests; the sandbox does not see them."""


class EnvironmentNetworkEgressAllowlist(Wire, frozen=True, kw_only=True):
    """Whom the sandbox may talk to."""

    allowlist: tuple[AllowlistEntry, ...] | NetworkMode | None = None


class Environment(Wire, frozen=True, kw_only=True, tag="remote"):
    """A sandbox to make, or to change when `environment_id` is given."""

    env: dict[str, EnvVar | str] | None = None
    environment_id: str | None = None
    """The sandbox to change, instead of making one."""
    mode: EnvironmentMode | None = None
    """Who runs it: the server, or with `self_hosted` a machine of the user's."""
    custom_config: dict[str, Any] | None = None
    """For that machine alone."""
    network: EnvironmentNetworkEgressAllowlist | NetworkMode | None = None
    """Everything is allowed when absent."""
    sources: tuple[Source, ...] | None = None


class CreateEnvironmentRequest(Wire, frozen=True, kw_only=True):
    """The body of `POST /environments`."""

    from_environment: str | None = None
    """The sandbox to begin as a copy of."""
    network: EnvironmentNetworkEgressAllowlist | Literal["disabled"] | None = None
    """Everything is allowed when absent."""
    sources: tuple[Source, ...] | None = None
    mode: EnvironmentMode | None = None
    """Who runs it: the server, or with `self_hosted` a machine of the user's."""
    custom_config: dict[str, Any] | None = None
    """For that machine alone."""
    system_instruction: str | None = None
    """Of what runs in it."""
