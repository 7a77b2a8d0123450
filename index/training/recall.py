"""How well vectors find what belongs together, on the tenth of our own data that no model was trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from index.training.data import HELD_BACK, Corpus, Pair

Array = npt.NDArray[np.float32]
Encode = Callable[[Sequence[str]], Array]  # texts to vectors (texts, dimensions) of length 1


def measure(encode: Encode, corpus: Corpus, others: int | None = None) -> dict[str, float]:
    """Recall@1 of passages in four directions, and translation accuracy of sentences.

    A held-back sentence looks for its translation among the others held back and the first ``others`` training
    sentences, or all of them for None.
    """
    return recall(encode, corpus) | translation(encode, corpus.dev_sentences, corpus.pairs["sentence"][:others])


def recall(encode: Encode, corpus: Corpus) -> dict[str, float]:
    """Recall@1 over all passages in both languages, for the questions of the held-back passages.

    Across languages, the passage's twin in the question's own language is taken out of the index.
    """
    passages = corpus.passages
    index = encode([passage[side] for side in ("ko", "en") for passage in passages])
    held = list(range(0, len(passages), HELD_BACK))
    gold = np.array([place for place in held for _ in passages[place]["questions"]])
    found: dict[str, float] = {}
    for asked, twin in (("ko", 0), ("en", len(passages))):
        scores = encode([question[asked] for place in held for question in passages[place]["questions"]]) @ index.T
        for told, offset in (("ko", 0), ("en", len(passages))):
            allowed = scores.copy()
            if told != asked:
                allowed[np.arange(len(gold)), gold + twin] = -1.0
            found[f"{asked}-{told}"] = round(float((allowed.argmax(axis=1) == gold + offset).mean()), 3)
    return found


def translation(encode: Encode, held: Sequence[Pair], others: Sequence[Pair]) -> dict[str, float]:
    """How often a held-back sentence is nearest to its translation, among those of all sentences given."""
    pairs = [*held, *others]
    sides = [encode([pair[side] for pair in pairs]) for side in (0, 1)]
    expected = np.arange(len(held))
    return {
        name: round(float(((left[: len(held)] @ right.T).argmax(axis=1) == expected).mean()), 3)
        for name, left, right in (("translate ko-en", sides[0], sides[1]), ("translate en-ko", sides[1], sides[0]))
    }
