"""An upstream's list of models: their context lengths, and which of them can chat. Pure functions.

Each kind of server says in its own way what a model is for, if at all:

    type           "llm", "vlm", "embeddings" (LM Studio); "chat", "image", "rerank" (Together)
    mode, task     "chat", "embedding" (LiteLLM); "text-generation", "feature-extraction" (Hugging Face, vLLM)
    capabilities   ["completion", "tools"], ["embedding"] (Ollama, llama-server); {"completion_chat": true} (Mistral)
    architecture   {"output_modalities": ["text"]} (OpenRouter)

Where nothing is said, the words of its name are what there is to go by. Not here: asking for the list (`openai`).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from interplay.models.chat.counts import token_count

_TASKS: Final = (
    r"embed|rerank|transcri|diffusion|moderation|speech|classif|feature.?extraction|similarity|upscal|vocoder"
    r"|(?<![a-z])(?:tts|stt|asr|ocr|images?(?!-text)|audio|realtime|video|score|reward|vae|controlnet)(?![a-z])"
)
_READERS: Final = (
    r"sentence-(?:transformers|t5)|colbert"
    r"|(?<![a-z])(?:bge|e5|gte|s?bert|[a-z]*roberta|minilm|mpnet|paraphrase|labse|splade|stella|instructor|col(?:pali|qwen)"
    r"|clip|siglip)(?![a-z])"
)
_GUARDS: Final = r"(?<!van)guard(?:ian)?(?![a-z])|shield-?gemma"
_VOICES: Final = (
    r"whisper|wav2vec|x-?tts"
    r"|(?<![a-z])(?:kokoro|piper|bark|vits|orpheus|parakeet|hubert|musicgen|melotts|speecht5|encodec)(?![a-z])"
)
_PAINTERS: Final = r"dall-?e\b|(?<![a-z])(?:sdxl|sd3|flux|imagen|kandinsky|pixart|sora|veo)(?![a-z])"
_OTHER: Final = re.compile(f"{_TASKS}|{_READERS}|{_GUARDS}|{_VOICES}|{_PAINTERS}")
"""Words of what is asked for something else than an answer in text: what it does, and the families that do it."""

_CHATS: Final = re.compile("chat|complet|generat|llm|vlm|language|instruct|text2text|conversation")
"""Words of what can answer; they are told in the same places."""

_SAYS: Final = ("type", "object", "mode", "task", "pipeline_tag", "model_type")
"""Fields that say in a word what a model is for."""


class Model(msgspec.Struct, frozen=True):
    """An entry of `GET /models`; each kind of server has its own word for the context length."""

    id: str
    max_model_len: Any = None
    context_length: Any = None
    meta: Any = None
    """What llama-server says: `n_ctx` is what it was started with, `n_ctx_train` what the model was trained for."""
    type: Any = None
    object: Any = None
    mode: Any = None
    task: Any = None
    pipeline_tag: Any = None
    model_type: Any = None
    capabilities: Any = None
    architecture: Any = None

    def context(self) -> int | None:
        """The context length, by whichever word the server uses."""
        meta = self.meta if isinstance(self.meta, dict) else {}
        words = (self.max_model_len, self.context_length, meta.get("n_ctx"), meta.get("n_ctx_train"))
        return next((count for word in words if (count := token_count(word))), None)

    def chats(self) -> bool:
        """Whether it can be asked for an answer in text, as far as its entry tells."""
        said = [*self._words(), *self._capabilities(), *self._outputs()]
        told = [may for may in map(_may_chat, said) if may is not None]
        return all(told) if told else not _OTHER.search(self.id.lower())

    def _words(self) -> Iterator[Iterable[str]]:
        for field in _SAYS:
            if isinstance(word := getattr(self, field), str):
                yield [word]

    def _capabilities(self) -> Iterator[Iterable[str]]:
        match self.capabilities:
            case [*names]:
                yield [name for name in names if isinstance(name, str)]
            case dict() as names:
                yield [str(name) for name, has in names.items() if has]
            case _:
                pass

    def _outputs(self) -> Iterator[Iterable[str]]:
        match self.architecture:
            case {"output_modalities": [*outputs]} if outputs:
                yield ["generates text"] if "text" in outputs else ["image"]
            case {"modality": str() as modality} if "->" in modality:
                yield ["generates text"] if "text" in modality.rpartition("->")[2] else ["image"]
            case _:
                pass


class Models(msgspec.Struct, frozen=True):
    """The answer to `GET /models`."""

    data: list[Model]


def _may_chat(words: Iterable[str]) -> bool | None:
    """Whether what is for these things can chat; None where they do not tell. One that it can do is enough."""
    lowered = [word.lower() for word in words]
    if any(_CHATS.search(word) and not _OTHER.search(word) for word in lowered):
        return True
    return False if any(map(_OTHER.search, lowered)) else None
