"""What wakes delivery: the end of a background interaction itself."""

from pathlib import Path

import pytest

from interplay.parts import webhooks
from tests.receiver import Receiver
from tests.runs.served import served


async def test_a_message_is_sent_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the loop that sends looks by itself once an hour only."""
    monkeypatch.setattr(webhooks, "SECONDS", 3600.0)
    with Receiver() as receiver:
        async with served(tmp_path, tables="[webhooks]\nallow_private = true\n") as server:
            config = {"uris": [f"{receiver.url}/ok"]}
            await server.create("scripted", input="say: hello", background=True, webhook_config=config)
            [message] = await receiver.came("/ok")
    assert message.json()["type"] == "interaction.completed"
