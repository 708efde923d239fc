"""How the model is to decode."""

from typing import Annotated

import msgspec

from interplay.wire.base import Count, Int32, Wire, known
from interplay.wire.formats import ImageAspectRatio, ImageSize
from interplay.wire.speech import SpeakerConfig, SpeechConfig, TranscriptionConfig
from interplay.wire.tools import ToolChoiceConfig, ToolChoiceType

ThinkingLevel = Annotated[str, known("minimal", "low", "medium", "high", "xhigh")]
ThinkingSummaries = Annotated[str, known("auto", "none")]
VideoTask = Annotated[str, known("text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale")]


class ImageConfig(Wire, frozen=True, kw_only=True):
    """Deprecated: the settings of `ImageResponseFormat` in their old place."""

    aspect_ratio: ImageAspectRatio | None = None
    """Width to height."""
    image_size: ImageSize | None = None


class VideoConfig(Wire, frozen=True, kw_only=True):
    """Settings of video generation."""

    task: VideoTask | None = None
    """What to do with the given media; found out from the request when absent."""


class GenerationConfig(Wire, frozen=True, kw_only=True):
    """Settings of one turn. They are not inherited by the next turn of the conversation."""

    max_output_tokens: Count | None = None
    """The answer ends with status `incomplete` when it would be longer."""
    stop_sequences: tuple[str, ...] | None = None
    """The answer ends before the first of these."""
    temperature: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """Deprecated by Google for its newest models, meaningful for others."""
    top_p: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    """Deprecated by Google for its newest models, meaningful for others."""
    top_k: Count | None = None
    """Not in the SDKs' types, but accepted by the live API."""
    seed: Int32 | None = None
    thinking_level: ThinkingLevel | None = None
    thinking_summaries: ThinkingSummaries | None = None
    """Whether thoughts come with a summary; `none` when absent."""
    tool_choice: ToolChoiceConfig | ToolChoiceType | None = None
    speech_config: SpeakerConfig | tuple[SpeechConfig, ...] | None = None
    transcription_config: TranscriptionConfig | None = None
    video_config: VideoConfig | None = None
    image_config: ImageConfig | None = None
    """Deprecated: `response_format`."""
