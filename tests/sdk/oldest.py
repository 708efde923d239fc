"""The oldest Python SDK that is supported, behind the probes' calls: a Python process that does what it is told.

`python -m tests.sdk.oldest CLIENT` is that process. It has the same adapters as the tests, over the SDK that stands
first in its path.
"""

# ruff: noqa: D102 - the methods are those of `client.Client`, and described there

import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tests.sdk.client import Client, Events, Json, SdkError
from tests.sdk.process import ProcessEvents, SdkProcess

PROJECT = Path(__file__).parents[2]
INSTALLED = Path(sys.prefix) / "oldest-sdk"


class OldestPythonClient:
    """`genai.Client()` in a process of its own."""

    kind = "SyncClient"

    def __init__(self) -> None:
        assert INSTALLED.exists(), "the oldest SDK is missing: ./scripts/test installs it"
        command = [sys.executable, "-m", "tests.sdk.oldest", self.kind]
        self._process = SdkProcess(command, PROJECT, {"PYTHONPATH": str(INSTALLED)})

    def create(self, **body: Any) -> Json:
        created: Json = self._call("create", **body)
        return created

    def stream(self, **body: Any) -> ProcessEvents:
        return ProcessEvents(self._process, self._call("stream", **body))

    def get(self, id: str, **options: Any) -> Json:
        found: Json = self._call("get", id, **options)
        return found

    def follow(self, id: str, **options: Any) -> ProcessEvents:
        return ProcessEvents(self._process, self._call("follow", id, **options))

    def cancel(self, id: str) -> Json:
        cancelled: Json = self._call("cancel", id)
        return cancelled

    def delete(self, id: str) -> None:
        self._call("delete", id)

    def trigger(self, method: str, *args: str, **params: Any) -> Json:
        answered: Json = self._call("trigger", method, *args, **params)
        return answered

    def models(self) -> list[str]:
        listed: list[str] = self._call("models")
        return listed

    def model(self, name: str) -> str:
        return str(self._call("model", name))

    def count_tokens(self, model: str, contents: str) -> int:
        return int(self._call("count_tokens", model, contents))

    def webhook(self, act: str, *id: str, **options: Any) -> Json:
        answer: Json = self._call("webhook", act, *id, **options)
        return answer

    def close(self) -> None:
        self._process.close()

    def version(self) -> str:
        """Of the SDK."""
        return str(self._call("version"))

    def _call(self, call: str, *args: Any, **options: Any) -> Any:
        return self._process.call(call, args, options)


class OldestAsyncClient(OldestPythonClient):
    """Its async client."""

    kind = "AsyncClient"


class Driver:
    """Does with a client what the lines ask for."""

    def __init__(self, client: Client, version: str) -> None:
        self._client = client
        self._version = version
        self._streams: dict[str, tuple[Events, Iterator[Json]]] = {}

    def answer(self, line: str) -> Json:
        """What is answered to one line."""
        asked = json.loads(line)
        try:
            return {"value": self._called(asked["call"], asked["args"])}
        except SdkError as error:
            return {"error": {"name": error.name, "status": error.status, "message": error.message}}

    def _called(self, call: str, args: list[Any]) -> Any:
        match call:
            case "next":
                event = next(self._streams[args[0]][1], None)
                return {"done": True} if event is None else {"value": event}
            case "leave":
                return self._streams[args[0]][0].leave()
            case "version":
                return self._version
            case _:
                return self._plain(getattr(self._client, call)(*args[0], **args[1]), call)

    def _plain(self, given: Any, call: str) -> Any:
        if call not in {"stream", "follow"}:
            return given
        name = str(len(self._streams))
        self._streams[name] = given, iter(given)
        return name


def main(kind: str) -> None:
    """Answer until the input ends."""
    from google.genai import version  # noqa: PLC0415 - the oldest one, which only this process has

    from tests.sdk import python  # noqa: PLC0415 - the same

    make: Final[Callable[[], Client]] = getattr(python, kind)
    client = make()
    driver = Driver(client, version.__version__)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(driver.answer(line), default=_written) + "\n")
        sys.stdout.flush()
    client.close()


def _written(moment: datetime) -> str:
    return moment.isoformat()


if __name__ == "__main__":
    main(sys.argv[1])
