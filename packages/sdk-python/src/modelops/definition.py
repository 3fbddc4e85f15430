"""The interface of a model for hosts and tools, whichever form it is written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, Protocol, get_args, runtime_checkable

from .errors import ModelError, Problem, names_hint
from .tables import Table

#: An output is the name of a results file; ``_index`` is reserved.
OUTPUT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
SCENARIO_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?")
SEEDS = range(2**64)

#: Whether tasks share a process, one after another, or each task has its own process.
Isolation = Literal["warm", "fresh"]
Config = Mapping[str, Any]
#: Runs one simulation of a parameter set: takes a seed, returns tables.
Task = Callable[[int], "dict[str, Table]"]


@runtime_checkable
class ModelDefinition(Protocol):
    """A checked model."""

    isolation: Isolation

    def describe(self) -> dict[str, Any]:
        """Parameters in declared order, scenarios, outputs and the behaviour version, as JSON."""
        ...

    def prepare(self, values: Mapping[str, object], scenario: str, config: Config | None, outputs: Iterable[str] | None) -> Task:
        """A parameter set in a scenario, checked once for all its replicates.

        :raises ModelError: if the values are not exactly the model's parameters, or the scenario is unknown
        """
        ...


def check_outputs(outputs: Iterable[str] | None, declared: Iterable[str]) -> list[str] | None:
    """The requested outputs, or None for all. :raises ModelError: for an output that the model does not declare"""
    if outputs is None:
        return None
    known = list(declared)
    for name in outputs:
        if name not in known:
            raise ModelError(f"the model has no output {name}", names_hint(name, known, "outputs"))
    return list(outputs)


def name_problems(outputs: Iterable[str], scenarios: Iterable[str]) -> list[Problem]:
    problems: list[Problem] = []
    for name in outputs:
        if not isinstance(name, str) or not OUTPUT_NAME.fullmatch(name):
            problems.append(("outputs", f"invalid name {name!r}: expected a letter, then letters, digits, _ or -"))
    for name in scenarios:
        if not isinstance(name, str) or not SCENARIO_NAME.fullmatch(name):
            problems.append(("scenarios", f"invalid name {name!r}: expected lowercase letters, digits, - _ or ."))
    return problems


def isolation_problems(isolation: object) -> list[Problem]:
    if isolation in get_args(Isolation):
        return []
    return [("isolation", f"is {isolation!r}; expected 'warm' or 'fresh'")]


def check_seed(seed: object) -> int:
    """:raises ModelError: if it is not a whole number from 0 to 2^64 - 1"""
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise ModelError(f"invalid seed {seed!r}: expected a whole number from 0 to 2^64 - 1")
    number = seed.__index__()
    if number not in SEEDS:
        raise ModelError(f"invalid seed {number}: expected a whole number from 0 to 2^64 - 1")
    return int(number)
