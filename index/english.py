"""English (and any other Latin script): terms for search and sentence borders."""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from collections.abc import Callable

import Stemmer

from index.korean import Term
from index.types import Span

_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}"  # U.S., D.C.
    r"|[A-Za-z]&[A-Za-z](?![A-Za-z])"  # R&D
    r"|[0-9]+(?:[.,][0-9]+)*(?![A-Za-z])"  # 2,700
    r"|[A-Za-zÀ-ɏ0-9]*[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9]*"
)

_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:-[a-zà-ɏ]+)?")
_NAME = re.compile(r"\b[A-ZÀ-Þ][A-Za-zÀ-ɏ]*(?:-[a-zà-ɏ]+)?(?: [A-ZÀ-Þ][A-Za-zÀ-ɏ]*(?:-[a-zà-ɏ]+)?)+")

# Function words and words that ask: they say nothing of what is sought.
STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "with",
        "about",
        "into",
        "over",
        "under",
        "between",
        "among",
        "through",
        "during",
        "before",
        "after",
        "as",
        "and",
        "or",
        "but",
        "nor",
        "not",
        "no",
        "so",
        "if",
        "then",
        "than",
        "that",
        "this",
        "these",
        "those",
        "there",
        "here",
        "it",
        "its",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "done",
        "doing",
        "have",
        "has",
        "had",
        "having",
        "will",
        "would",
        "shall",
        "should",
        "can",
        "could",
        "may",
        "might",
        "must",
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "much",
        "many",
        "i",
        "me",
        "my",
        "we",
        "us",
        "our",
        "you",
        "your",
        "he",
        "him",
        "his",
        "she",
        "her",
        "hers",
        "they",
        "them",
        "their",
        "one",
        "ones",
        "s",
        "t",
        "also",
        "any",
        "some",
        "each",
        "every",
        "all",
        "both",
        "such",
        "own",
        "same",
        "only",
        "just",
        "too",
        "very",
        "please",
        "tell",
        "name",
        "list",
        "give",
        "show",
        "say",
        "says",
        "said",
        "according",
        "get",
        "got",
        "s",
    ]
)

# Titles and short forms after which a full stop does not end a sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Sgt|Capt|Rep|Sen|Gov|Rev|Hon|St|Jr|Sr|No|Nos|Fig|vs|etc|approx|Vol|Ch|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Inc|Ltd|Co|Corp|Bros|Dept|Univ|Assn|Ave|Blvd|Rd)"
    r"|\b[A-Za-z]|\be\.g|\bi\.e|\bcf|\bal)\.$"
)
_BORDER = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s+[\"'“‘(\[]?[A-Z0-9가-힣\u4e00-\u9fff])")
# Company forms, months and single letters may end a sentence after all, when the next word opens one.
_OPENER = re.compile(
    r"\s+[\"“‘(]?(?:The|A|An|In|On|At|It|He|She|They|We|But|And|This|That|These|Those|However|Meanwhile|Its|His|Her|"
    r"For|As|After|Before|When|While|If|There|To|By|Our|Under|Also)\s"
)
_SOFT = re.compile(r"(?:\b(?:Inc|Ltd|Co|Corp|etc|Jr|Sr)|\b[A-Z]\.[A-Z])\.$")


class _Own(threading.local):
    """A stemmer for every thread: one keeps what it is at, and lets others run meanwhile."""

    def __init__(self) -> None:
        self.stem: Callable[[str], str] = Stemmer.Stemmer("english").stemWord


_OWN = _Own()


@functools.lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The search form of one word: no accents, lower case, Snowball (Porter2) stem; U.S. and US are ``usa``."""
    if word in ("US", "USA") or word.upper() in ("U.S.", "U.S.A."):
        return "usa"
    folded = plain(word).replace(".", "")
    return str(_OWN.stem(folded)) if folded.isalpha() else folded


def terms(text: str) -> list[Term]:
    """Stems, acronyms and plain numbers (2,700 is ``2700``) of ``text`` in order; other scripts are skipped.

    A run of two or three capitalised words (Lee Young, Yoon Suk Yeol) is also given as a whole, as a ``compound``: a
    name is one thing, and Korean writes it as one word. Words that begin with a capital have the tag ``name``.
    """
    found = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word[0].isdigit() and not any(c.isalpha() for c in word):
            found.append(Term(word.replace(",", ""), match.start(), match.end(), "number"))
        elif word == "US" or word.lower() not in STOP_WORDS:
            tag = "name" if word[0].isupper() else "word"
            found.append(Term(stem(word), match.start(), match.end(), tag))
            if tag == "name" and word.isalpha() and word != "US" and plain(word) != found[-1]:
                # Names are matched by sound, and a stem (massachusett) does not sound like its name.
                found.append(Term(plain(word), match.start(), match.end(), "compound"))
    names = [Term(plain(text[a:b]).replace("-", " "), a, b, "compound") for a, b in _names(text)]
    return sorted(found + names, key=lambda term: (term.start, term.end))


def _names(text: str) -> list[Span]:
    """Names of two or three words: the ends of runs of capitalised words, for a title may stand before the name."""
    spans: list[Span] = []
    for match in _NAME.finditer(text):
        words = [(match.start() + w.start(), match.start() + w.end()) for w in _WORD.finditer(match.group())]
        spans.extend((words[-n][0], words[-1][1]) for n in (2, 3) if n <= len(words))
    return [(a, b) for a, b in spans if text[a:b].split(" ", 1)[0].lower() not in STOP_WORDS]


def plain(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def sentence_spans(line: str) -> list[Span]:
    """Sentence borders of one line of English text; spans hold no outer white space."""
    spans: list[Span] = []
    start = 0
    for match in _BORDER.finditer(line):
        head = line[start : match.end()].rstrip("\"'”’)]")
        if _ABBREVIATION.search(head) and not (_SOFT.search(head) and _OPENER.match(line, match.end())):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(line)))
    return [trimmed for span in spans if (trimmed := _trim(line, span))[1] > trimmed[0]]


def _trim(line: str, span: Span) -> Span:
    start, end = span
    while start < end and line[start].isspace():
        start += 1
    while end > start and line[end - 1].isspace():
        end -= 1
    return start, end
