"""The committed sets' versions: relevance judgements in TREC's format, and a digest of every file.

``python -m eval.versions`` writes ``<set>.qrels`` and ``SHA256SUMS`` in ``eval/sets``; a test holds them to the sets, and to
the labelled claims, citations, inventions and injections beside that folder. A set that changes is another set: its
figures are not those of the one before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from eval import sets
from eval.sets import LANGUAGES, Entry

SUMS = "SHA256SUMS"


def qrels(entries: Sequence[Entry]) -> str:
    """One line ``question 0 document 1`` for each question and each file that answers it (trec.nist.gov).

    Questions are named as in a report, ``s110/ko/2``; white space and the like in a file's name is percent-encoded. A
    question without an answer has no line.
    """
    return "".join(f"{question} 0 {quote(source)} 1\n" for question, source in _answers(entries))


def _answers(entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        for language in LANGUAGES:
            for number, turn in enumerate(entry.turns, start=1):
                for source in turn.sources:
                    yield entry.asked_as(language, number), source


def written(folder: Path = sets.FOLDER) -> dict[str, str]:
    """What belongs beside the sets of ``folder``: each file's name and text."""
    texts = {f"{path.stem}.qrels": qrels(sets.load(path)) for path in sorted(folder.glob("*.jsonl"))}
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.jsonl")}
    digests |= {
        f"../{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.parent.glob("*.jsonl")
    }
    digests |= {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    return texts | {SUMS: "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))}


if __name__ == "__main__":
    for name, text in written().items():
        (sets.FOLDER / name).write_text(text, encoding="utf-8")
