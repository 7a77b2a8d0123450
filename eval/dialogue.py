"""Conversations written for development, asked and scored: ``python -m eval.dialogue``.

What is searched for decides whether a follow-up can be answered, so that it is scored apart from the sentence that is
shown: whether a passage that states the facts is among the first hits. The other side of the same coin is *pollution*:
development questions that stand alone are asked again after a turn about something else, and must be answered as alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval import metrics, sets
from eval.asking import Library
from eval.calibrate import DEVELOPMENT
from eval.run import SAMPLES, indexed
from eval.sets import LANGUAGES, Entry, Question
from eval.witness import Answerer
from index.types import Language
from rag import Answer, Settings, Turn

TOP = 3  # hits among which the passage must be
EVERY = 5  # one question in so many is asked again after an unrelated turn


@dataclass(frozen=True, slots=True)
class Asked:
    """A turn of a conversation, or a question after an unrelated turn, and what came back."""

    id: str
    question: str
    query: str
    problems: tuple[str, ...]


def turns(assistant: Answerer, entry: Entry, language: Language) -> Iterator[Asked]:
    """Every turn of one conversation, after the system's own answers."""
    history: list[Turn] = []
    library = Library.of(assistant.articles())
    for number, question in enumerate(entry.turns, start=1):
        answer = assistant.ask(question.text(language), history)
        problems = [*metrics.problems(answer, question, library.texts)]
        problems += [] if found(answer, question, library) else ["not found"]
        problems += [] if answer.language == question.answered_in(language) else ["language"]
        yield Asked(f"{entry.id}/{language}/{number}", answer.question, answer.query, tuple(problems))
        history.append(Turn(answer.question, answer.text))


def found(answer: Answer, question: Question, library: Library) -> bool:
    """Whether one of the first ``TOP`` hits is a passage of an acceptable source that states every fact."""
    passages = ((library.articles[hit.article_id], slice(hit.start, hit.end)) for hit in answer.hits[:TOP])
    return any(
        article.source in question.sources and not metrics.missing_facts(article.text[place], question.facts)
        for article, place in passages
    )


def polluted(assistant: Answerer, entries: Sequence[Entry], language: Language) -> Iterator[Asked]:
    """Single questions asked after a turn about other articles; each must be answered as it is alone."""
    for place in range(0, len(entries), EVERY):
        question, before = entries[place].turns[0], _unrelated(entries, place)
        text, earlier = question.text(language), before.text(language)
        alone = assistant.ask(text)
        after = assistant.ask(text, [Turn(earlier, assistant.ask(earlier).text)])
        same = (after.text, after.language) == (alone.text, alone.language)
        yield Asked(f"{entries[place].id}/{language}", text, after.query, () if same else (f"after {earlier!r}",))


def _unrelated(entries: Sequence[Entry], place: int) -> Question:
    """The next answerable question that shares no source with the one at ``place``, from half the set further on."""
    own = set(entries[place].turns[0].sources)
    turned = [entries[(place + len(entries) // 2 + step) % len(entries)].turns[0] for step in range(len(entries))]
    return next(question for question in turned if question.answerable and not own & set(question.sources))


def measure(folder: Path, show: bool) -> dict[str, list[bool]]:
    """Each measure's outcomes over one development folder."""
    documents = tuple(SAMPLES / language for language in LANGUAGES) if folder.name == "samples" else (folder,)
    result: dict[str, list[bool]] = {"right": [], "found": [], "language": [], "as alone": []}
    with indexed(Settings(Path()), documents) as assistant:  # its home is a temporary one
        talks, singles = (sets.load(folder / f"{name}.jsonl") for name in ("conversations", "questions"))
        for language in LANGUAGES:
            for asked in (turn for entry in talks for turn in turns(assistant, entry, language)):
                result["found"].append("not found" not in asked.problems)
                result["language"].append("language" not in asked.problems)
                result["right"].append(not set(asked.problems) - {"not found"})
                _say(asked, show)
            for asked in polluted(assistant, singles, language):
                result["as alone"].append(not asked.problems)
                _say(asked, show)
    return result


def _say(asked: Asked, show: bool) -> None:
    if show and asked.problems:
        sys.stdout.write(f"{asked.id}: {', '.join(asked.problems)}\n  {asked.question}\n  → {asked.query}\n")


def main() -> int:
    """Ask every development conversation and print the measures."""
    parser = argparse.ArgumentParser("python -m eval.dialogue", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", action="append", help="a folder of eval/development; default: all")
    parser.add_argument("--show", action="store_true", help="list what is not right, with what was searched for")
    options = parser.parse_args()
    total: dict[str, list[bool]] = {}
    for path in sorted(path.parent for path in DEVELOPMENT.glob("*/conversations.jsonl")):
        if options.folder and path.name not in options.folder:
            continue
        for name, outcomes in measure(path, options.show).items():
            total.setdefault(name, []).extend(outcomes)
    for name, outcomes in total.items():
        sys.stdout.write(f"{name:<9} {100 * sum(outcomes) / len(outcomes):5.1f} of {len(outcomes)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
