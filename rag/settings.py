"""Settings, from the environment: where state lives and which models and servers are used."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Every library below looks outward at import or first use; see each one's own documentation. Set only where the user
# has not, so that a user who names a hub model or a server keeps the last word.
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "GRADIO_SHARE": "False",
    "GRADIO_SSR_MODE": "False",
    "ANONYMIZED_TELEMETRY": "False",
    "OTEL_SDK_DISABLED": "true",
    # One busy neighbour turns a 12 ms encoding into 400 ms while OpenMP's barriers spin.
    "OMP_WAIT_POLICY": "PASSIVE",
}


def be_quiet() -> None:
    """Keep every dependency from contacting anything. Call before heavy imports."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where state lives and which models and servers are used. The key is kept out of ``repr``.

    ``embedder`` is a path or a sentence-transformers name, ``None`` for the bundled model. ``chroma_url`` is a Chroma
    server, ``milvus_url`` a Milvus server or cluster (extra ``cluster``); with neither, the store is embedded. With
    ``llm_base_url`` answers are written by a model, else extracted. ``log_level`` is the least level that is logged, see
    :mod:`rag.log`.
    """

    home: Path
    embedder: str | None = None
    chroma_url: str | None = None
    milvus_url: str | None = field(default=None, repr=False)
    llm_base_url: str | None = None
    llm_model: str | None = None
    llm_api_key: str | None = field(default=None, repr=False)
    log_level: str = "warning"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Settings from ``MUNDAP_*`` variables; empty ones count as unset."""

        def value(name: str) -> str | None:
            return environ.get(f"MUNDAP_{name}", "").strip() or None

        home = value("HOME")
        return cls(
            home=Path(home).expanduser() if home else default_home(),
            embedder=value("EMBEDDER"),
            chroma_url=value("CHROMA_URL"),
            milvus_url=value("MILVUS_URL"),
            llm_base_url=value("LLM_BASE_URL"),
            llm_model=value("LLM_MODEL"),
            llm_api_key=value("LLM_API_KEY"),
            log_level=(value("LOG") or "warning").lower(),
        )

    @property
    def store_url(self) -> str | None:
        """Where vectors are kept, as :func:`index.engine.open_engine` takes it; ``None`` for the embedded store.

        :raises index.errors.CorpusError: if two places are set.
        """
        from index.errors import CorpusError

        if self.chroma_url and self.milvus_url:
            raise CorpusError("MUNDAP_CHROMA_URL and MUNDAP_MILVUS_URL are both set; expected one. Unset the other.")
        return f"milvus+{self.milvus_url}" if self.milvus_url else self.chroma_url


def default_home() -> Path:
    """The platform's user data folder for Mundap."""
    from platformdirs import user_data_path

    return user_data_path("mundap", appauthor=False)
