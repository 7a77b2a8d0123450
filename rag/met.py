"""How far a question is met in and around each sentence of a passage, and the features that this makes.

What a sentence says of its topic often stands in the sentence before, in the heading, or anywhere in the article, so that
a clue met there counts too, for less the farther away it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rag.match import Matcher

# What a clue counts for that is met in the sentence before, in the passage with its heading, or only in the article.
NEAR, REACH, AWAY = 0.9, 0.7, 0.5
WIDE, EARLIER = 0.8, 3  # what a clue met in one of the sentences before counts for, and how many of them count
LOST = 3  # the heaviest losses that are told


@dataclass(frozen=True)
class Met:
    """How far each clue is met, in [0, 1]; ``own`` and ``soft`` are (sentences, clues), the others (clues,).

    ``own`` by the words of the sentence, ``soft`` also by words near in meaning, ``heading`` by what stands above the
    text, ``wider`` by the passage with it, ``whole`` by the article. ``contexts`` tells for each sentence which others it
    leans on.
    """

    own: np.ndarray
    soft: np.ndarray
    heading: np.ndarray
    wider: np.ndarray
    whole: np.ndarray
    contexts: Sequence[Sequence[int]]

    @cached_property
    def near(self) -> np.ndarray:
        """By the sentence and those it leans on, (sentences, clues)."""
        return self._leaning(self.own)

    @cached_property
    def wide(self) -> np.ndarray:
        """The same, and for less by the sentences before, (sentences, clues)."""
        earlier = [WIDE * self.own[max(0, n - EARLIER) : n].max(axis=0, initial=0.0) for n in range(len(self.own))]
        wide: np.ndarray = np.maximum(self.near, earlier)
        return wide

    def features(self, matcher: Matcher, aim: np.ndarray) -> Mapping[str, np.ndarray]:
        """Each feature of all sentences, (sentences,); ``aim`` (clues,) tells which clues name the thing asked for."""
        near, reach = self.near, np.maximum(self.near, self.wider)
        soft_near, soft_all = self._leaning(self.soft), np.maximum(reach, self.soft.max(axis=0))
        shares = (
            self.soft,
            NEAR * near,
            WIDE * self.wide,
            REACH * reach,
            AWAY * np.broadcast_to(self.whole, near.shape),
        )
        lean, article = np.maximum.reduce(shares), np.maximum(reach, self.whole)
        return {
            "near": matcher.coverage(near),
            "own_local": matcher.coverage(self.own, local=True),
            "near_local": matcher.coverage(near, local=True),
            "wide_local": matcher.coverage(self.wide, local=True),
            "lean": matcher.coverage(lean),
            "lean_local": matcher.coverage(lean, local=True),
            "soft_own": matcher.coverage(self.soft, local=True),
            "soft_near": matcher.coverage(soft_near, local=True),
            **_lost("near", matcher.losses(soft_near, LOST)),
            **_lost("passage", matcher.losses(soft_all, LOST)),
            "name_near": matcher.missing(np.maximum(soft_near, self.heading), names=True),
            **_focused(aim, self.own, soft_near, soft_all),
            "soft_passage": matcher.coverage(soft_all, local=True),
            "soft_missing": matcher.missing(soft_near),
            "passage": matcher.coverage(reach),
            "passage_local": matcher.coverage(reach, local=True),
            "article": matcher.coverage(article),
            "article_local": matcher.coverage(article, local=True),
            "missing": matcher.missing(reach),
            "missing_name": matcher.missing(reach, names=True),
            "missing_figure": matcher.missing(near, figures=True),
        }

    def _leaning(self, met: np.ndarray) -> np.ndarray:
        """What each row and those that it leans on meet."""
        return np.array([met[[number, *leant]].max(axis=0) for number, leant in enumerate(self.contexts)])


def _lost(place: str, losses: np.ndarray) -> dict[str, np.ndarray]:
    return {f"lost_{place}_{rank}": losses[..., rank - 1] for rank in range(1, LOST + 1)}


def _focused(aim: np.ndarray, own: np.ndarray, near: np.ndarray, passage: np.ndarray) -> dict[str, np.ndarray]:
    """How far the thing asked for is met, literally in the sentence, and loosely nearby; 1 where nothing names it."""
    named, rows = bool(aim.any()), np.ones(len(own))
    shares = {"own": own, "near": near, "passage": passage}
    found = {f"focus_{place}": met[:, aim].mean(axis=1) if named else rows for place, met in shares.items()}
    return {"focused": named * rows, **found}
