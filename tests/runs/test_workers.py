"""Several servers and workers over one Postgres: who does the background work, and who goes on with it."""

from tests.place import Place
from tests.server import SCRIPTED

from .background import HELD, begun, cancel, ended, log_of, said_in, seen_until, text_of

NO_WORK = "[server]\nbackground_runs = 0\n" + SCRIPTED


def test_a_worker_does_what_servers_accept(place: Place) -> None:
    """A server that runs nothing in the background itself queues it, and its readers see a worker answer it."""
    server = place.server(NO_WORK)
    id = begun(server, "say: done elsewhere")
    place.worker()
    assert said_in(log_of(server, id)) == "done elsewhere"
    assert text_of(ended(server, id)) == "done elsewhere"


def test_a_worker_serves_its_health_and_nothing_else(place: Place) -> None:
    """Its port is for the operator."""
    worker = place.worker()
    with worker.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").status_code == 200
        assert client.post("/v1beta/interactions", json={"model": "scripted", "input": "x"}).status_code == 404


def test_another_server_goes_on_with_what_a_dead_one_began(place: Place) -> None:
    """Within ten seconds, behind the last word, under the eyes of a reader on the other server."""
    dying, other = place.server(), place.server()
    id = begun(dying, "say: before\nwait: 0.5\nsay: after")
    seen = seen_until(dying, id, "before")
    dying.kill()
    log = log_of(other, id, seen[-1]["event_id"])
    assert said_in([*seen, *log]).split() == ["before", "after"]
    assert ended(other, id)["status"] == "completed"


def test_a_server_that_stops_hands_its_work_to_another(place: Place) -> None:
    """At once: nobody has to find out that it is gone."""
    leaving, other = place.server(), place.server()
    id = begun(leaving, "say: before\nwait: 1\nsay: after")
    seen_until(leaving, id, "before")
    assert leaving.stop() == 0
    assert text_of(ended(other, id)).split() == ["before", "after"]


def test_a_queue_is_shared(place: Place) -> None:
    """What waits for a full server is begun by another one that comes."""
    full = place.server("[server]\nbackground_runs = 1\n" + SCRIPTED)
    held = begun(full, HELD)
    id = begun(full, "say: done")
    place.server()
    assert text_of(ended(full, id)) == "done"
    cancel(full, held)
