"""The proxy of the compose file, the real Caddy, before servers that are restarted one after the other."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from interplay.settings import load
from tests.load import Load
from tests.place import Place
from tests.server import SCRIPTED, RunningServer, plain
from tests.waiting import until

from .programs import DEPLOY, carried, program

pytestmark = carried


LEAVING = f"[server]\nleave_seconds = {load(DEPLOY / 'interplay.toml').server.leave_seconds}\n" + SCRIPTED


class Proxy:
    """Caddy with our Caddyfile on a free port, before these servers."""

    def __init__(self, servers: list[RunningServer]) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.key = servers[0].key
        self.servers = " ".join(server.url.removeprefix("http://") for server in servers)


def test_nobody_before_the_proxy_sees_a_rolling_restart(place: Place, tmp_path: Path) -> None:
    """No request is refused and no stream is broken off, whichever server is being restarted."""
    servers = [place.server(LEAVING, "--port", str(free_port())) for _ in range(2)]
    with running(Proxy(servers), tmp_path) as proxy, Load([proxy]) as clients:
        for server in servers:
            clients.goes_on(5)
            assert server.stop() == 0
            server.start()
    assert not clients.faults
    assert not clients.refusals


def test_deltas_come_through_at_once(place: Place, tmp_path: Path) -> None:
    """A stream is not held back, and the metrics are nobody's business."""
    with running(Proxy([place.server()]), tmp_path) as proxy, plain(proxy.url) as client:
        began = time.monotonic()
        body = {"model": "scripted", "input": "say: at once\nwait: 20", "stream": True}
        with client.stream("POST", "/v1/interactions", json=body, headers={"x-goog-api-key": proxy.key}) as answer:
            assert any("at" in line for line in answer.iter_lines() if "step.delta" in line)
            assert time.monotonic() - began < 15
        assert client.get("/metrics").status_code == 404


@contextmanager
def running(proxy: Proxy, folder: Path) -> Iterator[Proxy]:
    """The proxy, once it lets requests through."""
    process = subprocess.Popen(
        [program("caddy"), "run", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile"],
        stderr=(folder / "proxy.log").open("w"),
        env=os.environ
        | {"INTERPLAY_ADDRESS": proxy.url, "INTERPLAY_SERVERS": proxy.servers}
        | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
    )
    try:
        until(lambda: answers(proxy))
        yield proxy
    finally:
        process.terminate()
        process.wait(60)


def answers(proxy: Proxy) -> bool:
    """Whether it lets a request through."""
    try:
        with plain(proxy.url) as client:
            return client.get("/readyz").status_code == 200
    except httpx2.TransportError:
        return False


def free_port() -> int:
    """A port of this machine that nothing uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
