"""The triggers of both SDKs, as their users call them."""

from typing import Any

import pytest

from tests.sdk.client import Client, SdkError
from tests.waiting import until

pytestmark = pytest.mark.filterwarnings("ignore:Triggers usage is experimental:UserWarning")

INTERACTION = {"model": "scripted", "input": "say: good morning"}


def created(client: Client, **params: Any) -> dict[str, Any]:
    """A trigger for every morning."""
    plain = {"schedule": "0 9 * * *", "time_zone": "Europe/Warsaw", "interaction": INTERACTION}
    return client.trigger("create", **plain | params)


def test_a_trigger_from_creation_to_deletion(client: Client) -> None:
    """Create, get, list, pause, resume, rename and delete say what the SDK's own types hold."""
    made = created(client, display_name="morning", max_consecutive_failures=2, execution_timeout_seconds=30)
    id = made["id"]
    assert made["interaction"]["model"] == "scripted"
    assert (made["status"], made["max_consecutive_failures"], made["execution_timeout_seconds"]) == ("active", 2, 30)
    assert client.trigger("get", id) == made
    paused = client.trigger("update", id, status="paused", display_name="later")
    assert (paused["status"], paused["display_name"], paused.get("next_run_time")) == ("paused", "later", None)
    listed = client.trigger("list", filter='status = "paused"', page_size=100)["triggers"]
    assert [each["display_name"] for each in listed if each["id"] == id] == ["later"]
    assert client.trigger("update", id, status="active")["next_run_time"] == made["next_run_time"]
    client.trigger("delete", id)
    with pytest.raises(SdkError) as refusal:
        client.trigger("get", id)
    assert (refusal.value.name, refusal.value.status) == ("NotFoundError", 404)


def test_a_trigger_is_run_now(client: Client) -> None:
    """The execution leads to its interaction, and is in the history with its end."""
    id = created(client)["id"]
    execution = client.trigger("run", id)
    assert (execution["trigger_id"], execution["status"]) == (id, "in_progress")
    until(lambda: client.trigger("list_executions", id)["trigger_executions"][0]["status"] != "in_progress")
    [ended] = client.trigger("list_executions", id)["trigger_executions"]
    assert (ended["status"], ended["interaction_id"]) == ("completed", execution["interaction_id"])
    assert client.get(ended["interaction_id"])["output_text"] == "good morning"
    client.trigger("delete", id)


def test_pages_follow_their_tokens(client: Client) -> None:
    """The token of one page gives the next, and the last page has none."""
    for _ in range(3):
        created(client, display_name="SDK pages")
    query = {"filter": 'display_name = "SDK pages"', "page_size": 2}
    first = client.trigger("list", **query)
    rest = client.trigger("list", **query, page_token=first["next_page_token"])
    assert (len(first["triggers"]), len(rest["triggers"]), rest.get("next_page_token")) == (2, 1, None)
    for each in (*first["triggers"], *rest["triggers"]):
        client.trigger("delete", each["id"])


def test_a_trigger_that_can_never_run_is_refused(client: Client) -> None:
    """A bad schedule, zone or model is a bad request at once, which the SDK does not try again."""
    for wrong in (
        {"schedule": "0 25 * * *"},
        {"time_zone": "Mars/Olympus"},
        {"interaction": {"model": "nobody", "input": "x"}},
    ):
        with pytest.raises(SdkError, match="|".join((*wrong, "nobody"))) as refusal:
            created(client, **wrong)
        assert (refusal.value.name, refusal.value.status) == ("BadRequestError", 400)


def test_an_agent_is_refused_by_its_name(client: Client) -> None:
    """As in `interactions.create`: agents are not served yet."""
    with pytest.raises(SdkError, match="agents are not served yet"):
        created(client, interaction={"agent": "antigravity-preview-09-2026", "input": "x"})
