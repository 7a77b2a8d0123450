"""Question sets: loading them, and pointing at the line that is wrong. ``eval/sets/README.md`` describes the format.

Nothing here knows how an answer is scored, or which documents are indexed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.errors import EvalError, SetError
from index.types import Language

FOLDER = Path(__file__).parent / "sets"
LANGUAGES: tuple[Language, Language] = ("ko", "en")
KINDS = frozenset("amount date definition list number organisation person place reason statement yesno".split())  # noqa: SIM905
REASONS = frozenset({"near-miss", "off-topic", "furniture"})  # why there is no answer

REPLIES = frozenset({"same", "other"})  # the language that the answer must come in, as against the run's

_TURN = frozenset({"ko", "en", "kind", "facts", "sources"})
_SINGLE = _TURN | {"id", "answerable"}


@dataclass(frozen=True, slots=True)
class Question:
    """One question in both languages, and what a right answer holds.

    ``facts`` are groups of alternatives: a right answer states one alternative of every group. ``sources`` are names
    of files, any of which may be cited. Both are empty where the documents hold no answer; ``why`` then says why.
    ``reply`` is ``other`` where the answer must come in the other language: asked for, or asked in it.
    """

    ko: str
    en: str
    kind: str
    facts: tuple[tuple[str, ...], ...]
    sources: tuple[str, ...]
    answerable: bool = True
    why: str = ""
    reply: str = "same"

    def text(self, language: Language) -> str:
        """The question in ``language``."""
        return self.ko if language == "ko" else self.en

    def answered_in(self, language: Language) -> Language:
        """The language that the answer to ``text(language)`` must come in."""
        other: Language = "en" if language == "ko" else "ko"
        return other if self.reply == "other" else language


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a set: a single question, or the turns of a conversation, asked in order.

    ``place`` is the file and line that it was read from, for messages.
    """

    id: str
    turns: tuple[Question, ...]
    place: str

    @property
    def multi_turn(self) -> bool:
        """Whether the entry is a conversation."""
        return len(self.turns) > 1

    def asked_as(self, language: Language, number: int) -> str:
        """The name of turn ``number``, from 1, asked in ``language``: ``s110/ko/2``, or ``s001/ko`` where it is the only one."""
        return f"{self.id}/{language}" + (f"/{number}" if self.multi_turn else "")


def find(name: str) -> Path:
    """The file of a set, by the name of one in ``eval/sets`` or by its path.

    :raises EvalError: if there is none.
    """
    for path in (FOLDER / f"{name}.jsonl", Path(name)):
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in FOLDER.glob("*.jsonl")))
    raise EvalError(f"{name}: there is no such question set. Name one of {known}, or give the path of a .jsonl file.")


def load(path: Path) -> tuple[Entry, ...]:
    """Every entry of the set at ``path``, in order.

    :raises SetError: naming the file and the first line that does not keep to the format.
    """
    entries: list[Entry] = []
    seen: dict[str, str] = {}
    for number, line in enumerate(_lines(path), start=1):
        place = f"{path}:{number}"
        if not line.strip():
            continue
        entry = _entry(_parse(line, place), place)
        if entry.id in seen:
            raise SetError(f"{place}: the id {entry.id!r} was used at {seen[entry.id]}. Give every entry its own.")
        seen[entry.id] = place
        entries.append(entry)
    if not entries:
        raise SetError(f"{path}: the set is empty. Write one JSON object a line, as eval/sets/README.md shows.")
    return tuple(entries)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SetError(f"{path}:{line}: this is not UTF-8 text. Save the set as UTF-8.") from error
    except OSError as error:
        raise EvalError(f"{path}: cannot be read ({error.strerror}). Check the path and its permissions.") from error


def _parse(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line, object_pairs_hook=lambda pairs: _unique(pairs, place))
    except json.JSONDecodeError as error:
        raise SetError(f"{place}: not JSON ({error.msg} at column {error.colno}). Write one object a line.") from error
    if not isinstance(row, dict):
        raise SetError(f"{place}: a JSON {type(row).__name__}, and an object is expected.")
    return row


def _unique(pairs: Iterable[tuple[str, Any]], place: str) -> dict[str, Any]:
    """An object of ``pairs``; ``json`` would quietly keep the last of two equal keys."""
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise SetError(f"{place}: the key {key!r} is given twice. Keep one.")
        result[key] = value
    return result


def _entry(row: Mapping[str, Any], place: str) -> Entry:
    name = _string(row, "id", place)
    if "turns" not in row:
        return Entry(name, (_single(row, place),), place)
    _keys(row, frozenset({"id", "turns"}), frozenset(), place)
    turns = row["turns"]
    if not isinstance(turns, list) or len(turns) < 2 or not all(isinstance(turn, dict) for turn in turns):
        raise SetError(f"{place}: 'turns' must be a list of at least two objects; a single question needs no turns.")
    places = [f"{place} (turn {number})" for number in range(1, len(turns) + 1)]
    for turn, where in zip(turns, places, strict=True):
        _keys(turn, _TURN, frozenset({"reply"}), where)
    return Entry(name, tuple(_question(t, True, where) for t, where in zip(turns, places, strict=True)), place)


def _single(row: Mapping[str, Any], place: str) -> Question:
    _keys(row, _SINGLE, frozenset({"why", "reply"}), place)
    if not isinstance(row["answerable"], bool):
        raise SetError(f"{place}: 'answerable' is {row['answerable']!r}, and true or false is expected.")
    return _question(row, row["answerable"], place)


def _question(row: Mapping[str, Any], answerable: bool, place: str) -> Question:
    kind, why = _string(row, "kind", place), _string(row, "why", place) if "why" in row else ""
    if kind not in KINDS:
        raise SetError(f"{place}: the kind {kind!r} is not one of {', '.join(sorted(KINDS))}.")
    if why and why not in REASONS:
        raise SetError(f"{place}: 'why' is {why!r}, and one of {', '.join(sorted(REASONS))} is expected.")
    facts, sources = _facts(row, place), _strings(row["sources"], "'sources'", place)
    reply = _string(row, "reply", place) if "reply" in row else "same"
    if reply not in REPLIES:
        raise SetError(f"{place}: 'reply' is {reply!r}, and one of {', '.join(sorted(REPLIES))} is expected.")
    if answerable and why:
        raise SetError(f"{place}: 'why' says why there is no answer, but 'answerable' is true. Remove one.")
    if answerable != bool(facts) or answerable != bool(sources):
        expected = "at least one fact and one source" if answerable else "no facts and no sources"
        raise SetError(
            f"{place}: {len(facts)} facts and {len(sources)} sources, but a question with "
            f"'answerable' {str(answerable).lower()} has {expected}."
        )
    ko, en = _string(row, "ko", place), _string(row, "en", place)
    return Question(ko, en, kind, facts, sources, answerable, why, reply)


def _facts(row: Mapping[str, Any], place: str) -> tuple[tuple[str, ...], ...]:
    groups = row["facts"]
    if not isinstance(groups, list):
        raise SetError(f"{place}: 'facts' must be a list of groups, each a list of alternatives.")
    facts = tuple(_strings(group, f"group {number} of 'facts'", place) for number, group in enumerate(groups, start=1))
    if any(not group for group in facts):
        raise SetError(f"{place}: a group of 'facts' is empty, and nothing could ever satisfy it. Remove or fill it.")
    return facts


def _keys(row: Mapping[str, Any], required: frozenset[str], optional: frozenset[str], place: str) -> None:
    if missing := sorted(required - row.keys()):
        raise SetError(f"{place}: {', '.join(map(repr, missing))} is missing. Add it.")
    if unknown := sorted(row.keys() - required - optional):
        expected = ", ".join(sorted(required | optional))
        raise SetError(f"{place}: unknown key {', '.join(map(repr, unknown))}. The keys are {expected}.")


def _string(row: Mapping[str, Any], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise SetError(f"{place}: {key!r} is {value!r}, and text is expected.")
    return value


def _strings(values: object, name: str, place: str) -> tuple[str, ...]:
    """``values`` as strings that hold more than spaces and commas, which scoring removes."""
    if not isinstance(values, list):
        raise SetError(f"{place}: {name} is {values!r}, and a list of texts is expected.")
    for value in values:
        if not isinstance(value, str) or not value.replace(",", "").strip():
            raise SetError(f"{place}: {name} holds {value!r}, and text is expected.")
    return tuple(values)
