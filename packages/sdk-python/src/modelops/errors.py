"""The error for a model, a target or a result that is not valid."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


#: Where in a declaration (``parameters.beta``), and what is wrong there.
Problem = tuple[str, str]


class ModelError(ValueError):
    """A model or target is not declared correctly, or a value or an output is not what was declared.

    ``hint`` says how to fix it, in one sentence; it is part of the text.
    """

    def __init__(self, message: str, hint: str | None = None, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message if hint is None else f"{message}; {hint}")
        self.message = message
        self.hint = hint
        self.problems = list(problems)


def check_problems(what: str, problems: list[Problem]) -> None:
    """:raises ModelError: naming every problem of ``what``, if there is one"""
    if problems:
        listed = "; ".join(f"{path}: {message}" if path else message for path, message in problems)
        raise ModelError(f"invalid {what}: {listed}", problems=problems)


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, or None."""
    found = difflib.get_close_matches(name, list(names), n=1, cutoff=0.7)
    return found[0] if found else None


def names_hint(name: str, names: Iterable[str], what: str) -> str:
    """``did you mean x?``, or the list of what there is."""
    known = list(names)
    near = nearest_name(name, known)
    if near is not None:
        return f"did you mean {near}?"
    return f"its {what} are {', '.join(known)}" if known else f"it has no {what}"
