"""Text to the pieces of a unigram language model (Kudo 2018, *Subword Regularization*, section 3.2).

Reads the ``tokenizer.json`` of the tokenizers library and gives the same ids. That library's own model takes 65 MB and a
third of a second for 70,000 pieces, which is too much beside the 400 MB and the 2.5 s that a first answer may take; its
normaliser and its splitter into words, which take little, are used as they are.
"""

from __future__ import annotations

import functools
import json
import math
from array import array
from pathlib import Path

WORDS = 20_000  # words of which the pieces are remembered
PENALTY = 10.0  # what a character in no piece scores below the worst piece, as in the library


class Unigram:
    """The pieces of words, the likeliest ones that make up each.

    :param path: a ``tokenizer.json`` whose model is a ``Unigram``.
    :raises ValueError: if its model is of another kind.
    """

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        stored = json.loads(path.read_text(encoding="utf-8"))
        model = stored["model"]
        if model["type"] != "Unigram":
            raise ValueError(f"{path}: expected a model of type Unigram, got {model['type']}")
        vocabulary = model["vocab"]
        self._ids = {piece: number for number, (piece, _) in enumerate(vocabulary)}
        self._scores = array("d", (score for _, score in vocabulary))
        self._unknown = int(model["unk_id"])
        self._unlikely = min(self._scores) - PENALTY
        self._longest = max(map(len, self._ids))
        stored["model"] = {**model, "vocab": [vocabulary[self._unknown]], "unk_id": 0}
        self._outer = Tokenizer.from_str(json.dumps(stored))
        self._word = functools.lru_cache(maxsize=WORDS)(self._cut)

    def ids(self, text: str) -> list[int]:
        """The ids of the pieces of ``text``, in order."""
        normal = self._outer.normalizer.normalize_str(text)
        return [i for word, _ in self._outer.pre_tokenizer.pre_tokenize_str(normal) for i in self._word(word)]

    def _cut(self, word: str) -> tuple[int, ...]:
        """The likeliest pieces of one word (Viterbi); neighbouring unknown characters are one unknown piece."""
        size = len(word)
        best, before, pieces = [0.0] + [-math.inf] * size, [0] * (size + 1), [self._unknown] * (size + 1)
        for start in range(size):
            for end in range(start + 1, min(size, start + self._longest) + 1):
                number = self._ids.get(word[start:end])
                if number is None and end > start + 1:
                    continue
                score = best[start] + (self._unlikely if number is None else self._scores[number])
                if score > best[end]:
                    best[end], before[end], pieces[end] = score, start, self._unknown if number is None else number
        found: list[int] = []
        while size:
            if not (found and found[-1] == pieces[size] == self._unknown):
                found.append(pieces[size])
            size = before[size]
        return tuple(reversed(found))
