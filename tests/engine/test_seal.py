"""Sealed texts: made here, opened here, and nowhere else."""

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interplay.engine.seal import CONTINUATION, THOUGHT, NotOurs, Seal

KEY = b"k" * 32
SEAL = Seal(KEY, THOUGHT)


@given(st.text())
def test_a_seal_gives_its_text_back(text: str) -> None:
    """What was sealed for a project is known again, whatever it was."""
    text = text.encode(errors="replace").decode()
    assert SEAL.opened("p", SEAL.sealed("p", text)) == text


def test_the_text_is_not_readable() -> None:
    """A seal shows nothing of what is under it."""
    assert b"secret plan" not in base64.b64decode(SEAL.sealed("p", "secret plan"))


@pytest.mark.parametrize(
    "made_by",
    [
        *("another project", "another purpose", "another server", "somebody else"),
        *("a flipped bit", "another first byte", "a blank in it", "nobody"),
    ],
)
def test_a_foreign_seal_does_not_open(made_by: str) -> None:
    """Only what this server made for this project and this purpose opens."""
    own = base64.b64decode(SEAL.sealed("p", "thought"))
    sealed = {
        "another project": SEAL.sealed("q", "thought"),
        "another purpose": Seal(KEY, CONTINUATION).sealed("p", "thought"),
        "another server": Seal(secrets.token_bytes(32), THOUGHT).sealed("p", "thought"),
        "somebody else": "EvEFCu4FAQw",
        "a flipped bit": base64.b64encode(own[:-1] + bytes([own[-1] ^ 1])).decode(),
        "another first byte": base64.b64encode(CONTINUATION + own[1:]).decode(),
        "a blank in it": SEAL.sealed("p", "thought") + " ",
        "nobody": "",
    }[made_by]
    with pytest.raises(NotOurs):
        SEAL.opened("p", sealed)
