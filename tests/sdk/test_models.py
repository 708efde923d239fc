import pytest

from tests.sdk.client import Client, SdkError
from tests.server import RunningServer


def test_the_models_are_listed(client: Client) -> None:
    """`models.list` gives every name that can be asked, as `models/NAME`."""
    assert client.models() == ["models/scripted"]


@pytest.mark.parametrize("name", ["scripted", "models/scripted"])
def test_a_model_is_described(client: Client, name: str) -> None:
    """`models.get` takes the name with or without `models/`."""
    assert client.model(name) == "models/scripted"


def test_an_unknown_model_is_not_found(client: Client) -> None:
    """The error says what there is."""
    with pytest.raises(SdkError, match="Expected one of: scripted") as refusal:
        client.model("gpt-9")
    assert refusal.value.status == 404


def test_tokens_are_counted(client: Client) -> None:
    """`models.count_tokens` gives what a run with this input would be counted as."""
    counted = client.count_tokens("scripted", "four words are here")
    usage = client.create(model="scripted", input="four words are here")["usage"]
    assert counted == usage["total_input_tokens"] == 4


def test_the_list_has_pages(server: RunningServer) -> None:
    """A page size and a page token walk the list."""
    with server.client() as http:
        page = http.get("/v1beta/models", params={"pageSize": "1"}).json()
        rest = http.get("/v1beta/models", params={"pageSize": "1", "pageToken": "1"}).json()
    assert [model["name"] for model in page["models"]] == ["models/scripted"]
    assert rest == {"models": []}
