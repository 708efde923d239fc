"""The official JavaScript SDK behind the probes' calls: a node process that does what it is told."""

# ruff: noqa: D102 - the methods are those of `client.Client`, and described there

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.sdk.client import Json, SdkError

FOLDER = Path(__file__).with_name("javascript")


class JavaScriptClient:
    """`new GoogleGenAI({})` in a process of its own."""

    def __init__(self, **options: str) -> None:
        assert (FOLDER / "node_modules").exists(), f"the JavaScript SDK is not installed: npm ci --prefix {FOLDER}"
        names = {"version": "apiVersion", "address": "baseUrl"}
        chosen = {"httpOptions": {names[name]: value for name, value in options.items()}} if options else {}
        self._process = subprocess.Popen(
            ["node", "driver.mjs", json.dumps(chosen)],  # noqa: S607 - the user's own node
            cwd=FOLDER,
            env=dict(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def create(self, **body: Any) -> Json:
        """The last argument of the SDK's method, its options, is ours as `options`."""
        options = body.pop("options", None)
        created: Json = self._call("create", body, options)
        return created

    def stream(self, **body: Any) -> "JavaScriptEvents":
        return JavaScriptEvents(self, self._call("stream", body | {"stream": True}))

    def get(self, id: str, **options: Any) -> Json:
        found: Json = self._call("get", id, options)
        return found

    def follow(self, id: str, **options: Any) -> "JavaScriptEvents":
        return JavaScriptEvents(self, self._call("follow", id, options | {"stream": True}))

    def cancel(self, id: str) -> Json:
        cancelled: Json = self._call("cancel", id)
        return cancelled

    def delete(self, id: str) -> None:
        self._call("delete", id)

    def trigger(self, method: str, *args: str, **params: Any) -> Json:
        first, *rest = method.split("_")
        name = first + "".join(word.capitalize() for word in rest)
        answered: Json = self._call("trigger", name, *args, params)
        return answered

    def models(self) -> list[str]:
        return [model["name"] for model in self._call("models")]

    def model(self, name: str) -> str:
        return str(self._call("model", name)["name"])

    def count_tokens(self, model: str, contents: str) -> int:
        return int(self._call("countTokens", model, contents)["totalTokens"])

    def webhook(self, act: str, *id: str, **options: Any) -> Json:
        call = {"rotate": "rotateSigningSecret"}.get(act, act)
        answer: Json = self._call("webhook", call, [*id, options])
        return answer

    def close(self) -> None:
        self._process.communicate()

    def next(self, stream: str) -> Json:
        """The next event of a stream, or `done`."""
        read: Json = self._call("next", stream)
        return read

    def end(self, stream: str, how: str) -> None:
        """Leave a stream: `abort` it by its signal, or `leave` it as `break` in `for await` does."""
        self._call(how, stream)

    def _call(self, call: str, *args: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"call": call, "args": args}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise SdkError(**answer["error"])
        return answer.get("value")


class JavaScriptEvents:
    """A stream that the node process reads."""

    def __init__(self, client: JavaScriptClient, name: str) -> None:
        self._client = client
        self._name = name

    def __iter__(self) -> Iterator[Json]:
        while "done" not in (read := self._client.next(self._name)):
            yield read["value"]

    def leave(self) -> None:
        self._client.end(self._name, "leave")

    def abort(self) -> None:
        """End it by the signal that was handed to the SDK."""
        self._client.end(self._name, "abort")
