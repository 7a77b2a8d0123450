"""Learn what evidence is worth: ``python -m rag.calibrate --data ../shared`` writes ``rag/calibration.json``.

Questions with known answer spans (``passages.jsonl``, written for this project) are asked over an index in which each
passage stands in one language only, so that half of them cross languages. The sentence model learns which sentence
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

FALSE_REFUSALS = 0.03  # the share of answerable questions that may be refused at the operating point
LANGUAGES: tuple[Language, Language] = ("ko", "en")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the article that answers it and the span that does."""

    question: str
    language: Language
    article_id: str
    answer: str


def load(path: Path, flip: int) -> tuple[list[Article], list[Case]]:
    """Articles, each in one language, and their questions in both; ``flip`` turns every article's language."""
    articles, cases = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        language = LANGUAGES[(number + flip) % 2]
        articles.append(Article(f"p{number}", f"p{number}", "", language, row[language]))
        for question in row["questions"]:
            cases += [Case(question[asked], asked, f"p{number}", question[f"answer_{language}"]) for asked in LANGUAGES]
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


def best(found: list[Evidence], model: Logistic) -> dict[str, float] | None:
    """The answer model's features of the sentence that ``model`` ranks first."""
    if not found:
        return None
    top = max(found, key=lambda item: model(item.features))
    return answer_features(top, model(top.features))


def answer_features(top: Evidence, chance: float) -> dict[str, float]:
    """What the answer model looks at."""
    return {**top.features, "chance": chance}


def learn(data: Path, seed: int = 7) -> dict[str, object]:
    """Fit both models and choose the threshold; every tenth passage is left out and measured on."""
    shuffle = random.Random(seed)
    sentence_rows: list[tuple[dict[str, float], bool]] = []
    kept: list[tuple[list[Evidence], Case, str, bool]] = []
    for flip in (0, 1):
        articles, cases = load(data / "data" / "passages.jsonl", flip)
        shuffle.shuffle(cases)
        train = [c for c in cases if int(c.article_id[1:]) % 10][:1500]
        held = [c for c in cases if int(c.article_id[1:]) % 10 == 0]
        with tempfile.TemporaryDirectory() as home:
            laboratory = Laboratory(Path(home), articles)
            for part, group in (("train", train), ("held", held)):
                for kind, members in (("true", group), ("exchanged", list(exchanged(group, shuffle)))):
                    for case in members:
                        found = laboratory.read(case)
                        kept.append((found, case, kind, part == "held"))
                        if kind == "true":
                            kept.append((laboratory.read(case, without=True), case, "removed", part == "held"))
                            if part == "train":
                                sentence_rows += [(dict(e.features), holds(e, case)) for e in found]
        log.info("flip %d: %d readings", flip, len(kept))
    sentence = fit([r for r, _ in sentence_rows], [label for _, label in sentence_rows], SENTENCE_FEATURES)
    return _answer(sentence, kept)


def _answer(sentence: Logistic, kept: list[tuple[list[Evidence], Case, str, bool]]) -> dict[str, object]:
    rows, labels, held, kinds, right, firsts = [], [], [], [], [], []
    for found, case, kind, is_held in kept:
        top = max(found, key=lambda item: sentence(item.features), default=None)
        if top is None:
            continue
        at_home = top.article.id == case.article_id
        if kind == "true":
            firsts.append((is_held, case.language == top.article.language, at_home, holds(top, case)))
            if not at_home:
                continue  # neither answered nor refused rightly: it would teach nothing about refusing
        rows.append(answer_features(top, sentence(top.features)))
        labels.append(kind == "true")
        held.append(is_held)
        kinds.append(kind)
    train = [i for i, h in enumerate(held) if not h]
    answer = fit([rows[i] for i in train], [labels[i] for i in train], ANSWER_FEATURES)
    chances = np.array([answer(row) for row in rows])
    truth, out = np.array(labels), np.array(held)
    threshold = float(np.quantile(chances[truth & ~out], FALSE_REFUSALS))
    report = {
        f"{kind} {'refused' if kind != 'true' else 'answered'} (held out)": round(
            float(np.mean((chances >= threshold)[out & (np.array(kinds) == kind)] == (kind == "true"))), 3
        )
        for kind in ("true", "removed", "exchanged")
    }
    held_firsts = [f for f in firsts if f[0]]
    report["best sentence from the right article (held out)"] = round(float(np.mean([f[2] for f in held_firsts])), 3)
    report["best sentence holds the answer (held out)"] = round(float(np.mean([f[3] for f in held_firsts])), 3)
    return {
        "sentence": {"bias": sentence.bias, "weights": sentence.weights},
        "answer": {"bias": answer.bias, "weights": answer.weights},
        "threshold": round(threshold, 3),
        "report": report,
    }


def main() -> None:
    """Learn and write the calibration."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=CALIBRATION)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    result = learn(arguments.data)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    log.info("%s", json.dumps(result["report"], indent=1))


if __name__ == "__main__":
    main()
