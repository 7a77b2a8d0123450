"""Reading a question together with a passage: a small cross-encoder over Korean and English, in all four directions.

Question and passage go through one transformer, so that word order and roles count, which no comparison of two vectors
sees. For each sentence it tells how much likelier it is to hold the answer than that the passage holds none, as readers
of SQuAD 2.0 do (Devlin et al. 2019, section 4.3, the first token standing for "no answer").
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.korean import HANGUL, tags
from index.network import MODEL, Network, Row, States, Vocabulary

READER, GRAPH = Path(__file__).parent / "reader", "reader.onnx"  # the model's folder, and its graph in it
ASKED, LONGEST = 64, 384  # tokens read of a question, and of question and passage together
SIGNS = 3  # what a token is told of the other text: see :func:`met`
UNMET = 0.35  # cosine below which a word of the question counts as not met
NONE = -1  # the place of a token that is in no sentence
WORDS = 24  # tokens of the longest answer
NOMINAL = ("N", "SN", "SL", "SH", "XSN", "XPN", "XR")  # tags of what goes on with a noun
_OPEN = " \t\n.,;:!?…"  # what no answer ends with
Mask = npt.NDArray[np.bool_]
LOWEST = -30.0  # the log-odds of a sentence that was not read to its beginning


@dataclass(frozen=True, slots=True)
class Sheet:
    """Question and passage as one row of tokens; ``places`` tells of each token which sentence it is in, or ``NONE``."""

    row: Row
    places: npt.NDArray[np.int64]


class Words(NamedTuple):
    """The likeliest words of a sentence to be the answer: a span of its characters, and their chance, if it answers.

    The chance is the product of those of both ends, 0 to 1; what was not read has an empty span.
    """

    start: int
    end: int
    chance: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a passage says to a question.

    ``odds`` (sentences,) are log-odds: that the answer begins in the sentence, against that it is nowhere here.
    """

    odds: States
    words: tuple[Words, ...]


class CrossEncoder:
    """Judges the sentences of passages by a question.

    :param network: gives two logits per token: that the answer begins there, and that it ends there.
    """

    def __init__(self, network: Network) -> None:
        self._network = network

    def read(self, question: str, passages: Sequence[Sequence[str]]) -> list[Reading]:
        """One reading for each passage, which is given as its sentences."""
        known = self._network.vocabulary
        (asked,) = known.pieces([question])
        sheets = [sheet(known, asked, [known.laid(sentence)[0] for sentence in each]) for each in passages]
        found: dict[int, Reading] = {}
        # A few rows of unlike length: one by one they take a quarter less time than padded to the longest.
        for chosen, logits, _ in self._network.run([each.row for each in sheets], batch=1):
            for number, rows in zip(chosen, logits, strict=True):
                found[number] = judge(known, sheets[number], rows, passages[number])
        return [found[number] for number in range(len(passages))]


def judge(known: Vocabulary, laid: Sheet, logits: States, sentences: Sequence[str]) -> Reading:
    """What the logits (tokens, 2) of a sheet say of its sentences."""
    odds = np.full(len(sentences), LOWEST, np.float32)
    words = [Words(0, 0, 0.0)] * len(sentences)
    for place, sentence in enumerate(sentences):
        inside = np.flatnonzero(laid.places == place)
        if len(inside):
            odds[place] = np.logaddexp.reduce(logits[inside, 0]) - logits[0, 0]
            offsets = known.offsets(sentence)[: len(inside)]
            begins, ends = borders(sentence, offsets)
            first, last, chance = likeliest(logits[inside], begins, ends > 0)
            words[place] = Words(offsets[first][0], int(ends[last]) or offsets[last][1], chance)
    return Reading(odds, tuple(words))


def borders(sentence: str, offsets: Sequence[tuple[int, int]]) -> tuple[Mask, npt.NDArray[np.int64]]:
    """Which of the tokens at ``offsets`` an answer may begin with, and where in each it may end; 0 for nowhere.

    It begins and ends where words do; a Korean word ends before its particle, which may be in the same token.
    """
    places = _word_ends(sentence)
    begins = [start == 0 or not (sentence[start - 1].isalnum() and sentence[start].isalnum()) for start, _ in offsets]
    ends = [max((place for place in range(start + 1, end + 1) if place in places), default=0) for start, end in offsets]
    return np.array(begins), np.array(ends, dtype=np.int64)


@functools.lru_cache(maxsize=4000)
def _word_ends(sentence: str) -> frozenset[int]:
    """The places in ``sentence`` at which a word ends that may be the last one of an answer."""
    ends = (place for place in range(1, len(sentence) + 1) if sentence[place - 1] not in _OPEN)
    found = {place for place in ends if not sentence[place - 1 : place + 1].isalnum() or place == len(sentence)}
    if not HANGUL.search(sentence):
        return frozenset(found)
    for _, tag, start, end, _ in tags(sentence):
        if start and not tag.startswith(NOMINAL):
            found.add(start)
        if tag.startswith("J"):
            found.discard(end)
    return frozenset(found)


def likeliest(logits: States, begins: Mask, ends: Mask) -> tuple[int, int, float]:
    """The first and last token of the likeliest answer within a sentence, by its logits (tokens, 2), and its chance.

    The sum of both logits decides, among spans of at most ``WORDS`` tokens, as usual for SQuAD (Devlin et al. 2019), that
    begin and end where ``begins`` and ``ends`` (tokens,) allow it. Where they allow none, all spans are looked at.
    """
    within = np.triu(np.ones((len(logits), len(logits)), dtype=bool))
    within &= ~np.triu(within, WORDS)
    allowed = within & begins[:, None] & ends[None, :]
    if not allowed.any():
        allowed, begins, ends = within, np.ones_like(begins), np.ones_like(ends)
    sums = logits[:, :1] + logits[:, 1][None, :]
    first, last = np.unravel_index(int(np.where(allowed, sums, -np.inf).argmax()), sums.shape)
    certain = sums[first, last] - np.logaddexp.reduce(logits[begins, 0]) - np.logaddexp.reduce(logits[ends, 1])
    return int(first), int(last), float(np.exp(certain))


def sheet(known: Vocabulary, asked: Sequence[int], sentences: Sequence[Sequence[int]]) -> Sheet:
    """Lay out the pieces of a question and of a passage's sentences; what is too long is cut."""
    asked = list(asked[:ASKED])
    told = [piece for sentence in sentences for piece in sentence]
    places = [number for number, sentence in enumerate(sentences) for _ in sentence]
    room = LONGEST - len(asked) - 3
    told, places = told[:room], places[:room]
    before = len(asked) + 2
    match = np.zeros((before + len(told) + 1, SIGNS), np.float32)
    if asked and told:
        match[1 : 1 + len(asked)], match[before:-1] = met(known, asked, told)
    ids = [known.start, *asked, known.end, *told, known.end]
    row = Row(ids, [0] * before + [1] * (len(told) + 1), match)
    return Sheet(row, np.array([NONE] * before + places + [NONE], np.int64))


def met(known: Vocabulary, asked: Sequence[int], told: Sequence[int]) -> tuple[States, States]:
    """How each token of either text is met by the other: (asked, SIGNS) and (told, SIGNS).

    The best cosine of their embeddings with those of the other text, in [0, 1]; 1 for the same piece; and 1 for a piece
    of the question that nothing in the passage is near.
    """
    ours, theirs = (_directions(known, ids) for ids in (asked, told))
    cosines = np.maximum(ours @ theirs.T, 0.0)
    same = np.equal.outer(np.asarray(asked), np.asarray(told))
    nearest = cosines.max(axis=1)
    left = np.stack([nearest, same.any(axis=1), nearest < UNMET], axis=1)
    right = np.stack([cosines.max(axis=0), same.any(axis=0), np.zeros(len(told))], axis=1)
    return left.astype(np.float32), right.astype(np.float32)


def _directions(known: Vocabulary, ids: Sequence[int]) -> States:
    rows = known.embeddings(np.asarray(ids, np.int64)) - known.middle
    scaled: States = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return scaled


@functools.cache
def load_reader() -> CrossEncoder:
    """The bundled cross-encoder, one per process."""
    return CrossEncoder(Network(READER / GRAPH, vocabulary()))


@functools.cache
def vocabulary(folder: Path = READER) -> Vocabulary:
    """The encoder's pieces with a cross-encoder's own embeddings, so that the encoder can learn on without it."""
    return Vocabulary(folder, MODEL)
