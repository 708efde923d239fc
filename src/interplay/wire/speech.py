"""Voices for speech output, and settings for turning speech into text."""

from typing import Annotated

from interplay.wire.base import Wire, known

TranscriptionModeName = Annotated[str, known("verbatim", "smart")]


class SpeechConfig(Wire, frozen=True, kw_only=True):
    """The voice of one speaker."""

    language: str | None = None
    """A tag such as en-US."""
    speaker: str | None = None
    """The name the prompt gives to the speaker."""
    voice: str | None = None
    """Name or id of the voice."""


class SpeakerConfig(Wire, frozen=True, kw_only=True):
    """The voices of several speakers, in the object form."""

    speakers: tuple[SpeechConfig, ...] | None = None


class SmartTranscriptionMode(Wire, frozen=True, kw_only=True, tag="smart"):
    """A transcript cleaned of slips of the tongue."""

    source_text: str | None = None
    """A text that is to be edited by what is said."""


class VerbatimTranscriptionMode(Wire, frozen=True, kw_only=True, tag="verbatim"):
    """A transcript of every word."""

    diarization_mode: str | None = None
    """`speaker` tells the speakers apart."""
    timestamp_granularities: tuple[str, ...] | None = None
    """`word` gives every word its time."""


TranscriptionMode = SmartTranscriptionMode | VerbatimTranscriptionMode


class TranscriptionConfig(Wire, frozen=True, kw_only=True):
    """How to turn speech into text."""

    adaptation_phrases: tuple[str, ...] | None = None
    """Deprecated name of `custom_vocabulary`."""
    custom_vocabulary: tuple[str, ...] | None = None
    """Words to be expected."""
    diarization_mode: str | None = None
    """Deprecated: `mode.diarization_mode`."""
    language_codes: tuple[str, ...] | None = None
    """Languages to be expected."""
    language_hints: tuple[str, ...] | None = None
    """Deprecated name of `language_codes`."""
    mode: TranscriptionMode | TranscriptionModeName | None = None
    timestamp_granularities: tuple[str, ...] | None = None
    """Deprecated: `mode.timestamp_granularities`."""
