import json
from pathlib import Path

from interplay.models import gemini_names

CONTRACT = Path(__file__).parents[1] / "wire" / "contract.json"


def test_every_text_model_of_the_sdks_is_listed() -> None:
    """Whoever looks for a name that the SDKs know finds it, unless it is the name of a model for media."""
    names = json.loads(CONTRACT.read_text())["schemas"]["Model"]["anyOf"][0]["enum"]
    assert sorted(gemini_names.LISTED) == sorted(filter(gemini_names.is_text_model, names))
    assert {"gemini-4-argon", "gemini-4-carbon", "gemini-4-hydrogen", "gemini-4-neon"} <= set(gemini_names.LISTED)
