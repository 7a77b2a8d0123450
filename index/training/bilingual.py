"""Learning the bundled encoder in two phases (Reimers and Gurevych 2020, then contrast).

Phase 1 teaches the Korean rows alone: a Korean text is to stand where the teacher puts its English twin, and nearer to
it than to the twins of other texts. Phase 2 frees the body and goes on with that, in both languages, beside contrast
of questions with passages and of questions with the sentences of their report (in-batch negatives, Henderson et al.
2017; the hard ones are the other sentences of the same report, and passages of like subject in the same batch).
"""

from __future__ import annotations

import json
import logging
import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from index.training import card, data, vocabulary
from index.training.data import Corpus, Lesson
from index.training.loop import Course, follow, save, schedule
from index.training.questions import Asked, grouped
from index.training.questions import gather as gather_questions
from index.training.recall import measure
from index.training.teacher import teacher_vectors
from index.training.transformer import Transformer

log = logging.getLogger(__name__)

STEPS = (500, 600)
TEMPERATURE = 0.05
ALIKE = 0.98  # teacher vectors nearer than this are no negatives of each other
SAME = -1e4  # the logit of what is no negative
RATE_ROWS, RATE_BODY = 2e-3, 6e-5
QUESTION, SENTENCE, PASSAGE, TRANSLATION = 48, 80, 224, 128  # tokens read
NEARBY = 8  # batches' worth of pairs among which those of like length share a batch
OTHERS = 2000  # training sentences among which a held-back one looks for its translation


@dataclass(frozen=True, slots=True)
class Phase:
    """How often a batch is of each kind, how large it then is, and how often the text to place is the English one."""

    shares: Mapping[str, float]
    sizes: Mapping[str, int]
    english: float
    measured: int  # steps between two measurings


ROWS = Phase(
    {"sentence": 0.42, "technical": 0.2, "lexicon": 0.14, "name": 0.06, "paragraph": 0.18},
    {"sentence": 96, "technical": 96, "lexicon": 192, "name": 192, "paragraph": 24},
    english=0.0,
    measured=500,
)
BODY = Phase(
    {
        "sentence": 0.26,
        "technical": 0.02,
        "lexicon": 0.04,
        "name": 0.02,
        "paragraph": 0.08,
        "question": 0.22,
        "report": 0.36,
    },
    {"sentence": 80, "technical": 80, "lexicon": 192, "name": 192, "paragraph": 24, "question": 28, "report": 28},
    english=0.2,
    measured=300,
)


@dataclass(frozen=True, slots=True)
class Material:
    """What is learnt from: translations by kind, questions with their passages, reports, and the teacher's vectors."""

    translations: dict[str, list[data.Pair]]
    questions: list[Asked]
    lessons: list[Lesson]
    vectors: Mapping[str, Any]  # English text → (384,)


class Drawing:
    """Batches of a phase, drawn at random without putting back until a kind is used up."""

    def __init__(self, network: Transformer, phase: Phase, material: Material, seed: int) -> None:
        self.network, self.phase, self.material = network, phase, material
        self.random = random.Random(seed)
        self.waiting: dict[str, list[int]] = {kind: [] for kind in phase.shares}
        self.went: dict[str, deque[float]] = {kind: deque(maxlen=30) for kind in phase.shares}

    def loss(self) -> torch.Tensor:
        """The loss of the next batch."""
        kind = self.random.choices(list(self.phase.shares), list(self.phase.shares.values()))[0]
        chosen = self._draw(kind)
        if kind == "question":
            loss, well = self._questions([self.material.questions[number] for number in chosen])
        elif kind == "report":
            loss, well = self._reports([self.material.lessons[number] for number in chosen])
        else:
            loss, well = self._translations([self.material.translations[kind][number] for number in chosen])
        self.went[kind].append(well)
        return loss

    def report(self) -> dict[str, float]:
        """The mean of the last batches by kind: of the cosine with the teacher, or of the share of right answers."""
        return {kind: round(float(np.mean(went)), 3) for kind, went in self.went.items() if went}

    def state(self) -> dict[str, Any]:
        return {"random": self.random.getstate(), "waiting": self.waiting}

    def restore(self, state: dict[str, Any]) -> None:
        self.random.setstate(state["random"])
        self.waiting = state["waiting"]

    def _draw(self, kind: str) -> list[int]:
        """Numbers of the next items of this kind."""
        size = self.phase.sizes[kind]
        if len(self.waiting[kind]) < size:
            self.waiting[kind] = self._shuffled(kind)
        chosen, self.waiting[kind] = self.waiting[kind][:size], self.waiting[kind][size:]
        return chosen

    def _shuffled(self, kind: str) -> list[int]:
        """All items in random order; those side by side that share a batch: of translations ones of like length."""
        if kind == "question":
            return grouped(self.material.questions, self.random)
        if kind == "report":
            return self.random.sample(range(len(self.material.lessons)), len(self.material.lessons))
        pairs, size = self.material.translations[kind], self.phase.sizes[kind]
        order = list(range(len(pairs)))
        self.random.shuffle(order)
        near = [order[start : start + size * NEARBY] for start in range(0, len(order), size * NEARBY)]
        near = [sorted(part, key=lambda number: len(pairs[number][0])) for part in near]
        batches = [part[start : start + size] for part in near for start in range(0, len(part), size)]
        self.random.shuffle(batches)
        return [number for batch in batches for number in batch]

    def _side(self, english: float = 0.5) -> int:
        return int(self.random.random() < english)

    def _translations(self, pairs: Sequence[data.Pair]) -> tuple[torch.Tensor, float]:
        """Each text against the teacher's vectors of all English sides; also pulled to its own."""
        texts = [pair[self._side(self.phase.english)] for pair in pairs]
        wanted = np.stack([self.material.vectors[english] for _, english in pairs]).astype(np.float32)
        teacher = functional.normalize(torch.tensor(wanted), dim=1)
        cosines = self.network.vectors(texts, TRANSLATION) @ teacher.T
        own = cosines.diagonal()
        loss = contrast(cosines, (teacher @ teacher.T > ALIKE).fill_diagonal_(False)) + 2 * (1 - own).mean()
        return loss, float(own.detach().mean())

    def _questions(self, drawn: Sequence[Asked]) -> tuple[torch.Tensor, float]:
        """Each question against all passages, either in either language; passages of the same text are no negatives."""
        asked = self.network.vectors([each.question[self._side()] for each in drawn], QUESTION)
        told = self.network.vectors([each.passage[self._side()] for each in drawn], PASSAGE)
        same = torch.tensor([[i != j and bool(a.of & b.of) for j, b in enumerate(drawn)] for i, a in enumerate(drawn)])
        cosines = asked @ told.T
        right = cosines.masked_fill(same, -1.0).argmax(1) == torch.arange(len(drawn))
        return contrast(cosines, same), float(right.float().mean())

    def _reports(self, drawn: Sequence[Lesson]) -> tuple[torch.Tensor, float]:
        """A question of each report against all sentences of all; and each answer against all questions.

        For an answer the questions that its report leaves open are among the negatives.
        """
        questions: list[str] = []
        sentences: list[str] = []
        gold: list[int] = []
        for lesson in drawn:
            told = (lesson.ko, lesson.en)[self._side()]
            question = self.random.choice(lesson.answered())
            questions.append((question.ko, question.en)[self._side()])
            gold.append(len(sentences) + (question.sentence or 0))
            sentences += told
        for lesson in drawn:
            if lesson.unanswered():
                open_one = self.random.choice(lesson.unanswered())
                questions.append((open_one.ko, open_one.en)[self._side()])
        asked, told_all = self.network.vectors(questions, QUESTION), self.network.vectors(sentences, SENTENCE)
        places, count = torch.tensor(gold), len(drawn)
        forth, back = asked[:count] @ told_all.T / TEMPERATURE, told_all[places] @ asked.T / TEMPERATURE
        loss = functional.cross_entropy(forth, places) + 0.5 * functional.cross_entropy(back, torch.arange(count))
        return loss, float((forth.argmax(1) == places).float().mean())


def contrast(cosines: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """Symmetric cross-entropy over cosines (n, n) with the right ones on the diagonal; ``same`` are no negatives."""
    logits, gold = (cosines / TEMPERATURE).masked_fill(same, SAME), torch.arange(len(cosines))
    return (functional.cross_entropy(logits, gold) + functional.cross_entropy(logits.T, gold)) / 2


def gather(source: Path, corpus: Corpus, work: Path, seed: int) -> Material:
    """Everything that is learnt from; the teacher's vectors are kept under ``work``."""
    lessons = data.read_lessons()
    translations = data.distillation(source, corpus, lessons, seed)
    vectors = teacher_vectors((english for pairs in translations.values() for _, english in pairs), work)
    sections = random.Random(seed + 2).sample(corpus.pairs["heading"], len(corpus.pairs["heading"]))
    asked = gather_questions(corpus.kept_passages(), lessons, sections)
    return Material(translations, asked, lessons, vectors)


def course(network: Transformer, phase: Phase, material: Material, steps: int, seed: int) -> Course:
    """The network on its way through a phase; of the body too, where the phase is ``BODY``."""
    optimizers: list[torch.optim.Optimizer] = [torch.optim.SparseAdam([network.ko], lr=RATE_ROWS, betas=(0.9, 0.99))]
    body = network.unfreeze() if phase is BODY else []
    if body:
        optimizers.append(torch.optim.AdamW(body, lr=RATE_BODY, weight_decay=0.01))
    least = 0.02 if body else 0.03
    schedules = [schedule(optimizer, steps, 60, least) for optimizer in optimizers]
    return Course(network, Drawing(network, phase, material, seed), optimizers, schedules, body)


def fit(source: Path, work: Path, steps: Sequence[int], seed: int, start: Path | None = None) -> Transformer:
    """The trained network; kept as ``encoder.pt`` under ``work``, from where it is taken if it is there.

    :param start: a model folder from which the second phase goes on, in place of the first.
    """
    corpus = data.read_corpus(source)
    network = Transformer.shipped(start) if start else Transformer(vocabulary.start(source, corpus, work))
    finished = work / "encoder.pt"
    if finished.is_file():
        log.info("%s is there: nothing to train. Delete it, and *.pt beside it, to train anew.", finished)
        network.load_state_dict(torch.load(finished))
        return network
    material = gather(source, corpus, work, seed)
    for number, (phase, length) in enumerate(zip((ROWS, BODY), steps, strict=True), 1):
        if start and phase is ROWS:
            continue

        def tell(step: int, phase: Phase = phase, length: int = length) -> None:
            if step % phase.measured == 0 or step == length:
                log.info("held back: %s", json.dumps(measure(network.encode, corpus, OTHERS)))

        learning = course(network, phase, material, length, seed + number)
        follow(learning, length, work / f"phase{number}.pt", seed, after=tell)
    save(network.state_dict(), finished)
    return network


def train(source: Path, out: Path, work: Path, steps: Sequence[int] = STEPS, seed: int = 0, on: bool = False) -> None:
    """Learn the encoder from ``source`` and write the model folder ``out`` with its card.

    ``on``: from the one that ``out`` holds, by the second phase alone.
    """
    torch.manual_seed(seed)
    fit(source, work, steps, seed, out if on else None).ship(out)
    told = f"--steps {steps[0]} {steps[1]} --seed {seed}{' --on' * on}"
    card.write(source, out, f"python -m index.train encoder --data ../shared {told}")
