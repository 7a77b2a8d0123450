"""What can go wrong with a question.

AskError
├── EmptyQuestion      nothing was asked
├── QuestionTooLong    more characters than a question can have
└── UnknownLanguage    neither ``ko``, ``en`` nor ``auto``
"""

from __future__ import annotations


class AskError(Exception):
    """A problem with a question that the person who asks can mend."""


class EmptyQuestion(AskError):
    """Nothing was asked."""


class QuestionTooLong(AskError):
    """The question is longer than any question."""


class UnknownLanguage(AskError):
    """The answer's language is neither Korean nor English."""
