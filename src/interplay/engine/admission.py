"""What a request may ask of this release, checked before anything is kept.

What a client relies on is done, or refused by its name. A hint whose absence cannot make an answer wrong is taken, with
a note that says so; nothing is accepted and then ignored in silence.
The tools are for `functions` to judge and the form of the answer for `formats`; what a particular model cannot do is
for its backend to refuse (`Backend.check`).
"""

import re
from typing import Final

import msgspec

from interplay import wire
from interplay.errors import invalid, listed, shown
from interplay.notes import Note
from interplay.wire.decode_environment import refuse_wrong_mode

_STANDARD: Final = "standard"
"""The tier of whatever is answered at once, whichever was asked for: only work that waits goes before other work."""

_NOT_YET: Final = {
    "cached_content": "explicit caches are not served; the prefix cache of the engine works by itself",
    "environment": "sandboxes are not served yet",
}
_BLOCKING_NOTHING: Final = ("off", "block_none")
_BLOCKING: Final = ("block_low_and_above", "block_medium_and_above", "block_only_high")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_MOST_LABELS = 64


def admit(request: wire.CreateInteraction) -> tuple[Note, ...]:
    """What is taken though nothing comes of it. Raises Failure `invalid_request` for the first thing not to be done."""
    if request.agent is not None:
        raise invalid(f"'agent' {shown(request.agent)} cannot be run: agents are not served yet. Use 'model'.")
    if isinstance(request.environment, wire.Environment):
        _admit_mode(request.environment)
    for field, reason in _NOT_YET.items():
        if _says_something(getattr(request, field)):
            raise invalid(f"'{field}' cannot be honoured: {reason}.")
    if any(modality.lower() != "text" for modality in request.response_modalities or ()):
        raise invalid(
            f"'response_modalities' {shown(list(request.response_modalities or ()))} cannot be honoured: only text is."
        )
    _admit_labels(request.labels or {})
    _admit_run(request)
    return *_safety(request.safety_settings or ()), *_tier(request), *_deferred(request.tools or ())


def served_tier(request: wire.CreateInteraction) -> str:
    """The tier that a run gets, which its answer says."""
    return request.service_tier or _STANDARD if request.background else _STANDARD


def _safety(settings: tuple[wire.SafetySetting, ...]) -> tuple[Note, ...]:
    """Nothing is blocked here, which is what some thresholds ask for; the SDKs' older enum has capitals."""
    for index, setting in enumerate(settings):
        threshold, where = setting.threshold.lower(), f"safety_settings[{index}].threshold"
        if threshold in _BLOCKING:
            raise invalid(
                f"'{where}' {shown(setting.threshold)} cannot be honoured: there is no safety filter here, so nothing "
                f"would be blocked; expected one of {listed(_BLOCKING_NOTHING)}."
            )
        if threshold not in _BLOCKING_NOTHING:
            raise invalid(
                f"'{where}' {shown(setting.threshold)} is unknown: expected one of {listed(_BLOCKING_NOTHING)}."
            )
    return (Note("safety_settings", "nothing is blocked here"),) if settings else ()


def _tier(request: wire.CreateInteraction) -> tuple[Note, ...]:
    asked, served = request.service_tier, served_tier(request)
    return (
        () if asked in (None, served) else (Note("service_tier", f"{shown(asked)} asked for, {shown(served)} given"),)
    )


def _deferred(tools: tuple[wire.Tool, ...]) -> tuple[Note, ...]:
    """Short descriptions stand for functions whose loading is deferred, which is refused where tools are read."""
    short = (index for index, tool in enumerate(tools) if isinstance(tool, wire.Function) and tool.short_description)
    first = next(short, None)
    return () if first is None else (Note(f"tools[{first}].short_description", "no function is deferred"),)


def _says_something(value: object) -> bool:
    """Whether a field was given, and not as the empty value that clients send for nothing."""
    return bool(msgspec.to_builtins(value))


def _admit_mode(environment: wire.Environment) -> None:
    refuse_wrong_mode(environment, "environment")
    if mode := environment.mode:
        raise invalid(f"'environment.mode' {shown(mode)} cannot be honoured: {_NOT_YET['environment']}.")


def _admit_labels(labels: dict[str, str]) -> None:
    if len(labels) > _MOST_LABELS:
        raise invalid(f"'labels' has {len(labels)} entries: expected at most {_MOST_LABELS}.")
    for key, value in labels.items():
        if not _LABEL.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            raise invalid(
                f"'labels' entry {shown(key)}: {shown(value)} is not valid: expected a key of 1 to 63 and a value "
                "of at most 63 lowercase letters, digits, '_' and '-'."
            )


def _admit_run(request: wire.CreateInteraction) -> None:
    if request.background and request.store is False:
        raise invalid("'background' needs 'store', since its answer is read later: leave 'store' out.")
    if not request.background and _says_something(request.webhook_config):
        raise invalid("'webhook_config' needs 'background': true; without it the answer itself tells of the end.")
    if request.service_tier is not None and request.service_tier not in wire.SERVICE_TIERS:
        raise invalid(
            f"'service_tier' {shown(request.service_tier)} is unknown: expected one of {listed(wire.SERVICE_TIERS)}."
        )
    config = request.generation_config
    if config is not None and config.thinking_summaries not in (None, "auto", "none"):
        raise invalid(
            f"'generation_config.thinking_summaries' {shown(config.thinking_summaries)} is unknown: "
            'expected "auto" or "none".'
        )
