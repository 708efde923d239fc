"""The official JavaScript SDK behind the probes' calls: a node process that does what it is told."""

# ruff: noqa: D102 - the methods are those of `client.Client`, and described there

import json
from pathlib import Path
from typing import Any

from tests.sdk.client import Json
from tests.sdk.process import ProcessEvents, SdkProcess

FOLDER = Path(__file__).with_name("javascript")


class JavaScriptClient:
    """`new GoogleGenAI({})` in a process of its own."""

    package = "@google/genai"

    def __init__(self, **options: str) -> None:
        assert (FOLDER / "node_modules" / self.package).exists(), "the SDK is missing: ./scripts/test installs it"
        names = {"version": "apiVersion", "address": "baseUrl"}
        chosen = {"httpOptions": {names[name]: value for name, value in options.items()}} if options else {}
        self._process = SdkProcess(["node", "driver.mjs", self.package, json.dumps(chosen)], FOLDER)
        self._call = self._process.call

    def create(self, **body: Any) -> Json:
        """The last argument of the SDK's method, its options, is ours as `options`."""
        options = body.pop("options", None)
        created: Json = self._call("create", body, options)
        return created

    def stream(self, **body: Any) -> ProcessEvents:
        return ProcessEvents(self._process, self._call("stream", body | {"stream": True}))

    def get(self, id: str, **options: Any) -> Json:
        found: Json = self._call("get", id, options)
        return found

    def follow(self, id: str, **options: Any) -> ProcessEvents:
        return ProcessEvents(self._process, self._call("follow", id, options | {"stream": True}))

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

    def decide(self, **body: Any) -> Json:
        """`decisions.create`, which the oldest version does not have."""
        decided: Json = self._call("decide", body)
        return decided

    def close(self) -> None:
        self._process.close()


class OldestJavaScriptClient(JavaScriptClient):
    """The oldest version that is supported."""

    package = "genai-oldest"
