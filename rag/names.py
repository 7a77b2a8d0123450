"""Whether the names of a claim are those of its span: literally, translated, or by sound.

What counts as a name is read from the writing: capitals in English; in Korean, nouns that no lexicon knows, words that
the analyser takes for names or cannot take apart, and compounds that end like an institution. Names made of common
words (North Sea Wind Services) count when at least half of their words are there.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index import korean, lexicon
from index.korean import HANGUL, Term
from index.measure import Quantity
from rag.pairing import ALIKE, Pairing, Reading, alike

_MOSTLY = 0.2  # weight of what a word is mostly called
UNLIKE = 0.1  # below this, two words of different scripts are certainly not one name
SAME_PLACE = 0.6  # how close the neighbours of two names must be for one to stand in the place of the other
_KNOWN_SHARE = 0.5  # of the words of a name that are common words, in translation
# What a Korean text leaves unsaid and an English one must say.
_HOME = frozenset({"korea", "korean", "south", "republ"})
_ADJOINING = re.compile(r"[ -]|'s |’s | of | of the ")
_DEMONYM = re.compile(r"(?:an|ese|ish|korean|danish|dutch|french|german)$")
_HYPHENED = re.compile(r"[A-Z][a-z]+-$")
_PARTICLE = re.compile(
    r"(?:에서는|에서|에게서|에게|으로는|으로|로는|까지|부터|보다|처럼|마다|께서|이라는|라는|이라고|라고|이나|에는|에도|과는|와는|과의|와의"
    r"|은|는|이|가|을|를|의|와|과|에|로|도|만|나|들|측|씨|님)$"
)
# Words that many names share: to find one of them is not to find the name. 연세대 is not any university.
_GENERIC = frozenset(
    [
        "universiti",
        "colleg",
        "school",
        "hospit",
        "bank",
        "institut",
        "ministri",
        "minist",
        "citi",
        "provinc",
        "counti",
        "district",
        "center",
        "centr",
        "compani",
        "group",
        "agenc",
        "court",
        "associ",
        "foundat",
        "museum",
        "corpor",
        "offic",
        "committe",
        "council",
        "depart",
        "industri",
        "대학",
        "대학교",
        "병원",
        "은행",
        "연구원",
        "연구소",
        "부",
        "시",
        "도",
        "군",
        "센터",
        "그룹",
        "법원",
        "협회",
        "재단",
    ]
)
_RUN = re.compile(r"[가-힣]+")
_INSTITUTION = re.compile(
    r"(?:부|처|청|주|시|도|군|구|읍|면|동|원|대|대학|대학교|병원|의료원|은행|그룹|전자|제약|기업|회사|협회|위원회|재단|센터|연구원|연구소"
    r"|공사|공단|조합|신문|일보|학교|학회|법원|서비스|컨소시엄|건설|증권|보험|화학|항공|통신|박물관|미술관|대교|공항|항|역|댐)$"
)


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a text: its words, how many of them must be found, and those that must be among the found.

    ``whole`` is the word that the name is a part of: the analyser may have cut a name in two.
    """

    words: tuple[Term, ...]
    needed: int
    must: tuple[Term, ...] = ()
    whole: Term | None = None


def names_agree(pairing: Pairing, around: Pairing | None, figures: Sequence[Quantity]) -> bool:
    """Whether every name of the claim outside its figures is in the span or in the context ``around`` it."""
    pairings = [pairing] if around is None else [pairing, around]
    same = bool(HANGUL.search(pairing.claim.text)) == bool(HANGUL.search(pairing.span.text))
    for name in (*_english(pairing.claim, same), *_korean(pairing.claim, same)):
        if not same and all(word in _HOME for word in name.words):
            continue
        words = [w for w in name.words if not any(q.start < w.end and w.start < q.end for q in figures)]
        held = [word for word in words if any(_holds(p, word) for p in pairings)]
        enough = len(held) >= min(name.needed, len(words)) and all(w in held for w in name.must if w in words)
        if not enough and not any(_as_whole(p, words, name.whole) for p in pairings):
            return False
    return not _replaced(pairing, around)


def _english(reading: Reading, same: bool) -> Iterator[Name]:
    """Runs of capitalised words. One that begins the sentence must look like a name by itself or go on in capitals."""
    run: list[Term] = []
    capitals = [t for t in reading.terms if len(t) > 1 and (t.tag == "name" or _goes_on(reading.text, t))]
    for term in [*capitals, None]:
        if term is not None and run and _ADJOINING.fullmatch(reading.text[run[-1].end : term.start]):
            run.append(term)
            continue
        if (
            run
            and run[0].start == 0
            and not (len(run) > 1 and not _DEMONYM.search(run[1]))
            and not _proper(str(run[0]))
        ):
            run = run[1:]
        if run:
            unknown = tuple(t for t in run if not _known(str(t)))
            yield Name(tuple(run), len(run) if same else round(len(run) * _KNOWN_SHARE + 0.01), unknown)
        run = [] if term is None else [term]


def _goes_on(text: str, term: Term) -> bool:
    """Whether a small word is the second half of a Korean given name: Young-sun."""
    return term.tag == "word" and _HYPHENED.search(text[: term.start]) is not None


def _as_whole(pairing: Pairing, words: Sequence[Term], whole: Term | None) -> bool:
    """Whether all of ``words``, or two or three of them, are one name in the span: Kim Beom-seok, 김범석."""
    if not words or whole is not None:
        return whole is None or _sounded(pairing, whole)
    inside = [c for c in pairing.claim.compounds if words[0].start <= c.start and c.end <= words[-1].end]
    return any(pairing.of_compound(c) for c in inside if " " in c)


def _sounded(pairing: Pairing, word: Term) -> bool:
    """Whether the span has a Korean word by sound, with or without what says that it is a city, a hospital …"""
    end = _INSTITUTION.search(word)
    stem = Term(word[: end.start()], word.start, word.start + end.start(), "NNP") if end else word
    return pairing.of_compound(word) or len(stem) > 1 and pairing.of_compound(stem)


def _korean(reading: Reading, same: bool) -> Iterator[Name]:
    if not HANGUL.search(reading.text):
        return
    for match in _RUN.finditer(reading.text):
        inside = [t for t in reading.terms if match.start() <= t.start < match.end()]
        yield from _of_word(match, inside, same)


def _of_word(match: re.Match[str], terms: Sequence[Term], same: bool) -> Iterator[Name]:
    """The name in one Korean word, if there is one."""
    stem = _PARTICLE.sub("", match.group()) or match.group()
    whole = Term(stem, match.start(), match.start() + len(stem), "NNP")
    nouns = [t for t in terms if t.tag in ("NNG", "NNP", "MM", "XR", "NR") and t.end <= whole.end]
    end = _INSTITUTION.search(stem)
    institution = end is not None and len(nouns) > 1 and nouns[-1].end == whole.end and not _known(stem)
    for term in terms:
        if term.tag == "NNP" and len(term) > 1 and not (institution and term.end == whole.end):
            yield Name((term,), 1, whole=whole if len(whole) > len(term) else None)
    if end and institution:
        own = [t for t in nouns if t.start < match.start() + end.start()]
        own = [t for t in own if len(t) > 1] or own
        described = not same and all(t.tag == "NNG" and _known(str(t)) for t in own)
        if own and not described:
            yield Name(tuple(own), (len(own) + 1) // 2, whole=whole)


def _replaced(pairing: Pairing, around: Pairing | None) -> bool:
    """Whether a word of the claim that nothing explains stands where the span has a name that the claim leaves out."""
    if not any(_candidates(pairing.span)):
        return False
    strange = [t for t in _strange(pairing.claim) if not any(_explained(p, t) for p in (pairing, around) if p)]
    if not strange:
        return False
    left = [t for t in _candidates(pairing.span) if not any(t.start <= place < t.end for place in pairing.met)]
    heard = [o for stem in _stems(pairing.claim) for o in pairing.by_sound(stem)]
    left = [
        t for t in left if str(t) not in pairing.claim.squeezed and not any(o.start <= t.start < o.end for o in heard)
    ]
    pairs = [(w, o) for w in strange for o in left if alike(str(w), str(o)) < UNLIKE]
    return any(pairing.closeness(word.start, other.start) >= SAME_PLACE for word, other in pairs)


def _explained(pairing: Pairing, word: Term) -> bool:
    inside = [t for t in pairing.claim.terms if word.start <= t.start < word.end and (len(t) > 1 or len(word) < 3)]
    return _holds(pairing, word) or any(pairing.of(t) for t in inside) or _sounded(pairing, word)


@functools.lru_cache(maxsize=256)
def _strange(reading: Reading) -> tuple[Term, ...]:
    """Korean words, without their particles, that no lexicon has: names, or words too rare to tell."""
    return tuple(stem for stem in _stems(reading) if _is_strange(str(stem)))


@functools.lru_cache(maxsize=256)
def _stems(reading: Reading) -> tuple[Term, ...]:
    """The Korean words of a text without their particles, of two syllables and more."""
    stems = ((m, _PARTICLE.sub("", m.group()) or m.group()) for m in _RUN.finditer(reading.text))
    return tuple(Term(stem, m.start(), m.start() + len(stem), "NNP") for m, stem in stems if len(stem) > 1)


@functools.lru_cache(maxsize=20_000)
def _is_strange(word: str) -> bool:
    """Whether a Korean word is neither known, nor made of known words, nor a verb."""
    if _known(word):
        return False
    tags = [(surface, tag.split("+")[0]) for surface, tag, *_ in korean.tags(word)]
    nouns = [s for s, tag in tags if tag in ("NNG", "NNP") and len(s) > 1]
    if nouns and len("".join(s for s, _ in tags if s in nouns)) + 1 >= len(word):
        cut = len(word) > 2 and all(len(noun) < 3 for noun in nouns) and any(tag == "NNP" for _, tag in tags)
        return cut or any(not _known(noun) for noun in nouns)
    return len(word) > 2 and not nouns and tags[0][1] not in ("VV", "VA", "VX", "MAG") and tags[-1][1][0] != "E"


def _candidates(reading: Reading) -> list[Term]:
    """What may be a name in a span: capitalised words inside a sentence, and Korean words that no lexicon has."""
    capitals = [t for t in reading.terms if t.tag == "name" and t.start and len(t) > 2]
    return [*capitals, *_strange(reading)]


def _holds(pairing: Pairing, word: Term) -> bool:
    """Whether the span has ``word``: paired, as part of a longer Korean word, or as one of its translations there."""
    if any(str(t) not in _GENERIC or str(word) == str(t) for t in pairing.of(word)):
        return True
    text = pairing.span.squeezed
    if len(word) > 1 and str(word) in text:
        return True
    if any(len(t) > 1 and HANGUL.search(t) and t in text for t in _translations(str(word))):
        return True
    if any(t in pairing.span.translated for t in _called(str(word))):
        return True
    if HANGUL.search(word):
        return bool(pairing.by_sound(word))
    return any(alike(str(word), other) >= ALIKE for other in _openings(pairing.span, word))


def _openings(span: Reading, word: Term) -> Iterator[str]:
    """Parts of the span's Korean words that a Latin name could be: their first two to five syllables."""
    if HANGUL.search(word) or not HANGUL.search(span.text):
        return
    for match in _RUN.finditer(span.text):
        run = match.group()
        if len(run) > 2:
            yield from (run[:n] for n in range(2, min(6, len(run))))


@functools.lru_cache(maxsize=20_000)
def _translations(form: str) -> tuple[str, ...]:
    return tuple(lexicon.load().word(form, "ko" if HANGUL.search(form) else "en"))


@functools.lru_cache(maxsize=20_000)
def _called(form: str) -> tuple[str, ...]:
    """What the other language mostly calls a word: by that, American is the United States."""
    bag = lexicon.load().word(form, "ko" if HANGUL.search(form) else "en")
    return tuple(t for t, weight in bag.items() if weight >= _MOSTLY and t not in _GENERIC)


def _known(form: str) -> bool:
    return lexicon.load().knows(form, "ko" if HANGUL.search(form) else "en")


@functools.lru_cache(maxsize=20_000)
def _proper(form: str) -> bool:
    """Whether the word that begins a sentence is a name: it is unknown, or Korean calls it by its sound."""
    bag = lexicon.load().word(form, "en")
    best = max(bag, key=lambda t: bag[t], default="")
    named = any(tag == "NNP" for _, tag, *_ in korean.tags(best)[:1])
    sounds = (best, "".join(bag), "".join(reversed(bag)))
    return not best or named or any(alike(form, sound) >= ALIKE for sound in sounds)
