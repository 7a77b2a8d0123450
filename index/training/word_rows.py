"""Where the static table starts: its pieces of Korean and English, and a first row for each.

English rows are what all-MiniLM-L6-v2 says of each piece alone (model2vec, Minish 2024), Korean rows are the English
rows of their lexicon translations, Korean words that the lexicon lacks borrow from their nearest neighbours in Kiwi's
morpheme embeddings.
"""

from __future__ import annotations

import logging
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from index.training.data import Corpus

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float32]

KOREAN_PIECES = 26_000
CONTENT = frozenset(["NNG", "NNP", "NR", "MAG", "MM", "VV", "VA", "XR", "XPN", "XSN", "SL"])


def english_pieces(teacher: Path, corpus: Corpus) -> list[str]:
    """The teacher's Latin word pieces, commonest first, continuation marks dropped, and the words of our own data."""
    lines = (teacher / "vocab.txt").read_text(encoding="utf-8").splitlines()
    words = [piece for piece in lines[1996:] if re.fullmatch("[a-z]{2,}", piece)]
    parts = [piece[2:] for piece in lines if re.fullmatch("##[a-z]{2,}", piece)]
    texts = [text for _, english in corpus.lexicon for text in english]
    texts += [pair[1] for pair in corpus.pairs["sentence"]]
    seen = Counter(word for text in texts for word in re.findall("[a-z]{3,}", text.lower()))
    return list(dict.fromkeys([*words, *(word for word, count in seen.most_common() if count > 1), *parts]))


def korean_pieces(kiwi: Any, corpus: Corpus) -> Counter[str]:
    """Surface pieces of Korean with pseudo-counts: Kiwi's own vocabulary, the lexicon, and cut running text."""
    counts: Counter[str] = Counter()
    for rank in range(40, 65_000):
        token = kiwi.morpheme(rank)
        if token.tag in CONTENT and re.fullmatch("[가-힣]{2,}", token.form) and len(counts) < KOREAN_PIECES:
            counts[token.form] += int(3e6 / (rank + 100)) + 5
    for korean, _ in corpus.lexicon:
        for word in " ".join(korean).split():
            if re.fullmatch("[가-힣]{2,6}", word):
                counts[word] += 30
    texts = [pair[0] for pair in corpus.pairs["sentence"]] * 5 + [pair[0] for pair in corpus.pairs["technical"][::12]]
    for text, tokens in zip(texts, kiwi.tokenize(texts), strict=True):
        counts.update(surfaces(unicodedata.normalize("NFC", text), tokens))
    return counts


def surfaces(text: str, tokens: Sequence[Any]) -> Iterator[str]:
    """Hangul runs of the text between morpheme borders; contracted morphemes share one run."""
    borders = sorted({token.start for token in tokens} | {token.end for token in tokens})
    for start, end in zip(borders, borders[1:], strict=False):
        if re.fullmatch("[가-힣]+", text[start:end]):
            yield text[start:end]


def build_tokenizer(english: Sequence[str], korean: Counter[str]) -> Tokenizer:
    """A unigram tokenizer (Kudo 2018) over both scripts; one row serves a piece wherever it stands in a word."""
    total = sum(korean.values())
    syllables = {bytes([high, low]).decode("euc-kr") for high in range(0xB0, 0xC9) for low in range(0xA1, 0xFF)}
    pieces = {piece: math.log(count / total) for piece, count in korean.items() if count > 4 or len(piece) == 1}
    for syllable in sorted(syllables):
        pieces.setdefault(syllable, math.log(1 / total))
    for rank, piece in enumerate(english):
        pieces[piece] = -math.log(rank + 50) - 3
    digits = [str(number) for number in [*range(1000), *range(1800, 2100)]] + ["00", "000"]
    pieces.update({piece: -2.0 - 3 * (len(piece) == 1) for piece in digits})
    pieces.update({chr(code): -14.0 for code in range(33, 127) if chr(code).lower() not in pieces})
    tokenizer = Tokenizer(models.Unigram([("[UNK]", -30.0), *((p, round(s, 3)) for p, s in pieces.items())], 0, False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.NFKC()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.BertPreTokenizer(), pre_tokenizers.UnicodeScripts(), pre_tokenizers.Digits()]
    )
    return tokenizer


def distil(teacher: Path, pieces: Sequence[str]) -> Array:
    """The teacher's mean-pooled vector of each English piece alone, (n, 384), centred."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(teacher), device="cpu")
    vectors = model.encode(list(pieces), batch_size=512, normalize_embeddings=True, show_progress_bar=False)
    centred: Array = np.asarray(vectors - vectors.mean(axis=0), dtype=np.float32)
    return centred


def project(vectors: Array, dimensions: int) -> Array:
    """Principal components, (n, dimensions): fewer numbers, and no direction that all words share."""
    _, values, axes = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    log.info(
        "%d of %d dimensions keep %.3f of the variance",
        dimensions,
        vectors.shape[1],
        float((values[:dimensions] ** 2).sum() / (values**2).sum()),
    )
    projected: Array = (vectors @ axes[:dimensions].T).astype(np.float32)
    return projected


def unit(vectors: Array) -> Array:
    """Rows scaled to length 1; a zero row stays zero."""
    scaled: Array = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return scaled


def first_rows(tokenizer: Tokenizer, corpus: Corpus, english: dict[str, Array], kiwi: Any, seed: int) -> Array:
    """Starting rows (pieces, dimensions), weighted so that common pieces count for little (SIF, Arora et al. 2017)."""
    vocabulary = tokenizer.get_vocab()
    dimensions = len(next(iter(english.values())))
    table: Array = np.random.default_rng(seed).normal(size=(len(vocabulary), dimensions)).astype(np.float32)
    table = unit(table) * 0.3
    for piece, vector in english.items():
        table[vocabulary[piece]] = vector
    for piece, vector in korean_vectors(tokenizer, corpus, table, kiwi).items():
        table[vocabulary[piece]] = vector
    for piece, row in vocabulary.items():
        if not piece.isalnum():
            table[row] *= 0.1
    table[0] = 0.0
    return table


def korean_vectors(tokenizer: Tokenizer, corpus: Corpus, table: Array, kiwi: Any) -> dict[str, Array]:
    """Korean pieces through the lexicon, then through their neighbours among Kiwi's morphemes."""
    meaning: dict[str, list[Array]] = {}
    for korean, english in corpus.lexicon:
        bags = [unit(table[tokenizer.encode(text, add_special_tokens=False).ids].sum(axis=0)) for text in english]
        vector = unit(np.sum([bag / (order + 1) for order, bag in enumerate(bags)], axis=0))
        for order, form in enumerate(korean):
            for stem in {form, re.sub("(하다|되다|다)$", "", form)}:
                meaning.setdefault(stem, []).append((vector / (order + 1)).astype(np.float32))
    vocabulary = tokenizer.get_vocab()
    known = {form: unit(np.sum(vectors, axis=0)) for form, vectors in meaning.items()}
    borrowed: dict[str, Array] = {}
    for rank in range(40, 65_000):
        token = kiwi.morpheme(rank)
        if token.tag in CONTENT and token.form in vocabulary and not (token.form in known or token.form in borrowed):
            near = neighbourhood(kiwi, rank, known)
            if near is not None:
                borrowed[token.form] = near
    log.info("Korean words with a meaning: %d from the lexicon, %d from neighbours", len(known), len(borrowed))
    weights = salience(kiwi)
    vectors = {**borrowed, **known}
    return {form: vector * weights.get(form, 1.0) for form, vector in vectors.items() if form in vocabulary}


def neighbourhood(kiwi: Any, rank: int, known: dict[str, Array]) -> Array | None:
    """What the nearest morphemes with a known meaning say, or None where none is near."""
    near = [(n.score, known[n.form]) for n in kiwi.most_similar_morphemes(rank, top_n=40) if n.form in known]
    near = [(score, vector) for score, vector in near[:8] if score > 0.4]
    if not near:
        return None
    return unit(np.sum([math.exp(10 * (score - 1)) * vector for score, vector in near], axis=0))


def salience(kiwi: Any) -> dict[str, float]:
    """Zipf weights log(1 + rank) as in model2vec, scaled to about 1 for an ordinary noun."""
    weights: dict[str, float] = {}
    for rank in range(40, 65_000):
        token = kiwi.morpheme(rank)
        weights.setdefault(token.form, math.log(rank) / 9 if token.tag in CONTENT else 0.05)
    return weights
