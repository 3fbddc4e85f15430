"""A model's constraint: a function of some of its parameters, by name, that returns whether a design may contain a parameter set."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Mapping
from typing import Any

from .errors import Problem

Constraint = Callable[..., bool]


def is_allowed(constraint: Constraint | None, values: Mapping[str, Any]) -> bool:
    """:raises Exception: what the constraint raises"""
    if constraint is None:
        return True
    taken = inspect.signature(constraint).parameters
    takes_any = any(one.kind is one.VAR_KEYWORD for one in taken.values())
    return bool(constraint(**{name: value for name, value in values.items() if takes_any or name in taken}))


def constraint_problems(constraint: object, parameters: Container[str]) -> list[Problem]:
    if constraint is None:
        return []
    if not callable(constraint):
        return [("constraint", f"is {constraint!r}; expected a function of parameters")]
    needed = [name for name, one in inspect.signature(constraint).parameters.items() if one.default is one.empty and one.kind < one.VAR_KEYWORD]
    return [("constraint", f"takes {name}, which is not a parameter") for name in needed if name not in parameters]
