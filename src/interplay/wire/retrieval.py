"""The `retrieval` tool and the settings of the stores it can search."""

from typing import Annotated, Any

from interplay.wire.base import Int32, Wire, known

RetrievalType = Annotated[str, known("vertex_ai_search", "rag_store", "exa_ai_search", "parallel_ai_search")]


class ExaAISearchConfig(Wire, frozen=True, kw_only=True):
    """Settings of Exa."""

    api_key: str
    custom_config: dict[str, Any] | None = None
    """Handed to the vendor as it is."""


class ParallelAISearchConfig(Wire, frozen=True, kw_only=True):
    """Settings of Parallel."""

    api_key: str | None = None
    custom_config: dict[str, Any] | None = None
    """Handed to the vendor as it is."""


class VertexAISearchConfig(Wire, frozen=True, kw_only=True):
    """Settings of Vertex AI Search."""

    datastores: tuple[str, ...] | None = None
    engine: str | None = None


class RagResource(Wire, frozen=True, kw_only=True):
    """A corpus, or files of it."""

    rag_corpus: str | None = None
    rag_file_ids: tuple[str, ...] | None = None


class Filter(Wire, frozen=True, kw_only=True):
    """Which chunks to leave out."""

    metadata_filter: str | None = None
    """An expression over what was stored with the documents."""
    vector_distance_threshold: float | None = None
    """Keep what is nearer than this."""
    vector_similarity_threshold: float | None = None
    """Keep what is more similar than this."""


class HybridSearch(Wire, frozen=True, kw_only=True):
    """The mix of meaning and words."""

    alpha: float | None = None
    """From 0, words only, to 1, meaning only."""


class RankService(Wire, frozen=True, kw_only=True):
    """Ranking by the rank service."""

    model_name: str | None = None


class Ranking(Wire, frozen=True, kw_only=True, tag_field="ranking_config", tag="rank_service"):
    """Whether and how what was found is ranked again."""

    model_name: str | None = None
    rank_service: RankService | None = None


class RagRetrievalConfig(Wire, frozen=True, kw_only=True):
    """How to retrieve from a RAG store."""

    filter: Filter | None = None
    hybrid_search: HybridSearch | None = None
    ranking: Ranking | None = None
    top_k: Int32 | None = None
    """How many chunks to fetch."""


class RagStoreConfig(Wire, frozen=True, kw_only=True):
    """Settings of the RAG store."""

    rag_resources: tuple[RagResource, ...] | None = None
    rag_retrieval_config: RagRetrievalConfig | None = None
    similarity_top_k: Int32 | None = None
    """Deprecated: `rag_retrieval_config.top_k`."""
    vector_distance_threshold: float | None = None
    """Deprecated: `rag_retrieval_config.filter`."""


class Retrieval(Wire, frozen=True, kw_only=True, tag="retrieval"):
    """Search in stores of one's own."""

    exa_ai_search_config: ExaAISearchConfig | None = None
    parallel_ai_search_config: ParallelAISearchConfig | None = None
    rag_store_config: RagStoreConfig | None = None
    retrieval_types: tuple[RetrievalType, ...] | None = None
    vertex_ai_search_config: VertexAISearchConfig | None = None
