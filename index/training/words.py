"""Learning the static table: one row per piece of a Korean–English vocabulary, a text being the mean of its rows.

The rows start where knowledge is cheap (:mod:`index.training.word_rows`) and end where evidence is: contrast over
translation pairs and question–passage pairs (in-batch negatives, Henderson et al. 2017) moves them.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from tokenizers import Tokenizer

from index.training import word_folder
from index.training.data import Corpus, Pair, read_corpus
from index.training.recall import measure
from index.training.teacher import teacher_folder
from index.training.word_rows import build_tokenizer, distil, english_pieces, first_rows, korean_pieces, project, unit

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float32]

DIMENSIONS = 256
STEPS = 800
BATCH = 384
SCALE = 20.0  # the inverse temperature of sentence-transformers' MultipleNegativesRankingLoss
SHARES = {"sentence": 0.25, "question": 0.2, "lexicon": 0.15, "bag": 0.15, "technical": 0.15, "heading": 0.1}
CROPPED = 0.3  # share of the translation batches in which one side is cut down to an excerpt
SAME_SIDE = 0.15  # share of those in which the excerpt is sought in its own text
WINDOW = 96  # longest training text in pieces: a passage is shorter

Pieces = npt.NDArray[np.int64]


@dataclass(slots=True)
class Table:
    """The rows that are learnt: a direction and the logarithm of a weight for each piece."""

    directions: torch.nn.Parameter
    weights: torch.nn.Parameter

    @classmethod
    def start(cls, first: Array) -> Table:
        """Splits rows (pieces, dimensions) into directions and weights."""
        lengths = np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-3)
        directions, weights = torch.tensor(first / lengths), torch.tensor(np.log(lengths))
        return cls(torch.nn.Parameter(directions), torch.nn.Parameter(weights))

    def bag(self, texts: Sequence[Pieces]) -> torch.Tensor:
        """Vectors (len(texts), dimensions) of length 1."""
        ids = torch.from_numpy(np.concatenate(texts))
        offsets = torch.tensor(np.cumsum([0] + [len(text) for text in texts[:-1]]))
        weights = functional.embedding(ids, self.weights, sparse=True).squeeze(1).exp()
        total = functional.embedding_bag(
            ids, self.directions, offsets, mode="sum", per_sample_weights=weights, sparse=True
        )
        return functional.normalize(total, dim=1)

    def rows(self) -> Array:
        """The weighted rows, (pieces, dimensions)."""
        folded: Array = (self.directions * self.weights.exp()).detach().numpy()
        return folded


class Batches:
    """Endless batches of pairs, one kind at a time so that the negatives are hard; seeded."""

    def __init__(self, tokenizer: Tokenizer, pairs: dict[str, list[Pair]], size: int, seed: int) -> None:
        self.size = size
        self.random = np.random.default_rng(seed)
        self.tokenizer = tokenizer
        self.pairs = {kind: np.array(these, dtype=object) for kind, these in pairs.items()}

    def _pieces(self, texts: Sequence[str]) -> list[Pieces]:
        """Piece ids of each text; a text without a known piece is the zero row."""
        encodings = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.array(encoding.ids or [0], dtype=np.int64) for encoding in encodings]

    def draw(self) -> tuple[list[Pieces], list[Pieces], torch.Tensor]:
        """Left texts, right texts, and which off-diagonal cells are no negatives because a text is the same."""
        kind = self.random.choice(list(SHARES), p=list(SHARES.values()))
        if kind == "bag":
            return self._phrase_bags()
        these = self.pairs[kind]
        drawn = these[self.random.choice(len(these), size=min(self.size, len(these)), replace=False)]
        left, right = ([self._window(text) for text in self._pieces(drawn[:, side].tolist())] for side in (0, 1))
        numbers = np.stack([np.unique(drawn[:, side], return_inverse=True)[1] for side in (0, 1)], axis=1)
        same = torch.tensor((numbers[:, None] == numbers[None, :]).any(axis=2)).fill_diagonal_(False)
        if kind in ("sentence", "technical") and self.random.random() < CROPPED:
            left, right = (left, right) if self.random.random() < 0.5 else (right, left)
            left = right if self.random.random() < SAME_SIDE else left
            left = [self._excerpt(text) for text in left]
        return left, right, same

    def _phrase_bags(self) -> tuple[list[Pieces], list[Pieces], torch.Tensor]:
        """Two to eight lexicon rows thrown together: made-up sentences that teach every word of the lexicon."""
        sizes = self.random.integers(2, 9, size=self.size)
        these = self.pairs["lexicon"]
        drawn = these[self.random.integers(len(these), size=int(sizes.sum()))]
        groups = np.split(drawn, np.cumsum(sizes)[:-1])
        left, right = (self._pieces([" ".join(group[:, side]) for group in groups]) for side in (0, 1))
        return left, right, torch.zeros(self.size, self.size, dtype=torch.bool)

    def _window(self, text: Pieces) -> Pieces:
        """At most ``WINDOW`` pieces in a row."""
        start = int(self.random.integers(max(1, len(text) - WINDOW + 1)))
        return text[start : start + WINDOW]

    def _excerpt(self, text: Pieces) -> Pieces:
        """Up to a third of the text, as a question holds some of what its passage says."""
        if len(text) < 6:
            return text
        length = int(self.random.integers(3, max(4, len(text) // 3) + 1))
        start = int(self.random.integers(len(text) - length + 1))
        return text[start : start + length]


def contrast(left: torch.Tensor, right: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """Symmetric in-batch cross-entropy over cosines."""
    scores = (SCALE * left @ right.T).masked_fill(same, -1e4)
    gold = torch.arange(len(scores))
    return (functional.cross_entropy(scores, gold) + functional.cross_entropy(scores.T, gold)) / 2


def fit(tokenizer: Tokenizer, first: Array, corpus: Corpus, work: Path, steps: int, seed: int) -> Array:
    """Moves the starting rows by ``steps`` batches; writes the rows under ``work`` every 200."""
    batches = Batches(tokenizer, corpus.pairs, BATCH, seed)
    table = Table.start(first)
    optimizers = [
        torch.optim.SparseAdam([table.directions], lr=3e-3, betas=(0.9, 0.99)),
        torch.optim.SparseAdam([table.weights], lr=1e-2, betas=(0.9, 0.99)),
    ]
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(each, lambda step: min(1.0, (step + 1) / 50) * (1.02 - step / steps))
        for each in optimizers
    ]
    for step in range(1, steps + 1):
        left, right, same = batches.draw()
        loss = contrast(table.bag(left), table.bag(right), same)
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()  # type: ignore[no-untyped-call]
            schedule.step()
        if step % 200 == 0 or step == steps:
            np.save(work / "rows.npy", table.rows())
            log.info("step %d, held back: %s", step, json.dumps(figures(tokenizer, table.rows(), corpus)))
    return table.rows()


def encode(tokenizer: Tokenizer, table: Array, texts: Sequence[str]) -> Array:
    """Vectors (len(texts), dimensions) of length 1, as index.embed computes them."""
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return unit(np.stack([table[encoding.ids].sum(axis=0) for encoding in encodings]))


def figures(tokenizer: Tokenizer, table: Array, corpus: Corpus) -> dict[str, float]:
    """The held-back figures of the rows; a sentence looks for its translation among all training sentences as well."""
    return measure(lambda texts: encode(tokenizer, table, texts), corpus)


def start(corpus: Corpus, work: Path, seed: int) -> tuple[Tokenizer, Array]:
    """Tokenizer and starting rows; kept under ``work``, so that a second run goes straight to training."""
    saved = work / "tokenizer.json", work / f"first-{DIMENSIONS}.npy"
    if all(path.is_file() for path in saved):
        return Tokenizer.from_file(str(saved[0])), np.load(saved[1])
    from kiwipiepy import Kiwi

    kiwi, teacher = Kiwi(), teacher_folder()
    pieces = english_pieces(teacher, corpus)
    tokenizer = build_tokenizer(pieces, korean_pieces(kiwi, corpus))
    tokenizer.save(str(saved[0]), pretty=False)
    log.info("tokenizer of %d pieces", tokenizer.get_vocab_size())
    vectors = unit(project(distil(teacher, pieces), DIMENSIONS))
    # Zipf weights as in model2vec: a piece counts by the logarithm of its rank.
    english = {
        piece: vectors[rank] * math.log(min(rank, 20_000) + 2) / math.log(20_000) for rank, piece in enumerate(pieces)
    }
    first = first_rows(tokenizer, corpus, english, kiwi, seed)
    np.save(saved[1], first)
    return tokenizer, first


def train(data: Path, out: Path, work: Path, steps: int = STEPS, seed: int = 0) -> None:
    """Reads ``data``, starts, trains, measures, and writes the folder ``out``."""
    work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    corpus = read_corpus(data)
    log.info("pairs: %s", {kind: len(pairs) for kind, pairs in corpus.pairs.items()})
    tokenizer, first = start(corpus, work, seed)
    log.info("before training: %s", json.dumps(figures(tokenizer, first, corpus)))
    table = fit(tokenizer, first, corpus, work, steps, seed)
    made = {"dimensions": DIMENSIONS, "batch": BATCH, "steps": steps, "seed": seed}
    digest = word_folder.save(out, tokenizer, table, word_folder.card(made, figures(tokenizer, table, corpus)))
    log.info("wrote %s, sha256 %s", out, digest)
