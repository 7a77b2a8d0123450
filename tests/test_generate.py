"""Which sentences an extracted answer quotes."""

from __future__ import annotations

from dataclasses import replace

from rag.generate import choose
from scripted import evidence


def quoted(*chances: float) -> int:
    """Of how many sentences with these chances, in this order, an answer has a quote."""
    texts = [f"Number {number} of the line leaves the harbour." for number in range(len(chances))]
    ranked = [replace(evidence(text, f"a{n}")[0], chance=chances[n]) for n, text in enumerate(texts)]
    return len(list(choose(ranked, "en")))


def test_sentences_whose_odds_are_near_the_best_ones_are_quoted_with_it() -> None:
    assert quoted(0.6, 0.5, 0.3) == 3


def test_of_near_certain_sentences_one_whose_odds_are_far_below_is_left_out() -> None:
    assert quoted(0.99999, 0.9999, 0.9) == 2


def test_the_best_sentence_is_quoted_however_unlikely() -> None:
    assert quoted(1e-12, 1e-12) == 2 and quoted(0.0) == 1


def test_certainty_itself_is_no_error() -> None:
    assert quoted(1.0, 1.0) == 2
