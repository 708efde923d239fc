"""The triggers resource over HTTP: what is taken, shown, changed and refused."""

from typing import Any

import pytest

from tests.server import RunningServer
from tests.waiting import until

Json = dict[str, Any]
INTERACTION = {"model": "scripted", "input": "say: hello"}
GOOD: Json = {"schedule": "0 9 * * *", "time_zone": "Europe/Warsaw", "interaction": INTERACTION}


def call(server: RunningServer, method: str, path: str = "", status: int = 200, **request: Any) -> Json:
    """What a call of the resource answers."""
    with server.client() as client:
        answer = client.request(method, f"/v1/triggers{path}", **request)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    answered: Json = answer.json()
    return answered


def created(server: RunningServer, **body: Any) -> Json:
    """A new trigger."""
    return call(server, "POST", json=GOOD | body)


def refusal(server: RunningServer, method: str, path: str = "", **request: Any) -> str:
    """The message of a call that is refused as wrong in itself."""
    error: Json = call(server, method, path, 400, **request)["error"]
    assert error["code"] == "invalid_request"
    return str(error["message"])


def executions(server: RunningServer, id: str) -> list[Json]:
    """All executions of a trigger."""
    found: list[Json] = call(server, "GET", f"/{id}/executions")["trigger_executions"]
    return found


def ended(server: RunningServer, id: str) -> Json:
    """The last execution of a trigger, once it has ended."""
    until(lambda: executions(server, id)[0]["status"] != "in_progress")
    return executions(server, id)[0]


def test_a_trigger_is_shown_as_it_was_made(server: RunningServer) -> None:
    """With the defaults of what was not said, and the time that it is due."""
    made = created(server, display_name="Daily")
    assert made["interaction"] == INTERACTION
    assert (made["status"], made["display_name"], made["consecutive_failure_count"]) == ("active", "Daily", 0)
    assert (made["execution_timeout_seconds"], made["max_consecutive_failures"]) == (600, 5)
    assert made["next_run_time"][10:] in ("T07:00:00Z", "T08:00:00Z")
    assert call(server, "GET", f"/{made['id']}") == made


def test_a_schedule_is_shown_without_more_space_than_it_needs(server: RunningServer) -> None:
    """One between its fields."""
    assert created(server, schedule=" 0\t 9 * * mon ")["schedule"] == "0 9 * * mon"


def test_an_interaction_is_kept_to_the_last_field(server: RunningServer) -> None:
    """What every execution starts is what was sent, in any of the shapes of `input`."""
    interaction = {
        "model": "scripted",
        "input": [{"type": "user_input", "content": [{"type": "text", "text": "say: x"}]}],
        "labels": {"a": "b"},
        "generation_config": {"temperature": 0.5},
        "response_format": {"type": "text"},
        "system_instruction": "be brief",
    }
    assert created(server, interaction=interaction)["interaction"] == interaction


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"schedule": None}, "'schedule'"),
        ({"schedule": 5}, "'schedule'"),
        ({"schedule": ""}, "it has 0 fields"),
        ({"schedule": "0 9 * *"}, "it has 4 fields"),
        ({"schedule": "0 0 9 * * *"}, "it has 6 fields"),
        ({"schedule": "@daily"}, "it has 1 fields"),
        ({"schedule": "60 * * * *"}, 'its minute is "60"'),
        ({"schedule": "0 24 * * *"}, 'its hour is "24"'),
        ({"schedule": "0 0 0 * *"}, 'its day of month is "0"'),
        ({"schedule": "0 0 * 13 *"}, 'its month is "13"'),
        ({"schedule": "0 0 * * 8"}, 'its day of week is "8"'),
        ({"schedule": "0 0 L * *"}, 'its day of month is "L"'),
        ({"schedule": "0 0 * * 5#2"}, 'its day of week is "5#2"'),
        ({"schedule": "H * * * *"}, 'its minute is "H"'),
        ({"schedule": "*/0 * * * *"}, 'its minute is "*/0"'),
        ({"schedule": "0 0 30 2 *"}, "never due"),
        ({"schedule": "0 0 31 2,4,6,9,11 *"}, "never due"),
        ({"schedule": "*/99 * * * *"}, 'its minute is "*/99"'),
        ({"schedule": "* * */40 2 *"}, 'its day of month is "*/40"'),
        ({"schedule": "*\u2003* * * *"}, "it has 4 fields"),
        ({"schedule": "* * * * *\n"}, "its day of week"),
        ({"schedule": "\u0661 * * * *"}, "its minute"),
        ({"schedule": f"{','.join(['1'] * 125)} * * * *"}, "at most 256"),
        ({"time_zone": "Factory"}, "'time_zone' \"Factory\""),
        ({"time_zone": None}, "'time_zone'"),
        ({"time_zone": "Europe/Krakow"}, "'time_zone' \"Europe/Krakow\""),
        ({"time_zone": "Europe"}, "'time_zone'"),
        ({"time_zone": "../../etc/passwd"}, "'time_zone'"),
        ({"time_zone": "localtime"}, "'time_zone'"),
        ({"time_zone": ""}, "'time_zone'"),
        ({"interaction": None}, "'interaction'"),
        ({"interaction": {"input": "x"}}, "In 'interaction': Missing required parameter"),
        ({"interaction": INTERACTION | {"agent": "a"}}, "In 'interaction': Give either"),
        ({"interaction": {"agent": "antigravity-preview-09-2026", "input": "x"}}, "'agent'"),
        ({"interaction": {"model": "nobody", "input": "x"}}, "nobody"),
        ({"interaction": INTERACTION | {"previous_interaction_id": "v1_x"}}, "v1_x"),
        ({"interaction": {"model": "scripted"}}, "In 'interaction': 'input' is empty"),
        ({"interaction": INTERACTION | {"input": "x" * 1024 * 1024}}, "expected at most 1048576"),
        ({"interaction": INTERACTION | {"imput": 1}}, "Unknown parameter 'interaction.imput'"),
        ({"interaction": INTERACTION | {"input": [{"type": "text"}]}}, "In 'interaction': Missing required"),
        ({"interaction": INTERACTION | {"stream": True}}, "'interaction.stream' true"),
        ({"interaction": INTERACTION | {"store": False}}, "'interaction.store' false"),
        ({"interaction": INTERACTION | {"background": False}}, "'interaction.background' false"),
        ({"interaction": INTERACTION | {"continuation_token": "x"}}, "'interaction.continuation_token'"),
        ({"interaction": INTERACTION | {"environment": "remote"}}, "'environment' cannot be honoured"),
        ({"environment_id": ""}, "'environment_id' \"\""),
        ({"environment_id": "e"}, "'environment_id' \"e\""),
        ({"execution_timeout_seconds": 0}, "'execution_timeout_seconds'"),
        ({"execution_timeout_seconds": "9"}, "'execution_timeout_seconds'"),
        ({"max_consecutive_failures": -1}, "'max_consecutive_failures'"),
        ({"display_name": "x" * 257}, "'display_name'"),
        ({"display_name": "a\0b"}, "'display_name'"),
        ({"timezone": "UTC"}, "Unknown parameter 'timezone'. Did you mean 'time_zone'?"),
    ],
)
def test_what_can_never_run_is_refused_at_once(server: RunningServer, body: Json, message: str) -> None:
    """Every wrong field is named, and nothing is kept."""
    before = call(server, "GET")["triggers"]
    assert message in refusal(server, "POST", json=GOOD | body)
    assert call(server, "GET")["triggers"] == before


def test_a_trigger_that_is_run_now_starts_an_interaction(server: RunningServer) -> None:
    """The execution has its id, ends as it ends, and is in the history; the trigger shows it as its last."""
    id = created(server)["id"]
    asked = call(server, "POST", f"/{id}/executions")
    assert asked["trigger_id"] == id
    assert asked["status"] == "in_progress"
    execution = ended(server, id)
    assert (execution["status"], execution["interaction_id"]) == ("completed", asked["interaction_id"])
    assert {"start_time", "end_time"} <= execution.keys()
    assert not {"error", "scheduled_time"} & execution.keys()
    with server.client() as client:
        interaction = client.get(f"/v1/interactions/{asked['interaction_id']}").json()
    assert interaction["steps"][0]["content"][0]["text"] == "hello"
    shown = call(server, "GET", f"/{id}")
    assert (shown["previous_interaction_id"], shown["last_run_time"]) == (interaction["id"], execution["start_time"])


@pytest.mark.parametrize(("body", "message"), [({"x": 1}, "'x'"), ([], "an object"), ("junk", "an object")])
def test_an_execution_takes_no_parameters(server: RunningServer, body: Any, message: str) -> None:
    """What says anything is refused, and runs nothing; an empty object says nothing."""
    id = created(server)["id"]
    assert message in refusal(server, "POST", f"/{id}/executions", json=body)
    assert call(server, "POST", f"/{id}/executions", json={})["status"] == "in_progress"
    ended(server, id)
    assert len(executions(server, id)) == 1


def test_a_pause_and_a_resumption(server: RunningServer) -> None:
    """A paused trigger is not due, and can be run by hand; a resumed one is due again."""
    made = created(server)
    paused = call(server, "PATCH", f"/{made['id']}", json={"status": "paused"})
    assert paused["status"] == "paused"
    assert "last_pause_time" in paused
    assert "next_run_time" not in paused
    call(server, "POST", f"/{made['id']}/executions")
    assert ended(server, made["id"])["status"] == "completed"
    resumed = call(server, "PATCH", f"/{made['id']}", json={"status": "active", "display_name": "Again"})
    assert (resumed["status"], resumed["display_name"]) == ("active", "Again")
    assert resumed["next_run_time"] == made["next_run_time"]
    assert "last_resume_time" in resumed


def test_an_empty_name_is_none(server: RunningServer) -> None:
    """A change of nothing else leaves the rest."""
    made = created(server, display_name="x")
    unnamed = call(server, "PATCH", f"/{made['id']}", json={"display_name": ""})
    assert "display_name" not in unnamed
    assert unnamed["next_run_time"] == made["next_run_time"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"status": "disabled"}, '\'status\' "disabled" is not valid: expected one of "active", "paused", "error".'),
        ({}, "nothing to change"),
        ({"status": None, "display_name": None}, "nothing to change"),
        ({"status": 1}, "'status'"),
        ({"display_name": "\n"}, "'display_name'"),
        ({"schedule": "* * * * *"}, "Unknown parameter 'schedule'. Known parameters: display_name, status."),
        ([], "The body must be an object"),
    ],
)
def test_a_wrong_change_is_refused(server: RunningServer, body: Any, message: str) -> None:
    """By the field's name; the trigger stays as it was."""
    made = created(server)
    assert message in refusal(server, "PATCH", f"/{made['id']}", json=body)
    assert call(server, "GET", f"/{made['id']}") == made


def test_failures_in_a_row_stop_a_trigger_until_it_is_resumed(server: RunningServer) -> None:
    """The last one too many makes its status `error`; every execution says why it failed."""
    interaction = {"model": "scripted", "input": "fail: bad_gateway it broke"}
    id = created(server, interaction=interaction, max_consecutive_failures=2)["id"]
    for count in (1, 2):
        call(server, "POST", f"/{id}/executions")
        assert ended(server, id)["error"] == "it broke"
        assert call(server, "GET", f"/{id}")["consecutive_failure_count"] == count
    stopped = call(server, "GET", f"/{id}")
    assert stopped["status"] == "error"
    assert "next_run_time" not in stopped
    resumed = call(server, "PATCH", f"/{id}", json={"status": "active"})
    assert (resumed["status"], resumed["consecutive_failure_count"]) == ("active", 0)
    assert "next_run_time" in resumed


def test_two_executions_do_not_overlap(server: RunningServer) -> None:
    """The second is skipped, and says so; cancelling the first lets the next one run."""
    id = created(server, interaction={"model": "scripted", "input": "wait: 600"})["id"]
    first = call(server, "POST", f"/{id}/executions")
    second = call(server, "POST", f"/{id}/executions")
    assert (second["status"], second["error"]) == ("skipped", "An earlier execution was still in progress.")
    assert "interaction_id" not in second
    with server.client() as client:
        client.post(f"/v1/interactions/{first['interaction_id']}/cancel")
    until(lambda: executions(server, id)[1]["status"] == "failed")
    assert executions(server, id)[1]["error"] == "The interaction was cancelled."
    assert call(server, "POST", f"/{id}/executions")["status"] == "in_progress"
    call(server, "DELETE", f"/{id}")


def test_an_execution_ends_when_its_time_is_up(server: RunningServer) -> None:
    """It is `timed_out`, its interaction cancelled, and it counts as a failure."""
    interaction = {"model": "scripted", "input": "wait: 600"}
    id = created(server, interaction=interaction, execution_timeout_seconds=1)["id"]
    call(server, "POST", f"/{id}/executions")
    execution = ended(server, id)
    assert (execution["status"], execution["error"]) == ("timed_out", "The execution was stopped after 1 seconds.")
    assert call(server, "GET", f"/{id}")["consecutive_failure_count"] == 1
    with server.client() as client:
        assert client.get(f"/v1/interactions/{execution['interaction_id']}").json()["status"] == "cancelled"


def test_an_interaction_that_is_deleted_fails_its_execution(server: RunningServer) -> None:
    """Nobody will ever know how it would have ended."""
    id = created(server, interaction={"model": "scripted", "input": "wait: 600"})["id"]
    asked = call(server, "POST", f"/{id}/executions")
    with server.client() as client:
        client.delete(f"/v1/interactions/{asked['interaction_id']}")
    assert ended(server, id)["status"] == "failed"


def test_history_outlives_its_trigger(server: RunningServer) -> None:
    """A deleted trigger is not found, but its executions are; one that never ran has left nothing."""
    ran, idle = created(server)["id"], created(server)["id"]
    call(server, "POST", f"/{ran}/executions")
    ended(server, ran)
    for id in (ran, idle):
        assert call(server, "DELETE", f"/{id}") == {}
        for method in ("GET", "DELETE"):
            call(server, method, f"/{id}", 404)
        call(server, "PATCH", f"/{id}", 404, json={"status": "paused"})
        call(server, "POST", f"/{id}/executions", 404)
    assert [each["status"] for each in executions(server, ran)] == ["completed"]
    call(server, "GET", f"/{idle}/executions", 404)


def test_lists_come_in_pages(server: RunningServer) -> None:
    """The newest first; the token leads to the next one until there is none. Executions do the same."""
    ids = [created(server, display_name="paged")["id"] for _ in range(5)]
    found: list[str] = []
    sizes = []
    token: str | None = ""
    while token is not None:
        query = {"filter": 'display_name = "paged"', "page_size": "2", "page_token": token}
        page = call(server, "GET", params=query)
        found += [each["id"] for each in page["triggers"]]
        sizes.append(len(page["triggers"]))
        token = page.get("next_page_token")
    assert (found, sizes) == (ids[::-1], [2, 2, 1])
    for _ in range(2):
        call(server, "POST", f"/{ids[0]}/executions")
        ended(server, ids[0])
    first = call(server, "GET", f"/{ids[0]}/executions", params={"page_size": "1"})
    rest = call(server, "GET", f"/{ids[0]}/executions", params={"page_token": first["next_page_token"]})
    assert first["trigger_executions"] + rest["trigger_executions"] == executions(server, ids[0])
    assert "next_page_token" not in rest


def test_a_page_of_large_triggers_is_short(own_server: RunningServer) -> None:
    """It ends before it has too many bytes, and its token leads to the rest."""
    interaction = INTERACTION | {"input": "x" * 1_000_000}
    ids = [created(own_server, interaction=interaction)["id"] for _ in range(18)]
    first = call(own_server, "GET")
    rest = call(own_server, "GET", params={"page_token": first["next_page_token"]})
    assert [each["id"] for each in first["triggers"]] == ids[:1:-1]
    assert [each["id"] for each in rest["triggers"]] == ids[1::-1]


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ('display_name = "filtered" AND status = active', ["a"]),
        ('status!="active"   AND  display_name="filtered"', ["b"]),
        ('display_name = "filtered" AND time_zone != UTC', ["b"]),
    ],
)
def test_a_filter_compares_fields(own_server: RunningServer, filter: str, found: list[str]) -> None:
    """Equal or not, all of them."""
    ids = {
        "a": created(own_server, display_name="filtered", time_zone="UTC")["id"],
        "b": created(own_server, display_name="filtered")["id"],
        "c": created(own_server, display_name="other")["id"],
    }
    call(own_server, "PATCH", f"/{ids['b']}", json={"status": "paused"})
    triggers = call(own_server, "GET", params={"filter": filter})["triggers"]
    assert [each["id"] for each in triggers] == [ids[name] for name in found]


@pytest.mark.parametrize(
    "params",
    [
        {"filter": "active"},
        {"filter": "status ="},
        {"filter": "status > active"},
        {"filter": "status = active AND"},
        {"filter": "status = active OR status = paused"},
        {"filter": 'display_name = "x'},
        {"filter": "id = x"},
        {"filter": "status = asleep"},
        {"filter": " AND ".join(["status = active"] * 21)},
        {"page_token": "x"},
        {"page_token": "bm8="},
        {"page_token": "WzEsMl0="},
        {"page_size": "-1"},
        {"page_size": "1001"},
        {"pageSize": "1"},
    ],
)
def test_a_wrong_query_is_refused(server: RunningServer, params: dict[str, str]) -> None:
    """By the item's name."""
    assert f"'{next(iter(params))}'" in refusal(server, "GET", params=params)


def test_another_projects_trigger_is_not_found(server: RunningServer) -> None:
    """Neither shown, listed, changed, run nor deleted, and its history neither."""
    id = created(server)["id"]
    call(server, "POST", f"/{id}/executions")
    ended(server, id)
    key = server.command("keys", "create", "--project", "elsewhere").split()[-1]
    with server.client(key) as stranger:
        assert stranger.get("/v1/triggers").json() == {"triggers": []}
        for method, path in [("GET", ""), ("DELETE", ""), ("POST", "/executions"), ("GET", "/executions")]:
            assert stranger.request(method, f"/v1/triggers/{id}{path}").status_code == 404
        assert stranger.patch(f"/v1/triggers/{id}", json={"status": "paused"}).status_code == 404
    assert call(server, "GET", f"/{id}")["status"] == "active"
