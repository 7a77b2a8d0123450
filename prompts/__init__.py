"""Prompt texts: ``prompts/<task>.<language>.md``, each written natively in Korean and in English.

A file has a section ``# system`` and a section ``# user``. They are told apart before anything is filled in, so that a
document that holds a line "# user" stays what it is: text inside one message.

PromptError
├── UnknownPrompt   there is no such file
├── BrokenPrompt    the file's sections are not as expected
└── WrongVariables  a variable is missing or unknown
"""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, UndefinedError, meta

__all__ = ["BrokenPrompt", "Prompt", "PromptError", "UnknownPrompt", "WrongVariables", "load", "tasks"]

FOLDER = Path(__file__).parent
ROLES = ("system", "user")
Language = Literal["ko", "en"]
Message = dict[str, str]
_HEADING = re.compile(r"^# (\w+)[ \t]*$", re.M)
# Plain text, not HTML: autoescape would turn a document's "R&D" into "R&amp;D".
_JINJA = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)


class PromptError(Exception):
    """A prompt file, or what it is filled with, is not as it must be."""


class UnknownPrompt(PromptError):
    """There is no file for this task and language."""


class BrokenPrompt(PromptError):
    """A file has other sections than ``# system`` and ``# user``, or is no valid template."""


class WrongVariables(PromptError):
    """A variable is missing, or one is given that the prompt does not use."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt file. ``digest`` is the first 12 hexadecimal digits of the SHA-256 of its text."""

    task: str
    language: Language
    sections: tuple[tuple[str, str], ...]
    variables: frozenset[str]
    digest: str

    def render(self, **variables: Any) -> list[Message]:
        """The messages, ``[{"role": "system", "content": …}, {"role": "user", "content": …}]``.

        :raises WrongVariables: if a variable is missing or unknown, or lacks a field that the prompt uses.
        """
        self._check(frozenset(variables))
        try:
            return [
                {"role": role, "content": _template(source).render(variables).strip()} for role, source in self.sections
            ]
        except UndefinedError as error:
            raise WrongVariables(f"{self._name}: {error.message}. Give every field that the prompt uses.") from error

    def _check(self, given: frozenset[str]) -> None:
        missing, unknown = sorted(self.variables - given), sorted(given - self.variables)
        if missing or unknown:
            wrong = {"missing": missing, "unknown": unknown}
            seen = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in wrong.items() if names)
            raise WrongVariables(f"{self._name}: {seen}. It takes: {', '.join(sorted(self.variables))}.")

    @property
    def _name(self) -> str:
        return f"{self.task}.{self.language}.md"


@functools.cache
def _template(source: str) -> Template:
    """Compiled once: it takes longer than filling it in."""
    return _JINJA.from_string(source)


def tasks() -> tuple[str, ...]:
    """The names of all tasks, sorted."""
    return tuple(sorted({path.name.split(".")[0] for path in FOLDER.glob("*.*.md")}))


@functools.cache
def load(task: str, language: Language) -> Prompt:
    """The prompt for ``task`` in ``language``.

    :raises UnknownPrompt: if there is no such file.
    :raises BrokenPrompt: if its sections are not ``# system`` and ``# user``.
    """
    path = FOLDER / f"{task}.{language}.md"
    if task not in tasks() or not path.is_file():
        raise UnknownPrompt(f"There is no prompt {path.name}. Tasks: {', '.join(tasks())}; languages: ko, en.")
    return parse(task, language, path.read_text(encoding="utf-8"))


def parse(task: str, language: Language, text: str) -> Prompt:
    """A prompt from the text of its file.

    :raises BrokenPrompt: if its sections are not ``# system`` and ``# user``, or a template is not valid.
    """
    name = f"{task}.{language}.md"
    before, *parts = _HEADING.split(text)
    sections = tuple(zip(parts[::2], parts[1::2], strict=True))
    if before.strip() or tuple(role for role, _ in sections) != ROLES:
        seen = ", ".join(f"# {role}" for role, _ in sections) or "none"
        raise BrokenPrompt(f"{name} has the sections {seen}; expected # system, then # user, and no more.")
    try:
        used = [meta.find_undeclared_variables(_JINJA.parse(source)) for _, source in sections]
    except TemplateSyntaxError as error:
        raise BrokenPrompt(f"{name} is no valid template: {error.message} (line {error.lineno}).") from error
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Prompt(task, language, sections, frozenset[str]().union(*used), digest)
