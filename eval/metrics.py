"""What is measured, defined once: correctness, citations, retrieval and intervals. Pure functions.

Ratios are in [0, 1]. A ratio over nothing is ``None``, never 0 or 1: nothing was measured.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.sets import Question
from rag.types import Answer, Citation

MAX_LENGTH = 700  # characters of a right answer's text: what fits on a phone's screen without scrolling twice
RESAMPLES = 2000  # Efron and Tibshirani (1993), p. 275: 1,000 or more for percentile intervals
SEED = 20230704
_IGNORED = re.compile(r"[\s,]")


def normalise(text: str) -> str:
    """``text`` for comparing facts: NFKC, lower case, without white space and commas. Idempotent.

    NFKC makes ``㎡`` ``m2`` and full-width digits plain; Korean spacing and the commas of figures carry no meaning.
    Normalised until nothing changes, for lower-casing can leave text that NFKC would compose again.
    """
    result = _IGNORED.sub("", unicodedata.normalize("NFKC", text).lower())
    return result if result == text else normalise(result)


def missing_facts(text: str, facts: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Numbers, from 1, of the groups of ``facts`` of which ``text`` states no alternative."""
    said = normalise(text)
    return tuple(n for n, group in enumerate(facts, start=1) if not any(normalise(a) in said for a in group))


def is_verbatim(citation: Citation, texts: Mapping[str, str]) -> bool:
    """Whether the quote is the slice of the article that it says it is. Empty quotes and unknown articles are not.

    :param texts: the cleaned text of every indexed article, by its id.
    """
    text = texts.get(citation.article_id)
    if text is None or not 0 <= citation.start < citation.end <= len(text):
        return False
    return text[citation.start : citation.end] == citation.quote


def problems(answer: Answer, question: Question, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Why ``answer`` is not a right answer to ``question``; empty where it is right.

    A question without an answer is right when refused. Any other is right when it is answered, states one alternative
    of every fact, cites an acceptable source, quotes only verbatim, and is at most :data:`MAX_LENGTH` characters long.

    :returns: among ``answered`` (should have been refused), ``refused`` (has an answer), ``fact N``, ``source``,
        ``quote`` and ``length``.
    """
    answered = answer.status == "answered"
    if not question.answerable:
        return ("answered",) if answered else ()
    if not answered:
        return ("refused",)
    found = [f"fact {number}" for number in missing_facts(answer.text, question.facts)]
    if not any(citation.source in question.sources for citation in answer.citations):
        found.append("source")
    if not all(is_verbatim(citation, texts) for citation in answer.citations):
        found.append("quote")
    if len(answer.text) > MAX_LENGTH:
        found.append("length")
    return tuple(found)


def recall_at(k: int, ranked: Sequence[str], relevant: Collection[str]) -> float:
    """Recall at rank ``k``: the share of ``relevant`` among the first ``k`` of ``ranked`` (Manning et al. 2008, §8.4).

    With one relevant item it is 1 or 0, and its mean over questions is the hit rate (R@k).

    :raises ValueError: if nothing is relevant.
    """
    return len(set(ranked[:k]) & _relevant(relevant)) / len(_relevant(relevant))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """1 / the rank of the first relevant item, 0 where there is none; its mean is MRR (Voorhees 1999, TREC-8 QA).

    :raises ValueError: if nothing is relevant.
    """
    wanted = _relevant(relevant)
    return next((1 / rank for rank, item in enumerate(ranked, start=1) if item in wanted), 0.0)


def ndcg_at(k: int, ranked: Sequence[str], relevant: Collection[str]) -> float:
    """Normalised discounted cumulative gain at ``k``, binary gains, discount log2(rank + 1).

    Järvelin and Kekäläinen 2002 (TOIS 20(4)), in the form of Burges et al. 2005 that TREC and BEIR report. An item that
    is ranked twice gains once.

    :raises ValueError: if nothing is relevant.
    """
    wanted = _relevant(relevant)
    unique = list(dict.fromkeys(ranked))[:k]
    gained = sum(1 / math.log2(rank + 1) for rank, item in enumerate(unique, start=1) if item in wanted)
    return gained / sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(wanted)) + 1))


def _relevant(relevant: Collection[str]) -> set[str]:
    if not relevant:
        raise ValueError("nothing is relevant: retrieval metrics are not defined for such a question")
    return set(relevant)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A mean with its 95 % interval. ``count`` is the sum of the values (what was right), ``n`` how many there are."""

    value: float | None
    low: float | None
    high: float | None
    count: float
    n: int


def ratio(groups: Sequence[Sequence[float]]) -> Ratio:
    """The mean of all values with its interval, see :func:`bootstrap`. Groups may be empty."""
    values = [value for group in groups for value in group]
    if not values:
        return Ratio(None, None, None, 0.0, 0)
    low, high = bootstrap(groups)
    return Ratio(float(np.mean(values)), low, high, float(sum(values)), len(values))


def bootstrap(
    groups: Sequence[Sequence[float]], resamples: int = RESAMPLES, seed: int = SEED, level: float = 0.95
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean of all values (Efron and Tibshirani 1993, ch. 13). Deterministic.

    Whole groups are drawn, not single values (the cluster bootstrap, Field and Welsh 2007): the two languages of one
    question, or the turns of one conversation, fail together, and drawing them apart would make the interval too
    narrow. With one value in each group it is the ordinary bootstrap. Where all values are equal its width is 0, which
    says that the sample shows no spread, not that there is no doubt: read it together with ``n``.

    :raises ValueError: if there is no value.
    """
    filled = [group for group in groups if group]
    if not filled:
        raise ValueError("there is no value to resample")
    sums = np.array([sum(group) for group in filled], dtype=np.float64)
    sizes = np.array([len(group) for group in filled], dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(filled), size=(resamples, len(filled)))
    return interval(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), level)


def interval(resampled: Sequence[float] | np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """The middle ``level`` of a statistic's resampled values: the percentile interval (Efron and Tibshirani 1993)."""
    tail = (1 - level) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return float(low), float(high)


def spearman(left: Sequence[float] | np.ndarray, right: Sequence[float] | np.ndarray) -> Ratio:
    """Spearman's rank correlation, ties sharing their mean rank; ``count`` is not counted.

    The interval is Fisher's: artanh of the correlation, plus and minus 1.96 / sqrt(n - 3) (Fisher 1921).
    """
    value = float(np.corrcoef(_ranks(left), _ranks(right))[0, 1])
    spread = 1.96 / math.sqrt(len(left) - 3)
    low, high = (math.tanh(math.atanh(value) + side * spread) for side in (-1, 1))
    return Ratio(value, low, high, 0.0, len(left))


def _ranks(values: Sequence[float] | np.ndarray) -> np.ndarray:
    _, places, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[places])


def percentile(values: Sequence[float], q: float) -> float | None:
    """The ``q``-th percentile, 0 to 100, linear between neighbours; ``None`` of nothing."""
    return float(np.percentile(values, q)) if values else None


def latency(seconds: Sequence[float]) -> dict[str, float | int | None]:
    """The median and the 95th percentile, in seconds, and how many there are."""
    return {"p50": percentile(seconds, 50), "p95": percentile(seconds, 95), "n": len(seconds)}
