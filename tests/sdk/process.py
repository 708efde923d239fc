"""An SDK in a process of its own, which does what it is told: one line of JSON in, one line of JSON out."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.sdk.client import Json, SdkError


class SdkProcess:
    """The process, which has the environment of this one and `variables` besides."""

    def __init__(self, command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(variables or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, call: str, *args: Any) -> Any:
        """What a call of the driver's gives; what it raises as SdkError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"call": call, "args": args}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise SdkError(**answer["error"])
        return answer.get("value")

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()


class ProcessEvents:
    """A stream that the process reads."""

    def __init__(self, process: SdkProcess, name: str) -> None:
        self._process = process
        self._name = name

    def __iter__(self) -> Iterator[Json]:
        while "done" not in (read := self._process.call("next", self._name)):
            yield read["value"]

    def leave(self) -> None:
        """Stop reading, as `break` in a loop over it does."""
        self._process.call("leave", self._name)

    def abort(self) -> None:
        """End it by the signal that was handed to the SDK."""
        self._process.call("abort", self._name)
