"""What can go wrong with an evaluation.

EvalError
└── SetError   a question set that does not keep to the format; the message begins with its file and line

Every message is one line that says what was seen, what was expected and what to do.
"""

from __future__ import annotations


class EvalError(Exception):
    """A problem that the person who runs the evaluation can mend."""


class SetError(EvalError):
    """A line of a question set is wrong."""
