"""Learn what evidence is worth: ``python -m rag.calibrate --data ../shared`` writes ``rag/calibration.json``.

Questions with known answer spans (``passages.jsonl``, written for this project) are asked over an index of articles put
together from its passages, each in one language only, so that half of the questions cross languages. Only every tenth
passage's questions are used: the lexicon's probabilities and the bundled encoder learned from the others. The sentence model learns which sentence
holds the answer. The answer model learns when to refuse, from three kinds of question: the true ones, the same ones
with their article taken away, and the same ones with their most telling word exchanged for another question's, which
leaves a question on a topic that is there about a detail that is not.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.build import Builder
from index.corpus import Corpus
from index.embed import load_encoder
from index.manifest import Fingerprint
from index.terms import analyse
from index.types import Article, Language
from rag import evidence
from rag.evidence import ANSWER_FEATURES, CALIBRATION, SENTENCE_FEATURES, Evidence, Logistic, Reader
from rag.match import Annotations
from rag.query import QueryMaker
from rag.retrieve import Retriever

PASSAGES_AN_ARTICLE = 4
FOLDS = 5
FALSE_REFUSALS = 0.03  # the share of answerable questions that may be refused at the operating point
LANGUAGES: tuple[Language, Language] = ("ko", "en")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the article that answers it and the span that does; ``group`` is its passage's number."""

    question: str
    language: Language
    article_id: str
    answer: str
    group: int


def load(path: Path, flip: int, shuffle: random.Random) -> tuple[list[Article], list[Case]]:
    """Articles of several passages, each in one language, and the held-back questions about them in both languages.

    :param flip: 0 or 1; which half of the articles is Korean.
    """
    rows = list(enumerate(map(json.loads, path.read_text(encoding="utf-8").splitlines())))
    shuffle.shuffle(rows)
    rows.sort(key=lambda item: str(item[1]["topic"]))
    articles, cases = [], []
    for number in range(0, len(rows), PASSAGES_AN_ARTICLE):
        language = LANGUAGES[(number // PASSAGES_AN_ARTICLE + flip) % 2]
        members = rows[number : number + PASSAGES_AN_ARTICLE]
        text = "\n".join(str(row[language]) for _, row in members)
        articles.append(Article(f"p{number}", f"p{number}", "", language, text))
        for index, row in members:
            for question in row["questions"] if index % 10 == 0 else ():
                answer = str(question[f"answer_{language}"])
                cases += [Case(question[asked], asked, f"p{number}", answer, index) for asked in LANGUAGES]
    return articles, cases


def exchanged(cases: list[Case], shuffle: random.Random) -> Iterator[Case]:
    """Each case with its most telling word exchanged for that of another question in its language."""
    from index import lexicon

    known = lexicon.load()

    def telling(case: Case) -> tuple[int, int]:
        words = [t for t in analyse(case.question) if t.tag in ("NNG", "NNP", "word", "name") and len(t) > 1]
        best = max(words, key=known.rarity, default=None)
        return (best.start, best.end) if best is not None else (0, 0)

    pools = {asked: [c for c in cases if c.language == asked] for asked in LANGUAGES}
    for case in cases:
        other = shuffle.choice(pools[case.language])
        (a, b), (c, d) = telling(case), telling(other)
        if b and d and case.question[a:b] != other.question[c:d]:
            changed = case.question[:a] + other.question[c:d] + case.question[b:]
            yield replace(case, question=changed)


class Laboratory:
    """An index of the calibration articles, and evidence for questions over it."""

    def __init__(self, home: Path, articles: list[Article]) -> None:
        encoder = load_encoder(None)
        builder = Builder(home, encoder)
        builder.check()
        builder.add([(article, Fingerprint("", 0, 0)) for article in articles])
        builder.finish()
        builder.close()
        self._corpus = Corpus(home, encoder)
        known = Annotations(self._corpus)
        self._retriever, self._reader = Retriever(known), Reader(known, Logistic(0.0, {}))
        self._maker = QueryMaker(list(self._corpus.lexical.vocabulary))

    def read(self, case: Case, without: bool = False) -> list[Evidence]:
        """Evidence for a case, ``without`` the article that answers it."""
        query = self._maker.make(case.question, case.language)
        scored = self._retriever.retrieve(query, evidence.PASSAGES + 1)
        if without:
            scored = [s for s in scored if s.hit.article_id != case.article_id]
        return self._reader.read(query, case.question, scored)


def fit(rows: list[dict[str, float]], labels: list[bool], names: tuple[str, ...]) -> Logistic:
    """A logistic model over ``names``; both classes weigh alike."""
    from sklearn.linear_model import LogisticRegression

    table = np.array([[row[name] for name in names] for row in rows])
    model = LogisticRegression(class_weight="balanced", max_iter=2000).fit(table, labels)
    weights = {name: round(float(w), 3) for name, w in zip(names, model.coef_[0], strict=True)}
    return Logistic(round(float(model.intercept_[0]), 3), weights)


def holds(item: Evidence, case: Case) -> bool:
    """Whether the sentence holds the answer, or ends or begins inside it."""
    return item.article.id == case.article_id and (case.answer in item.text or item.text in case.answer)


def answer_features(top: Evidence, chance: float) -> dict[str, float]:
    """What the answer model looks at."""
    return {**top.features, "chance": chance}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found for one case. ``kind`` is "true", "removed" (its article is away) or "exchanged" (a word is)."""

    found: list[Evidence]
    case: Case
    kind: str


def read_all(data: Path, seed: int) -> list[Reading]:
    """All cases of all three kinds, over both distributions of the languages."""
    shuffle = random.Random(seed)
    readings: list[Reading] = []
    for flip in (0, 1):
        articles, cases = load(data / "data" / "passages.jsonl", flip, shuffle)
        with tempfile.TemporaryDirectory() as home:
            laboratory = Laboratory(Path(home), articles)
            for number, case in enumerate(cases):
                readings.append(Reading(laboratory.read(case), case, "true"))
                readings.append(Reading(laboratory.read(case, without=True), case, "removed"))
                if number % 50 == 0:
                    log.info("%d of %d", number, len(cases))
            readings += [Reading(laboratory.read(case), case, "exchanged") for case in exchanged(cases, shuffle)]
    return [reading for reading in readings if reading.found]


def learn(readings: list[Reading]) -> tuple[Logistic, Logistic]:
    """The sentence model and the answer model."""
    true = [reading for reading in readings if reading.kind == "true"]
    rows = [(dict(item.features), holds(item, reading.case)) for reading in true for item in reading.found]
    sentence = fit([row for row, _ in rows], [label for _, label in rows], SENTENCE_FEATURES)
    tops = [(reading, top_of(reading, sentence)) for reading in readings]
    # A true question that leads to a wrong article is neither answered nor refused rightly: it teaches nothing.
    tops = [(r, top) for r, top in tops if r.kind != "true" or top.article.id == r.case.article_id]
    features = [answer_features(top, sentence(top.features)) for _, top in tops]
    return sentence, fit(features, [reading.kind == "true" for reading, _ in tops], ANSWER_FEATURES)


def top_of(reading: Reading, sentence: Logistic) -> Evidence:
    """The sentence that the model ranks first."""
    return max(reading.found, key=lambda item: sentence(item.features))


def measure(readings: list[Reading]) -> tuple[dict[str, float], float]:
    """What both models do on passages that they have not learned from, and the threshold for ``FALSE_REFUSALS``."""
    outcomes: list[tuple[str, bool, bool, float]] = []
    for fold in range(FOLDS):
        sentence, answer = learn([r for r in readings if r.case.group // 10 % FOLDS != fold])
        for reading in (r for r in readings if r.case.group // 10 % FOLDS == fold):
            top = top_of(reading, sentence)
            chance = answer(answer_features(top, sentence(top.features)))
            outcomes.append((reading.kind, top.article.id == reading.case.article_id, holds(top, reading.case), chance))
    at_home = np.array([chance for kind, home, _, chance in outcomes if kind == "true" and home])
    threshold = float(np.quantile(at_home, FALSE_REFUSALS))
    true = [outcome for outcome in outcomes if outcome[0] == "true"]
    report = {
        "best sentence in the right article": np.mean([home for _, home, _, _ in true]),
        "best sentence holds the answer": np.mean([held for _, _, held, _ in true]),
    }
    for kind in ("removed", "exchanged"):
        chances = np.array([chance for name, _, _, chance in outcomes if name == kind])
        report[f"{kind} refused"] = np.mean(chances < threshold)
        report[f"{kind} AUROC"] = np.mean(at_home[:, None] > chances[None, :])
    return {name: round(float(value), 3) for name, value in report.items()}, threshold


def main() -> None:
    """Learn and write the calibration."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=CALIBRATION)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    readings = read_all(arguments.data, seed=7)
    report, threshold = measure(readings)
    sentence, answer = learn(readings)
    result = {
        "sentence": {"bias": sentence.bias, "weights": sentence.weights},
        "answer": {"bias": answer.bias, "weights": answer.weights},
        "threshold": round(threshold, 3),
        "report": {"folds": FOLDS, **report},
    }
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    log.info("%s", json.dumps(result["report"], indent=1))


if __name__ == "__main__":
    main()
