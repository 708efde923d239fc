"""Thought signatures: made here, checked here."""

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interplay.engine.signature import Signatures
from interplay.errors import Failure

SIGNATURES = Signatures(b"k" * 32)


@given(st.text())
def test_a_signature_gives_its_thought_back(thought: str) -> None:
    """What was signed for a project is known again, whatever it was."""
    thought = thought.encode(errors="replace").decode()
    assert SIGNATURES.thought("p", SIGNATURES.sign("p", thought), "x") == thought


def test_the_thought_is_not_readable() -> None:
    """A signature shows nothing of the reasoning."""
    assert b"secret plan" not in base64.b64decode(SIGNATURES.sign("p", "secret plan"))


@pytest.mark.parametrize("made_by", ["another project", "another server", "somebody else", "a flipped bit"])
def test_a_foreign_signature_is_refused(made_by: str) -> None:
    """Only what this server made for this project passes; the refusal names the field."""
    own = bytearray(base64.b64decode(SIGNATURES.sign("p", "thought")))
    own[-1] ^= 1
    signature = {
        "another project": SIGNATURES.sign("q", "thought"),
        "another server": Signatures(secrets.token_bytes(32)).sign("p", "thought"),
        "somebody else": "EvEFCu4FAQw",
        "a flipped bit": base64.b64encode(own).decode(),
    }[made_by]
    with pytest.raises(Failure, match=r"input\[0\]\.signature") as refusal:
        SIGNATURES.thought("p", signature, "input[0].signature")
    assert refusal.value.code == "invalid_request"
