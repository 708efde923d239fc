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
        ("/healthz", "/healthz"),
        ("/", "/"),
    ],
)
def test_canonical(path: str, expected: str) -> None:
    """Versions, prefixes, Vertex parents, doubled slashes and escapes are seen through."""
    assert canonical(path) == expected
