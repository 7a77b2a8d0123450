"""A text folded for matching, with the way back: composed Hangul, half-width digits, plain spaces and dashes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# One user-perceived unit: a conjoining-jamo syllable, or a character with the marks on it.
_CLUSTER = r"[\u1100-\u115f][\u1160-\u11a7]?[\u11a8-\u11ff]?|.[\u0300-\u036f\u11a8-\u11ff\u3099\u309a]*"
_UNCHANGED = re.compile(r"[\x20-\x5f\x61-\x7e가-힣\n]*")
_PIECE = re.compile(rf"(?P<run>[\x20-\x5f\x61-\x7e가-힣\n]+(?![\u0300-\u036f\u11a8-\u11ff]))|{_CLUSTER}", re.DOTALL)
_FOLDS = str.maketrans(
    {
        **dict.fromkeys(map(chr, (9, 11, 12, 13, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x3000)), " "),
        **dict.fromkeys("∼〜～˜", "~"),
        **dict.fromkeys("‐‑‒–−", "-"),
        **dict.fromkeys("‘’`´", "'"),
        **dict.fromkeys("․・‧•ㆍ", "·"),
        "￦": "₩",
        "￥": "¥",
        "²": "2",
        "³": "3",
    }
)


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` is the folded form; ``starts[i]``/``ends[i]`` bound the source of its i-th character."""

    text: str
    starts: list[int] | range
    ends: list[int] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The source span of ``text[start:end]``, which must not be empty."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Fold ``text``, in time linear in its length. NFC and NFD input fold alike."""
    if _UNCHANGED.fullmatch(text):
        return Folded(text, range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _PIECE.finditer(text):
        if match["run"]:
            pieces.append(match["run"])
            starts.extend(range(*match.span()))
            ends.extend(range(match.start() + 1, match.end() + 1))
            continue
        piece = _fold_cluster(match.group())
        pieces.append(piece)
        starts.extend([match.start()] * len(piece))
        ends.extend([match.end()] * len(piece))
    return Folded("".join(pieces), starts, ends)


def _fold_cluster(cluster: str) -> str:
    if len(cluster) > 1:
        return unicodedata.normalize("NFC", cluster)
    code = ord(cluster)
    if 0xFF01 <= code <= 0xFF5D or 0x3371 <= code <= 0x33DF:  # full-width forms and squared units: ８, ％, ㎡, ㎏
        return unicodedata.normalize("NFKC", cluster).translate(_FOLDS)
    # Any other digit-like sign (①, Ⅳ, ½, Arabic-Indic) is left alone, but must not match \d.
    if code > 0x7F and cluster.isdecimal():
        return "\ufffd"
    return unicodedata.normalize("NFC", cluster).translate(_FOLDS)
