"""Bad input: a 4xx in the API's error shape that names the field, the value and what was expected."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server import RunningServer

GOOD = {"model": "scripted", "input": "x"}
TOOL = {"type": "function", "name": "look_up", "parameters": {"type": "object", "properties": {"word": {}}}}
CALL = {"type": "function_call", "id": "c1", "name": "look_up", "arguments": {}}
RESULT = {"type": "function_result", "call_id": "c1", "result": "x"}
WIDE: dict[str, Any] = {f"p{number}": {} for number in range(2001)}
DEEP: dict[str, Any] = {}
for _ in range(70):
    DEEP = {"items": DEEP}


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"model": None}, 400, ["model", "agent"]),
        ({"agent": "antigravity-preview-09-2026"}, 400, ["model", "agent"]),
        ({"model": None, "agent": "antigravity-preview-09-2026"}, 400, ["agent", "antigravity-preview-09-2026"]),
        ({"model": "gpt-99"}, 404, ["'model'", "gpt-99", "scripted"]),
        ({"model": 5}, 400, ["model", "5"]),
        ({"input": None}, 400, ["'input'", "empty"]),
        ({"input": []}, 400, ["'input'", "empty"]),
        ({"input": 5}, 400, ["input", "5"]),
        ({"input": [{"role": "user", "content": "x"}]}, 400, ["input[0]", "role"]),
        ({"input": [{"type": "text", "text": "x"}, {"type": "thought"}]}, 400, ["input"]),
        ({"input": [{"type": "user_input", "content": [{"type": "image", "data": "AAAA"}]}]}, 400, ["image"]),
        ({"input": [{"type": "thought", "signature": "AAAA"}, {"type": "user_input", "content": "x"}]}, 400,
         ["input[0].signature", "AAAA"]),
        ({"temprature": 1}, 400, ["Unknown parameter 'temprature'"]),
        ({"responseFormat": {"type": "text"}}, 400, ["'responseFormat'", "Did you mean 'response_format'"]),
        ({"response_format": {"type": "text", "mimeType": "text/plain"}}, 400,
         ["Unknown parameter 'response_format.mimeType'. Did you mean 'mime_type'?"]),
        ({"response_format": {"type": "text", "mime_type": "text/html"}}, 400, ["response_format.mime_type", "html"]),
        ({"response_format": [{"type": "text"}, {"type": "text"}]}, 400, ["'response_format'", "2 formats"]),
        ({"response_format": {"type": "image"}}, 400, ["response_format", "image"]),
        ({"response_format": {"type": "text", "mime_type": "text/plain", "schema": {}}}, 400,
         ["response_format.schema", "application/json"]),
        ({"response_format": {"type": "text", "mime_type": "application/json", "schema": {"type": "Object"}}}, 400,
         ["response_format.schema.type", "Object", 'did you mean "object"']),
        ({"response_format": {"properties": {"a": {"minimum": 2, "maximum": 1}}}}, 400,
         ["response_format.properties.a.maximum"]),
        ({"response_format": {"type": "array", "items": DEEP}}, 400, ["response_format", "at most 47 levels"]),
        ({"response_format": {"type": "object", "properties": WIDE}}, 400, ["response_format", "2000 properties"]),
        ({"response_mime_type": "application/json", "response_format": {"type": "text"}}, 400, ["response_mime_type"]),
        ({"response_mime_type": "text/plain", "response_format": {"type": "object"}}, 400, ["response_mime_type"]),
        ({"response_mime_type": "text/plain", "response_format": {"type": "text", "mime_type": "application/json"}},
         400, ["response_mime_type", "contradicts"]),
        ({"response_mime_type": "text/html"}, 400, ["response_mime_type", "text/html"]),
        ({"tools": [{"type": "function"}]}, 400, ["tools[0].name"]),
        ({"tools": [{"type": "function", "name": "two words"}]}, 400, ["tools[0].name", "two words"]),
        ({"tools": [TOOL, TOOL]}, 400, ["tools[1].name", "look_up", "twice"]),
        ({"tools": [TOOL | {"name": f"f{number}"} for number in range(513)]}, 400, ["'tools'", "513", "512"]),
        ({"tools": [TOOL | {"name": f"f{number}", "parameters": {"description": "x" * 90_000}} for number in range(3)]},
         400, ["'tools'", "tools[2]", "262144"]),
        ({"tools": [TOOL | {"description": "x" * 16_385}]}, 400, ["tools[0].description", "16384"]),
        ({"tools": [TOOL | {"parameters": {"type": "string"}}]}, 400, ["tools[0].parameters.type", "string"]),
        ({"tools": [TOOL | {"parameters": {"type": "Object"}}]}, 400, ["tools[0].parameters.type", '"object"']),
        ({"tools": [TOOL | {"parameters": [1]}]}, 400, ["tools[0].parameters", "[1]"]),
        ({"tools": [TOOL | {"parameters": {"properties": {"a": {"type": "strin"}}}}]}, 400,
         ["tools[0].parameters.properties.a.type", "strin"]),
        ({"tools": [TOOL | {"defer_loading": True}]}, 400, ["tools[0].defer_loading"]),
        ({"tools": [TOOL | {"parametres": {}}]}, 400, ["tools[0].parametres", "parameters"]),
        ({"generation_config": {"tool_choice": "any"}}, 400, ["tool_choice", "any", "tools"]),
        ({"generation_config": {"tool_choice": "must"}}, 400, ["tool_choice", "must", "auto"]),
        ({"tools": [TOOL], "generation_config": {"tool_choice": {"allowed_tools": {"tools": ["other"]}}}}, 400,
         ["allowed_tools.tools", "other", "look_up"]),
        ({"tools": [TOOL], "generation_config": {"tool_choice": {"allowed_tools": {"mode": "all"}}}}, 400,
         ["allowed_tools.mode", "all"]),
        ({"tools": [TOOL], "generation_config": {"tool_choice": {"allowed_tools": {"mode": "any", "tools": []}}}}, 400,
         ["tool_choice", "any"]),
        ({"input": [{"type": "function_result", "call_id": "c1", "result": "x"}]}, 400, ["input[0].call_id", "c1"]),
        ({"input": [CALL, RESULT, RESULT]}, 400, ["input[2].call_id", "c1", "has its result"]),
        ({"input": [CALL, CALL, RESULT]}, 400, ["input[1].id", "c1", "twice"]),
        ({"input": [CALL | {"id": " "}, RESULT]}, 400, ["input[0].id", '" "']),
        ({"input": [CALL | {"name": ""}, RESULT]}, 400, ["input[0].name"]),
        ({"input": [CALL | {"name": "two words"}, RESULT]}, 400, ["input[0].name", "two words", "letter"]),
        ({"input": [CALL | {"name": "x" * 129}, RESULT]}, 400, ["input[0].name", "127"]),
        ({"input": [RESULT, CALL]}, 400, ["input[0].call_id", "c1"]),
        ({"input": [CALL, RESULT | {"name": "other"}]}, 400, ["input[1].name", "other", "look_up"]),
        ({"input": [CALL, RESULT | {"result": 5}]}, 400, ["input[1].result", "5"]),
        ({"input": [CALL, RESULT | {"result": [{"type": "image", "data": "AAAA", "mime_type": "image/png"}]}]}, 400,
         ["input", "image"]),
        ({"generation_config": {"max_output_tokens": "many"}}, 400, ["generation_config.max_output_tokens", "many"]),
        ({"generation_config": {"max_output_tokens": 0}}, 400, ["generation_config.max_output_tokens", "0"]),
        ({"generation_config": {"temperature": 9}}, 400, ["generation_config.temperature", "9"]),
        ({"generation_config": {"top_p": 2}}, 400, ["generation_config.top_p", "2"]),
        ({"generation_config": {"thinking_level": "extreme"}}, 400,
         ["generation_config.thinking_level", "extreme", '"minimal", "low"']),
        ({"generation_config": {"thinking_summaries": "all"}}, 400, ["generation_config.thinking_summaries", "all"]),
        ({"generation_config": {"presence_penalty": 1}}, 400, ["'generation_config.presence_penalty'"]),
        ({"previous_interaction_id": ""}, 404, ["'previous_interaction_id'", '""']),
        ({"previous_interaction_id": "", "store": False}, 404, ["'previous_interaction_id'", '""']),
        ({"previous_interaction_id": "v1_none"}, 404, ["previous_interaction_id", "v1_none"]),
        ({"tools": [{"type": "google_search"}]}, 400, ["tools[0]", "google_search"]),
        ({"environment": "remote"}, 400, ["environment"]),
        ({"webhook_config": {"uris": ["https://example.org"]}}, 400, ["webhook_config", "background"]),
        ({"background": True, "webhook_config": {"uris": ["https://a.example", "http://a.example"]}}, 400,
         ["webhook_config.uris[1]", "http://a.example", "https://"]),
        ({"background": True, "webhook_config": {"uris": ["https://10.0.0.1/x"]}}, 400, ["uris[0]", "10.0.0.1"]),
        ({"background": True, "webhook_config": {"uris": ["https://a.example"] * 2}}, 400, ["uris[1]", "twice"]),
        ({"background": True, "webhook_config": {"uris": [f"https://a{n}.example" for n in range(11)]}}, 400,
         ["webhook_config.uris", "11 entries", "at most 10"]),
        ({"background": True, "webhook_config": {"user_metadata": {"x": "y" * 2048}}}, 400,
         ["webhook_config.user_metadata", "2056 bytes", "at most 2048"]),
        ({"background": True, "webhook_config": {"uri": "https://a.example"}}, 400, ["webhook_config.uri", "uris"]),
        ({"continuation_token": "t"}, 400, ["continuation_token"]),
        ({"cached_content": "c"}, 400, ["cached_content"]),
        ({"safety_settings": [{"type": "a", "threshold": "off"}, {"type": "b", "threshold": "block_only_high"}]}, 400,
         ["'safety_settings[1].threshold'", "block_only_high", '"off"', "nothing would be blocked"]),
        ({"safety_settings": [{"type": "a", "threshold": "BLOCK_LOW_AND_ABOVE"}]}, 400, ["[0].threshold", "LOW"]),
        ({"safety_settings": [{"type": "a", "threshold": "none"}]}, 400, ["[0].threshold", "unknown", '"block_none"']),
        ({"response_modalities": ["image"]}, 400, ["response_modalities", "image"]),
        ({"response_mime_type": "application/json"}, 400, ["response_mime_type"]),
        ({"background": True, "store": False}, 400, ["background", "store"]),
        ({"service_tier": "gold"}, 400, ["service_tier", "gold"]),
        ({"labels": {"Team": "a"}}, 400, ["labels", "Team"]),
        ({"labels": {"team": "x" * 64}}, 400, ["labels", "63"]),
        ({"stream": "yes"}, 400, ["stream", "yes"]),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(server: RunningServer, changes: dict[str, Any], status: int, words: list[str]) -> None:
    """The message says which field, what was got and what was expected; nothing is kept of the request."""
    with server.client() as client:
        answer = client.post("/v1beta/interactions", json=GOOD | changes)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == {400: "invalid_request", 404: "not_found"}[status]
    assert [word for word in words if word not in error["message"]] == [], error["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"model":', b"[" * 100_000, b"NaN"])
def test_a_body_that_is_no_request_is_refused(server: RunningServer, body: bytes) -> None:
    """Malformed JSON and JSON that is no object are a 400 with a reason."""
    with server.client() as client:
        answer = client.post("/v1beta/interactions", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_request"


def test_an_oversize_body_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A body over the limit is a 413 that says the limit, declared or not, and the server goes on."""
    settings_text = '[server]\nmax_body_mib = 1\n[[models]]\nmatch = "scripted"\nbackend = "scripted"\n'
    with RunningServer(tmp_path_factory.mktemp("small"), settings_text) as server, server.client() as client:
        big = b'{"model":"scripted","input":"' + b"x" * (1 << 20) + b'"}'
        for content in (big, iter([big[:1000], big[1000:]])):
            answer = client.post("/v1beta/interactions", content=content)
            assert answer.status_code == 413
            assert "1 MiB" in answer.json()["error"]["message"]
        assert server.create(input="x")["status"] == "completed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["model", "agent", "input", "tools", "generation_config", "response_format", "labels", "stream", "store",
     "previous_interaction_id", "system_instruction", "environment", "background", "service_tier", "type", "text"]
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(JSON | st.dictionaries(FIELDS, JSON, max_size=5).map(lambda body: GOOD | body))
def test_no_json_is_ever_a_fault_of_ours(server: RunningServer, body: Any) -> None:
    """Whatever JSON comes as a body, the answer is never a 5xx."""
    with server.client() as client:
        assert client.post("/v1beta/interactions", json=body).status_code < 500


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_no_bytes_are_ever_a_fault_of_ours(server: RunningServer, body: bytes) -> None:
    """Whatever bytes come as a body, the answer is a 4xx."""
    with server.client() as client:
        assert 400 <= client.post("/v1beta/interactions", content=body).status_code < 500


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/interactions/v1_none"),
        ("GET", "/v1/interactions/v1_none?stream=true"),
        ("DELETE", "/v1/interactions/v1_none"),
        ("POST", "/v1/interactions/v1_none/cancel"),
        ("GET", "/v1/models/none"),
        ("POST", "/v1/models/none:countTokens"),
        ("GET", "/v1/nothing"),
    ],
)
def test_what_is_not_there_is_a_404(server: RunningServer, method: str, path: str) -> None:
    """Every operation on something that is not there says so."""
    with server.client() as client:
        answer = client.request(method, path, json={"contents": []} if "count" in path else None)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"]


def test_a_wrong_method_is_not_a_missing_thing(server: RunningServer) -> None:
    """A method that a path does not have is a 400 that says which it has."""
    with server.client() as client:
        answer = client.put("/v1/interactions", json=GOOD)
    assert answer.status_code == 400
    assert "POST" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("stream=maybe", ["stream", "maybe"]),
        ("last_event_id=v1_other.3&stream=true", ["last_event_id", "v1_other.3"]),
        ("last_event_id=nonsense&stream=true", ["last_event_id", "nonsense"]),
        ("last_event_id={id}.999&stream=true", ["last_event_id", "999"]),
        ("last_event_id={id}.2", ["last_event_id", "stream=true"]),
        ("starting_after=3", ["starting_after"]),
    ],
)
def test_a_wrong_query_is_named(server: RunningServer, query: str, words: list[str]) -> None:
    """Query items are checked like fields; another run's cursor is none."""
    id = server.create(input="x")["id"]
    with server.client() as client:
        answer = client.get(f"/v1/interactions/{id}?{query.format(id=id)}")
    assert answer.status_code == 400
    assert [word for word in words if word not in answer.json()["error"]["message"]] == []


@pytest.mark.parametrize(
    ("query", "header", "words"),
    [
        ("stream=true&last_event_id={id}.2", "{id}.3", ["'last_event_id'", "'Last-Event-ID'", ".2", ".3", "differ"]),
        ("stream=true", "nonsense", ["last_event_id", "nonsense"]),
        ("", "{id}.2", ["last_event_id", "stream=true"]),
    ],
)
def test_a_wrong_cursor_in_the_header_is_named(
    server: RunningServer, query: str, header: str, words: list[str]
) -> None:
    """`Last-Event-ID` is checked like the query's item, and may not say another event."""
    id = server.create(input="x")["id"]
    with server.client() as client:
        answer = client.get(
            f"/v1/interactions/{id}?{query.format(id=id)}", headers={"Last-Event-ID": header.format(id=id)}
        )
    assert answer.status_code == 400
    assert [word for word in words if word not in answer.json()["error"]["message"]] == []


def test_what_is_refused_is_logged_with_its_code(own_server: RunningServer) -> None:
    """The operator reads which failure it was, and how long it took, to the microsecond."""
    with own_server.client() as client:
        client.get("/v1/interactions/v1_none")
    (line,) = own_server.logged("refused")
    assert (line["status"], line["failure"]) == (404, "not_found")
    assert line["seconds"] == round(line["seconds"], 6)


def test_a_countless_input_is_refused_at_once(server: RunningServer) -> None:
    """An input of so many parts that checking them would hold everybody up is a 400 that says the limit."""
    many = '{"model":"scripted","input":[' + ",".join(['{"type":"text","text":""}'] * 60_000) + "]}"
    with server.client() as client:
        answer = client.post("/v1/interactions", content=many)
    assert answer.status_code == 400
    assert "50000" in answer.json()["error"]["message"]


def test_a_message_repeats_only_the_beginning_of_a_value(server: RunningServer) -> None:
    """A refusal is for people: it does not send a large value back."""
    with server.client() as client:
        for field in ("agent", "service_tier", "model", "previous_interaction_id"):
            large = {"model": None if field == "agent" else "scripted"} | {field: "x" * 100_000}
            answer = client.post("/v1/interactions", json=GOOD | large)
            assert answer.status_code in (400, 404)
            assert len(answer.text) < 1000


def test_count_tokens_refuses_what_is_no_text(server: RunningServer) -> None:
    """Bytes that are no UTF-8, another model's name and unknown roles are a 400."""
    with server.client() as client:
        for body in (
            b'{"contents":[{"parts":[{"text":"\xff"}]}]}',
            b'{"contents":[{"parts":[{"text":"x"}]}],"model":"models/other"}',
            b'{"contents":[{"role":"tool","parts":[{"text":"x"}]}]}',
            b'{"contents":[]}',
        ):
            assert client.post("/v1/models/scripted:countTokens", content=body).status_code == 400
        good = b'{"contents":[{"parts":[{"text":"one two"}]}],"model":"models/scripted"}'
        assert client.post("/v1/models/scripted:countTokens", content=good).json()["totalTokens"] == 2


def test_a_websocket_is_not_a_fault_of_ours(server: RunningServer) -> None:
    """A client that asks for another protocol gets an ordinary answer."""
    upgrade = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-key": "x" * 16,
        "sec-websocket-version": "13",
    }
    with server.client() as client:
        assert client.get("/v1/nothing", headers=upgrade).status_code == 404


def test_what_no_model_is_called_is_refused_by_name(tmp_path: Path) -> None:
    """A pattern that matches everything does not make a model of nothing."""
    questions = {"q": {"type": "noul", "instructions": "?"}}
    everything = '[[models]]\nmatch = "*"\nbackend = "scripted"\n'
    with RunningServer(tmp_path, everything) as server, server.client() as client:
        for model in ("", " ", "\t\n", "models/", "models/ ", "x" * 257):
            for path, more in (("interactions", {}), ("decisions", {"questions": questions})):
                answer = client.post(f"/v1beta/{path}", json={"model": model, "input": "x", **more})
                assert answer.status_code == 400, answer.text
                assert f"'model' {json.dumps(model)[:70]}" in answer.json()["error"]["message"]
                assert "1 to 256 characters" in answer.json()["error"]["message"]


def test_a_call_of_a_function_that_is_declared_no_more_is_taken_back(server: RunningServer) -> None:
    """A client may offer fewer functions than it did when the call was made."""
    steps = [CALL | {"name": "gone"}, RESULT, {"type": "user_input", "content": "say: fine"}]
    assert server.create(input=steps, tools=[TOOL])["status"] == "completed"


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("PUT", "/v1/interactions/x", {}, "PUT is not for /interactions/x: expected one of DELETE, GET, HEAD."),
        ("POST", "/v1/interactions?alt=xml", GOOD, "'alt' \"xml\" is not valid: expected \"json\", \"sse\"."),
        ("POST", "/v1/models/scripted:countTokens", {}, "Missing required parameter 'contents'."),
        ("POST", "/v1/models/scripted:countTokens", {"contents": [{"parts": [{"text": 5}]}]},
         "Invalid value for 'contents[0].parts[0].text': expected a string, got 5."),
        ("POST", "/v1/models/scripted:countTokens", {"contents": [], "systemInstruction": {"part": []}},
         "Missing required parameter 'systemInstruction.parts'."),
        ("POST", "/v1/models/scripted:countTokens", {"contents": [], "systemInstruction": {"parts": [], "rol": ""}},
         "Unknown parameter 'systemInstruction.rol'. Did you mean 'role'?"),
    ],
)  # fmt: skip
def test_other_wrong_requests_say_what_was_expected(
    server: RunningServer, method: str, path: str, body: Any, message: str
) -> None:
    """Methods, query items and the older resources are as clear as the body of a create."""
    with server.client() as client:
        answer = client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)
