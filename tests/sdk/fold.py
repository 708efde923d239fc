"""Contract, section 7, in its simplest form: what a reader of a stream makes of it. Shares no code with the server."""

import json
from typing import Any

Json = dict[str, Any]


def folded(events: list[Json]) -> Json:
    """The interaction that the events tell."""
    interaction: Json = {"steps": []}
    errors: list[Json] = []
    for event in events:
        match event["event_type"]:
            case "interaction.created" | "interaction.completed":
                interaction |= event["interaction"]
            case "interaction.status_update":
                interaction["status"] = event["status"]
            case "step.start":
                assert event["index"] == len(interaction["steps"])
                interaction["steps"].append(dict(event["step"]))
            case "step.delta":
                _grow(interaction["steps"][event["index"]], event["delta"])
            case "error":
                errors.append(event["error"])
            case "step.stop":
                pass
            case other:
                raise AssertionError(f"no event is called {other}")
    return interaction | ({"errors": errors} if errors else {})


def _grow(step: Json, delta: Json) -> None:
    match delta["type"]:
        case "text":
            blocks = step.setdefault("content", [])
            if not blocks or blocks[-1]["type"] != "text":
                blocks.append({"type": "text", "text": ""})
            blocks[-1]["text"] += delta["text"]
        case "thought_summary":
            step.setdefault("summary", []).append(delta["content"])
        case "thought_signature":
            step["signature"] = delta["signature"]
        case other:
            raise AssertionError(f"no text model makes {other}: {json.dumps(delta)}")


def present(value: Any) -> Any:
    """The same without what is absent: the SDKs' objects say None for it."""
    match value:
        case dict():
            return {name: present(inner) for name, inner in value.items() if inner is not None}
        case list():
            return [present(inner) for inner in value]
        case _:
            return value
