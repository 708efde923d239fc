"""One full example of every step, as the live API writes them, and a request that uses much of the contract."""

from typing import Any

Json = dict[str, Any]

TEXT: Json = {
    "type": "text",
    "text": "Grüße from the moon",
    "annotations": [
        {"type": "url_citation", "start_index": 0, "end_index": 5, "url": "https://a.example", "title": "A"}
    ],
}
IMAGE: Json = {"type": "image", "mime_type": "image/png", "data": "aGk=", "resolution": "low"}
FUNCTION: Json = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}}
SIGNED: Json = {"signature": "c2lnbg=="}

STEPS: tuple[Json, ...] = (
    {"type": "user_input", "content": [TEXT, IMAGE]},
    {"type": "model_output", "content": [TEXT], "error": {"code": 8, "message": "no room", "details": [{"a": 1}]}},
    {"type": "thought", "signature": "c2lnbg==", "summary": [{"type": "text", "text": "Hm."}]},
    {"type": "function_call", "id": "zggxzq8r", "name": "weather", "arguments": {"city": "Bonn", "days": [1, 2.5]}},
    {"type": "function_result", "call_id": "zggxzq8r", "name": "weather", "result": [TEXT], "is_error": True},
    {"type": "code_execution_call", "id": "c", "arguments": {"language": "python", "code": "print(1)"}, **SIGNED},
    {"type": "code_execution_result", "call_id": "c", "result": "1\n", "is_error": False, **SIGNED},
    {"type": "file_search_call", "id": "f", **SIGNED},
    {"type": "file_search_result", "call_id": "f", **SIGNED},
    {"type": "google_maps_call", "id": "m", "arguments": {"queries": ["cafe"]}, **SIGNED},
    {
        "type": "google_maps_result",
        "call_id": "m",
        "result": [{"places": [{"name": "Cafe", "review_snippets": [{"title": "Good"}]}], "widget_context_token": "w"}],
        **SIGNED,
    },
    {
        "type": "google_search_call",
        "id": "g",
        "arguments": {"queries": ["moon"]},
        "search_type": "web_search",
        **SIGNED,
    },
    {"type": "google_search_result", "call_id": "g", "result": [{"search_suggestions": "<b>moon</b>"}], **SIGNED},
    {"type": "mcp_server_tool_call", "id": "t", "server_name": "s", "name": "n", "arguments": {"a": None}},
    {"type": "mcp_server_tool_result", "call_id": "t", "server_name": "s", "name": "n", "result": {"b": [True]}},
    {"type": "processing_call", "id": "p", **SIGNED},
    {"type": "processing_result", "call_id": "p", **SIGNED},
    {
        "type": "retrieval_call",
        "id": "r",
        "arguments": {"queries": ["q"]},
        "retrieval_type": "rag_store",
        **SIGNED,
    },
    {"type": "retrieval_result", "call_id": "r", "is_error": False, **SIGNED},
    {"type": "tool_search_call", "id": "o", "arguments": {"function_names": ["weather"]}, **SIGNED},
    {"type": "tool_search_result", "call_id": "o", "result": [FUNCTION], **SIGNED},
    {"type": "url_context_call", "id": "u", "arguments": {"urls": ["https://a.example"]}, **SIGNED},
    {
        "type": "url_context_result",
        "call_id": "u",
        "result": [{"url": "https://a.example", "status": "success"}],
        "is_error": False,
        **SIGNED,
    },
)

REQUEST: Json = {
    "model": "gemini-3.5-flash",
    "input": [*STEPS, {"type": "user_input", "content": "And now?"}],
    "previous_interaction_id": "v1_abc",
    "system_instruction": "Be brief.",
    "tools": [FUNCTION, {"type": "google_search"}, {"type": "mcp_server", "url": "https://m.example", "headers": {}}],
    "response_format": [{"type": "text", "mime_type": "application/json", "schema": {"type": "object"}}],
    "generation_config": {
        "temperature": 1,
        "top_k": 40,
        "max_output_tokens": 256,
        "tool_choice": {"allowed_tools": {"mode": "any", "tools": ["weather"]}},
        "speech_config": [{"voice": "Kore"}],
        "transcription_config": {"mode": "verbatim"},
    },
    "environment": {
        "type": "remote",
        "env": {"A": "1", "B": {"credential": "c"}},
        "network": {"allowlist": [{"domain": "*", "transform": [{"X-A": "1"}]}]},
        "sources": [{"type": "inline", "content": "hi", "target": "a.txt"}],
    },
    "labels": {"team": "moon"},
    "safety_settings": [{"type": "harassment", "threshold": "off"}],
    "webhook_config": {"uris": ["https://w.example"], "user_metadata": {"a": [1]}},
    "stream": True,
    "store": False,
}
