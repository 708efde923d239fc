"""What the server says when it is ready: its address, a key, and a first call for each kind of client."""

from typing import Final

from interplay import __version__
from interplay.access.first_key import UNKNOWN_KEY

_PROMPT: Final = "Explain how AI works in a few words"
_MAKE_A_KEY: Final = (
    "           Put a key of yours in its place: some were made before, and only their hashes are kept. The first",
    "           server of a database has its own in the file first-key of its data folder. 'interplay keys create',",
    "           with the --data, --database or --config of this server, makes another.",
)


def greeting(address: str, key: str, model: str, answering: str | None) -> str:
    """The text for the terminal; `key` is a word for the shell, `UNKNOWN_KEY` where the server knows only hashes.

    `answering` is what answers for the `model` of the examples, if anything does.
    """
    environment = f"GOOGLE_GEMINI_BASE_URL={address} GEMINI_API_KEY={key}"
    call = f'interactions.create({{model: "{model}", input: "{_PROMPT}"}})'
    python = (
        f"{environment} python3 -c 'from google import genai; client = genai.Client(); "
        f'print(client.interactions.create(model="{model}", input="{_PROMPT}").output_text)\''
    )
    javascript = (
        f'{environment} node --input-type=module -e \'import {{GoogleGenAI}} from "@google/genai"; '
        f"console.log((await new GoogleGenAI({{}}).{call}).output_text)'"
    )
    curl = (
        f"curl -s {address}/v1beta/interactions -H \"x-goog-api-key: {key}\" -H 'content-type: application/json' "
        f'-d \'{{"model": "{model}", "input": "{_PROMPT}"}}\''
    )
    return "\n".join(
        [
            f"Interplay {__version__} is listening.",
            "",
            f"  address  {address}",
            f"  key      {key}",
            *(_MAKE_A_KEY if key == UNKNOWN_KEY else ()),
            *((f"  model    {answering}",) if answering else ()),
            "",
            "Paste one of these lines into another terminal:",
            "",
            f"Python (pip install google-genai)\n{python}\n",
            f"JavaScript (npm install @google/genai)\n{javascript}\n",
            f"curl\n{curl}\n",
        ]
    )
