"""Every spelling of a path that clients use leads to its resource."""

import pytest

from interplay.api.paths import canonical

INTERACTION = "/interactions/v1_a"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/interactions", "/interactions"),
        ("/v1beta/interactions", "/interactions"),
        ("/v1alpha/interactions", "/interactions"),
        ("/v1beta1/interactions", "/interactions"),
        ("/my-version/interactions", "/interactions"),
        ("/interactions", "/interactions"),
        ("/interactions/", "/interactions"),
        ("//v1beta//interactions//v1_a", INTERACTION),
        ("/v1beta/v1/interactions/v1_a", INTERACTION),
        ("/prefix/v1/interactions/v1_a/cancel", INTERACTION + "/cancel"),
        ("/models/v1/interactions/v1_a", INTERACTION),
        ("/agents/v1/interactions/v1_a", INTERACTION),
        ("/upload/v1/environments/e/files/models/a", "/environments/e/files/models/a"),
        ("/v1beta1/projects/p/locations/l/interactions/v1_a", INTERACTION),
        ("/v1beta1/projects/models/locations/l/interactions/v1_a", INTERACTION),
        ("/v1beta1/projects/p/locations/l/publishers/google/models/gemini", "/models/gemini"),
        ("/v1/models/gemini-3.5-flash:countTokens", "/models/gemini-3.5-flash:countTokens"),
        ("/v1/models/owner%2Fname", "/models/owner/name"),
        ("/v1/interactions/v1%5Fa", INTERACTION),
        ("/v1beta/files", "/files"),
        ("/upload/v1beta/files", "/files"),
        ("/gemini/upload/v1/files/x", "/files/x"),
        ("/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore", "/fileSearchStores/s:uploadToFileSearchStore"),
        ("/upload/files", "/upload/files"),
        ("/v1beta/files:register", "/files:register"),
        ("/v1beta1/projects/p/locations/l/cachedContents/c", "/cachedContents/c"),
        ("/batches/interactions/v1_a", INTERACTION),
        ("/v1beta/tunedModels/m:generateContent", "/tunedModels/m:generateContent"),
        ("/v1/environments/e/files/a/b", "/environments/e/files/a/b"),
        ("/upload/v1/environments/e/files/a", "/environments/e/files/a"),
        ("/upload/environments/e/files/a", "/environments/e/files/a"),
        ("/v1alpha/interactions/v1_a", INTERACTION),
        ("/house-blend/interactions/v1_a", INTERACTION),
        ("/a/b/v1beta/interactions/v1_a", INTERACTION),
        ("/console/v1beta/interactions/v1_a", INTERACTION),
        ("//a///v1beta//interactions//v1_a/", INTERACTION),
        ("/v1beta/%69nteractions/v1_a", INTERACTION),
        ("/projects/p/locations/l/interactions/v1_a", INTERACTION),
        ("/house-blend/projects/p/locations/l/interactions/v1_a", INTERACTION),
        ("/a/b/v1beta1/projects/p/locations/l/interactions/v1_a", INTERACTION),
        ("/v1beta1/publishers/google/models/gemini", "/models/gemini"),
        ("/publishers/google/models/gemini", "/models/gemini"),
        ("/v1/webhooks/w:ping", "/webhooks/w:ping"),
        ("/v1/webhooks/w%3Aping", "/webhooks/w:ping"),
        ("/healthz", "/healthz"),
        ("/", "/"),
    ],
)
def test_canonical(path: str, expected: str) -> None:
    """Versions, prefixes, Vertex parents, doubled slashes and escapes are seen through."""
    assert canonical(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/console/static/webhooks/app.js",
        "/static/app/interactions",
        "/a/b/webhooks",
        "/v1/console/webhooks",
        "/v1/nothing/interactions/v1_a",
        "/v1beta/v1_a/x/interactions",
        "/locations/l/interactions",
        "/projects/p/x/locations/l/interactions",
        "/v1beta1/projects/p/locations/interactions",
        "/v1/interactions-of-mine/v1_a",
        "/v1/../x/interactions",
    ],
)
def test_a_resources_name_elsewhere_means_nothing(path: str) -> None:
    """What stands behind words that are no prefix is a path like any other."""
    assert canonical(path) == path


@pytest.mark.parametrize("path", ["/console", "/console/webhooks", "/console/v1/webhooks/app.js", "/console/models/m"])
def test_pages_at_the_root_are_never_resources(path: str) -> None:
    """The names with which the server's own pages begin are no prefix."""
    assert canonical(path, {"console"}) == path
    assert canonical("/" + path.replace("/", "//"), {"console"}) == path
