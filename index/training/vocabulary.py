"""The transformer's vocabulary: MiniLM's English word pieces, Korean ones beside them, and a first row for each.

English pieces keep MiniLM's rows. A Korean piece starts from the rows of the English words that the static table of
:mod:`index.training.words` holds nearest to it.
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from index.embed import load_words
from index.training.data import Corpus, names
from index.training.teacher import teacher_folder

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float32]

KOREAN_PIECES = 31_000
CONTENT = frozenset(["NNG", "NNP", "NR", "MAG", "MM", "VV", "VA", "XR"])
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
SIGNS = frozenset("°±·×–—‘’“”…€£¥²³→←")
# Chinese characters that Korean headlines use as abbreviations, of those that MiniLM knows.
HANJA = "美中日北韓英與野靑檢前現新故銀株億兆獨佛露印女男軍黨"
ALWAYS = 10**6  # the count of a piece that must not be left out
NEIGHBOURS, SHARPNESS, NEAR = 8, 18.0, 0.3  # how many words a row starts from, how unevenly, and the least cosine


@dataclass(frozen=True, slots=True)
class Start:
    """A tokenizer and its first rows (pieces, 384); the ``english`` pieces come first."""

    tokenizer: Tokenizer
    first: Array
    english: int


@dataclass(slots=True)
class _Counts:
    """How often a run of Hangul begins a word, and how often it stands inside one."""

    tagger: Any
    begins: Counter[str] = field(default_factory=Counter)
    inside: Counter[str] = field(default_factory=Counter)

    def read(self, text: str, weight: int = 1) -> None:
        """Count the morphemes of a text."""
        text = unicodedata.normalize("NFC", text).lower()
        for morpheme in self.tagger.parse(text):
            if re.fullmatch("[가-힣]+", morpheme.surface):
                place = morpheme.span.start
                begins = place == 0 or not text[place - 1].isalnum()
                (self.begins if begins else self.inside)[morpheme.surface] += weight

    def commonest(self, most: int) -> list[str]:
        """The commonest pieces, those from inside a word marked ``##``."""
        found = [(count, piece, "") for piece, count in self.begins.items()]
        found += [(count, piece, "##") for piece, count in self.inside.items()]
        found.sort(key=lambda each: (-each[0], each[1]))
        return [mark + piece for _, piece, mark in found[:most]]


def korean_pieces(data: Path, corpus: Corpus) -> list[str]:
    """Pieces of Korean from our own texts, the lexicon, documentation, Kiwi's vocabulary and names."""
    import mecab

    counts = _Counts(mecab.MeCab())
    for korean, _ in corpus.pairs["sentence"]:
        counts.read(korean, 6)
    for forms, _ in corpus.lexicon:
        for form in forms:
            counts.read(form, 4)
            counts.begins.update({word: 4 for word in form.split() if re.fullmatch("[가-힣]{2,5}", word)})
    for korean, _ in corpus.pairs["technical"][::4]:
        counts.read(korean[:400])
    _add_dictionary(counts)
    _add_names(counts, data)
    for syllable in _syllables():
        counts.begins[syllable] += ALWAYS
        counts.inside[syllable] += ALWAYS
    return counts.commonest(KOREAN_PIECES)


def _add_dictionary(counts: _Counts) -> None:
    """Kiwi's content words, which it keeps by rank: about as often as Zipf's law has it."""
    from kiwipiepy import Kiwi

    kiwi = Kiwi()
    for rank in range(40, 65_000):
        token = kiwi.morpheme(rank)
        if token.tag in CONTENT and re.fullmatch("[가-힣]{2,6}", token.form):
            counts.begins[token.form] += int(3e5 / (rank + 300))
            if token.tag in ("NNG", "NNP", "XR"):
                counts.inside[token.form] += int(5e4 / (rank + 300))


def _add_names(counts: _Counts, data: Path) -> None:
    parts = Counter(part for korean, _ in names(data) for part in korean.split() if re.fullmatch("[가-힣]{2,4}", part))
    counts.begins.update({part: count // 2 for part, count in parts.items() if count >= 8})


def _syllables() -> Iterator[str]:
    """The 2,350 syllables of KS X 1001, with which all but rare words can be spelled."""
    for high in range(0xB0, 0xC9):
        for low in range(0xA1, 0xFF):
            yield bytes([high, low]).decode("euc-kr")


def english_pieces(pieces: Sequence[str]) -> list[str]:
    """Of MiniLM's pieces: markers, Latin words and parts of words, single signs, and some Chinese characters."""
    kept = [piece for piece in pieces if piece in SPECIAL or re.fullmatch("(##)?[a-z0-9]+", piece) or _sign(piece)]
    return kept + [sign for sign in HANJA if sign in pieces and sign not in kept]


def _sign(piece: str) -> bool:
    return len(piece) == 1 and (ord(piece) < 128 or piece in SIGNS)


def build_tokenizer(pieces: Sequence[str]) -> Tokenizer:
    """Longest match first (WordPiece), over text without case and Latin accents, Hangul composed."""
    model = models.WordPiece(
        {piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]", max_input_chars_per_word=60
    )
    tokenizer = Tokenizer(model)
    cleaned = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=True
    )
    tokenizer.normalizer = normalizers.Sequence(
        [cleaned, normalizers.NFKD(), normalizers.StripAccents(), normalizers.NFKC()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(mark, pieces.index(mark)) for mark in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def korean_rows(korean: Sequence[str], pieces: Sequence[str], table: Array) -> Array:
    """First rows (len(korean), 384) from the rows ``table`` of MiniLM's ``pieces``."""
    row = {piece: number for number, piece in enumerate(pieces)}
    words = [piece for piece in pieces[1996:] if re.fullmatch("[a-z]{3,}", piece)]
    static = load_words()
    known, rows = static.encode(words), table[[row[word] for word in words]]
    plain: Array = table[[row[word] for word in ("the", "of", "to", "a", "in")]].mean(axis=0)
    first = np.zeros((len(korean), table.shape[1]), np.float32)
    for number, scores in enumerate(_cosines(static.encode([piece.removeprefix("##") for piece in korean]), known)):
        nearest = np.argpartition(-scores, NEIGHBOURS)[:NEIGHBOURS]
        weights = np.exp(SHARPNESS * (scores[nearest] - scores[nearest].max()))
        mixed = weights / weights.sum() @ rows[nearest]
        # What resembles nothing is most often an ending or a particle.
        first[number] = mixed if scores.max() > NEAR else 0.5 * mixed + 0.5 * plain
    return first


def _cosines(vectors: Array, known: Array) -> Iterator[Array]:
    """One row of cosines per vector, computed 2,000 at a time."""
    for start in range(0, len(vectors), 2000):
        yield from vectors[start : start + 2000] @ known.T


def start(data: Path, corpus: Corpus, work: Path) -> Start:
    """Tokenizer and first rows, kept under ``work``."""
    paths = [work / name for name in ("tokenizer.json", "first.npy", "meta.json")]
    if not all(path.is_file() for path in paths):
        _prepare(data, corpus, *paths)
    english = int(json.loads(paths[2].read_text(encoding="utf-8"))["english"])
    return Start(Tokenizer.from_file(str(paths[0])), np.load(paths[1]), english)


def _prepare(data: Path, corpus: Corpus, tokenizer: Path, first: Path, meta: Path) -> None:
    from safetensors.numpy import load_file

    teacher = teacher_folder()
    pieces = (teacher / "vocab.txt").read_text(encoding="utf-8").splitlines()
    table = load_file(teacher / "model.safetensors")["embeddings.word_embeddings.weight"].astype(np.float32)
    english, korean = english_pieces(pieces), korean_pieces(data, corpus)
    log.info("vocabulary: %d English pieces and %d Korean ones", len(english), len(korean))
    build_tokenizer([*english, *korean]).save(str(tokenizer))
    row = {piece: number for number, piece in enumerate(pieces)}
    np.save(first, np.concatenate([table[[row[piece] for piece in english]], korean_rows(korean, pieces, table)]))
    meta.write_text(json.dumps({"english": len(english)}) + "\n", encoding="utf-8")
