"""The interface of a model for hosts and tools, whichever form it is written in."""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, Literal, get_args

from .behaviour import BEHAVIOUR_VERSION
from .errors import ModelError, Problem, names_hint
from .tables import Table

#: An output is the name of a results file; ``_index`` is reserved.
OUTPUT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
SCENARIO_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?")
SEEDS = range(2**64)

#: Whether tasks share a process, one after another, or each task has its own process.
Isolation = Literal["warm", "fresh"]
Config = Mapping[str, Any]
#: A function of some of a model's parameters, by name, that returns whether a design may contain a parameter set.
Constraint = Callable[..., bool]
#: Runs one simulation of a parameter set: takes a seed, returns tables.
Task = Callable[[int], "dict[str, Table]"]


class ModelDefinition(ABC):
    """A checked model."""

    isolation: Isolation
    constraint: Constraint | None

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Parameters in declared order, scenarios, outputs and the behaviour version, as JSON."""

    def allows(self, values: Mapping[str, Any]) -> bool:
        """Whether the model's constraint allows a parameter set. :raises Exception: the error of the constraint"""
        if self.constraint is None:
            return True
        taken = inspect.signature(self.constraint).parameters
        takes_any = any(one.kind is one.VAR_KEYWORD for one in taken.values())
        return bool(self.constraint(**{name: value for name, value in values.items() if takes_any or name in taken}))

    @abstractmethod
    def prepare(self, values: Mapping[str, object], scenario: str, config: Config | None, outputs: Iterable[str] | None) -> Task:
        """A parameter set in a scenario, checked once for all its replicates.

        :raises ModelError: if the values are not exactly the model's parameters, or the scenario is unknown
        """

    def _described(self, parameters: list[dict[str, Any]], outputs: Iterable[str], scenarios: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """:param scenarios: the parameters that each one fixes"""
        fixed = {name: dict(params) for name, params in scenarios.items() if params}
        return {
            "parameters": parameters,
            "scenarios": list(scenarios),
            "outputs": list(outputs),
            "behaviour": BEHAVIOUR_VERSION,
            **({"fixed": fixed} if fixed else {}),
            **({"isolation": self.isolation} if self.isolation != "warm" else {}),
            **({"constrained": True} if self.constraint is not None else {}),
        }


def check_outputs(outputs: Iterable[str] | None, declared: Iterable[str]) -> list[str]:
    """The requested outputs; None requests all. :raises ModelError: for an output that the model does not declare"""
    known = list(declared)
    wanted = known if outputs is None else list(outputs)
    for name in wanted:
        if name not in known:
            raise ModelError(f"the model has no output {name}", names_hint(name, known, "outputs"))
    return wanted


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


def constraint_problems(constraint: object, parameters: Container[str]) -> list[Problem]:
    if constraint is None:
        return []
    if not callable(constraint):
        return [("constraint", f"is {constraint!r}; expected a function of parameters")]
    needed = [name for name, one in inspect.signature(constraint).parameters.items() if one.default is one.empty and one.kind < one.VAR_KEYWORD]
    return [("constraint", f"takes {name}, which is not a parameter") for name in needed if name not in parameters]


def check_seed(seed: object) -> int:
    """:raises ModelError: if it is not a whole number from 0 to 2^64 - 1"""
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise ModelError(f"invalid seed {seed!r}: expected a whole number from 0 to 2^64 - 1")
    number = seed.__index__()
    if number not in SEEDS:
        raise ModelError(f"invalid seed {number}: expected a whole number from 0 to 2^64 - 1")
    return int(number)
