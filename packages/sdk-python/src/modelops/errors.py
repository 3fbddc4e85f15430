"""The error for an invalid model, target or result."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


#: A place in a declaration (``parameters.beta``), and the problem.
Problem = tuple[str, str]


class ModelError(ValueError):
    """A model or target is not declared correctly, or a value or an output does not match its declaration.

    ``hint`` is one sentence about how to fix it; it is part of the text.
    """

    def __init__(self, message: str, hint: str | None = None, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message if hint is None else f"{message}; {hint}")
        self.message = message
        self.hint = hint
        self.problems = list(problems)


def check_problems(what: str, problems: list[Problem]) -> None:
    """:raises ModelError: listing all problems of ``what``, if there are any"""
    if problems:
        listed = "; ".join(f"{path}: {message}" if path else message for path, message in problems)
        raise ModelError(f"invalid {what}: {listed}", problems=problems)


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, or None."""
    found = difflib.get_close_matches(name, list(names), n=1, cutoff=0.7)
    return found[0] if found else None


def names_hint(name: str, names: Iterable[str], what: str) -> str:
    """``did you mean x?``, or the list of known names."""
    known = list(names)
    near = nearest_name(name, known)
    if near is not None:
        return f"did you mean {near}?"
    return f"its {what} are {', '.join(known)}" if known else f"it has no {what}"
