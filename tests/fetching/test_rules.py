"""The words of refusals are those of whoever sets the rules; `tests/webhooks/test_reach.py` has the addresses."""

import pytest

from interplay.fetching.rules import Rules

PAGES = Rules(allow_private=False, allow_http=False, allow_hosts=(), allowed_by="`[pages]` `allow_private`")


@pytest.mark.parametrize("uri", ["https://10.0.0.1/", "https://localhost/", "http://a.example/", "http://10.0.0.1/"])
def test_a_refusal_names_the_setting_that_it_was_given(uri: str) -> None:
    """And no other."""
    refusal = PAGES.refusal(uri)
    assert refusal is not None
    assert refusal.endswith("(`[pages]` `allow_private`)")
    assert "webhooks" not in refusal
