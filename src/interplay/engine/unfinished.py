"""A step under construction: its first version from `step.start`, grown by deltas (contract, section 7).

Deltas carry no ids and no block index. Text goes to the last text block, sound and film go on with the last block
of their kind, pictures and documents are new blocks, citations belong to the last text, argument pieces are joined
as JSON text, and the call and result deltas set the fields of their step.
"""

import base64
from typing import Any

import msgspec

from interplay import wire

_Media = wire.ImageDelta | wire.AudioDelta | wire.VideoDelta | wire.DocumentDelta


class UnfinishedStep:
    """One step of a fold under way."""

    def __init__(self, first: wire.Step) -> None:
        self._first = first
        self._blocks: list[_Block] = []
        if isinstance(first, wire.ModelOutputStep):
            self._blocks = [_Block(content) for content in first.content or ()]
        self._summary: list[wire.ThoughtSummaryContent] = []
        if isinstance(first, wire.ThoughtStep):
            self._summary = list(first.summary or ())
        self._arguments: list[str] = []
        self._fields: dict[str, Any] = {}

    def add(self, delta: wire.StepDeltaData) -> None:
        """Grow by one delta."""
        match delta:
            case wire.TextDelta():
                self._text_block().texts.append(delta.text)
            case wire.TextAnnotationDelta():
                self._text_block().annotations.extend(delta.annotations or ())
            case wire.AudioDelta() | wire.VideoDelta() if self._continues(delta):
                self._blocks[-1].data.append(delta.data or "")
            case wire.ImageDelta() | wire.AudioDelta() | wire.VideoDelta() | wire.DocumentDelta():
                self._blocks.append(_Block(_media_content(delta)))
            case wire.ThoughtSummaryDelta():
                self._add_summary(delta.content)
            case wire.ArgumentsDelta():
                self._arguments.append(delta.arguments or "")
            case _:
                self._set_fields(delta)

    def step(self) -> wire.Step:
        """The step as it stands."""
        match self._first:
            case wire.ModelOutputStep() if self._blocks:
                return msgspec.structs.replace(self._first, content=tuple(block.content() for block in self._blocks))
            case wire.ThoughtStep() if self._summary:
                return msgspec.structs.replace(self._first, summary=tuple(self._summary), **self._fields)
            case wire.FunctionCallStep() if self._arguments:
                return msgspec.structs.replace(self._first, arguments=self._joined_arguments(), **self._fields)
            case _:
                return msgspec.structs.replace(self._first, **self._fields)

    def _text_block(self) -> "_Block":
        if not self._blocks or not isinstance(self._blocks[-1].first, wire.TextContent):
            self._blocks.append(_Block(wire.TextContent(text="")))
        return self._blocks[-1]

    def _continues(self, delta: wire.AudioDelta | wire.VideoDelta) -> bool:
        if not self._blocks or delta.data is None:
            return False
        last = self._blocks[-1].first
        same_kind = isinstance(last, wire.AudioContent if isinstance(delta, wire.AudioDelta) else wire.VideoContent)
        return same_kind and bool(self._blocks[-1].data) and delta.mime_type in (None, last.mime_type)  # type: ignore[union-attr]

    def _add_summary(self, content: wire.Content | None) -> None:
        if isinstance(content, wire.TextContent | wire.ImageContent):
            self._summary.append(content)

    def _set_fields(self, delta: wire.StepDeltaData) -> None:
        known = self._first.__struct_fields__
        for name in delta.__struct_fields__:
            value = getattr(delta, name)
            if value is not None and name in known:
                self._fields[name] = value

    def _joined_arguments(self) -> dict[str, Any]:
        try:
            arguments = msgspec.json.decode("".join(self._arguments))
        except msgspec.DecodeError:
            return {}  # still arriving
        return arguments if isinstance(arguments, dict) else {}


class _Block:
    """One content block of a model output."""

    def __init__(self, first: wire.Content) -> None:
        self.first = first
        self.texts = [first.text] if isinstance(first, wire.TextContent) and first.text else []
        self.annotations = list(first.annotations or ()) if isinstance(first, wire.TextContent) else []
        self.data: list[str] = []
        if isinstance(first, wire.AudioContent | wire.VideoContent) and first.data:
            self.data = [first.data]

    def content(self) -> wire.Content:
        match self.first:
            case wire.TextContent():
                return msgspec.structs.replace(
                    self.first, text="".join(self.texts), annotations=tuple(self.annotations) or None
                )
            case wire.AudioContent() | wire.VideoContent() if len(self.data) > 1:
                joined = b"".join(base64.b64decode(piece) for piece in self.data)
                return msgspec.structs.replace(self.first, data=base64.b64encode(joined).decode())
            case _:
                return self.first


def _media_content(delta: _Media) -> wire.Content:
    match delta:
        case wire.ImageDelta():
            return wire.ImageContent(
                data=delta.data, mime_type=delta.mime_type, uri=delta.uri, resolution=delta.resolution
            )
        case wire.AudioDelta():
            return wire.AudioContent(
                data=delta.data,
                mime_type=delta.mime_type,
                uri=delta.uri,
                channels=delta.channels,
                sample_rate=delta.sample_rate,
            )
        case wire.VideoDelta():
            return wire.VideoContent(
                data=delta.data, mime_type=delta.mime_type, uri=delta.uri, resolution=delta.resolution
            )
        case wire.DocumentDelta():
            return wire.DocumentContent(data=delta.data, mime_type=delta.mime_type, uri=delta.uri)
