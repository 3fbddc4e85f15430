"""``@calibration_target``: a function that returns a target, and what it reads."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..behaviour import BEHAVIOUR_VERSION
from ..columns import Column, a
from ..errors import ModelError
from ..tables import Table

class CalibrationTarget:
    """A declared target. Calling it builds the target from its data files, whose paths are relative to the working directory."""

    def __init__(self, function: Callable[..., Any], model_output: str, data: Mapping[str, str], name: str, weight: float, labels: Any) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.model_output = model_output
        self.data = dict(data)
        self.name = name
        self.weight = weight
        self.labels = labels
        self._built: Any = None

    def __call__(self) -> Any:
        return self.function(dict(self.data))

    def describe(self) -> dict[str, Any]:
        files = list(self.data.values())
        return {
            "output": self.model_output,
            "data": files[0] if files else None,
            "files": files,
            "behaviour": BEHAVIOUR_VERSION,
            "weight": self.weight,
        }

    def evaluate_rows(self, table: Table, rows: Sequence[int]) -> dict[str, Any]:
        """The weighted loss of one parameter set: ``rows[k]`` rows of the table belong to replicate k."""
        if self._built is None:
            self._built = self._checked(self())
        replicates = [{self.model_output: replicate} for replicate in split(table, rows)]
        evaluation: dict[str, Any] = self._built.evaluation(replicates)
        return {**evaluation, "loss": evaluation["loss"] * self.weight}

    def _checked(self, built: Any) -> Any:
        if not hasattr(built, "evaluation"):
            raise ModelError(f"target {self.name} is {a(built)}", "return a LossTarget, a LikelihoodTarget or a set of them")
        for target in getattr(built, "targets", [built]):
            if target.model_output != self.model_output:
                raise ModelError(f"target {self.name} declares model_output {self.model_output} and compares {target.model_output}")
        return built


def split(table: Table, rows: Sequence[int]) -> list[dict[str, Any]]:
    """The columns of each replicate. Numbers are views."""
    at = 0
    replicates = []
    for count in rows:
        replicates.append({name: _part(column, at, at + count) for name, column in table.items()})
        at += count
    return replicates


def _part(column: Column, start: int, end: int) -> Any:
    return Column(column.type, column.data[start:end]).values()


_registered: dict[str, CalibrationTarget] = {}


def calibration_target(
    *, model_output: str, data: Mapping[str, str] | None = None, name: str | None = None, weight: float = 1.0, labels: Any = None
) -> Callable[[Callable[..., Any]], CalibrationTarget]:
    """Declares a target over a function of its data paths, which returns a LossTarget or a LikelihoodTarget.

    :param data: files that the function reads, by a key of its own, relative to the project's root
    :param weight: how much the target counts in a target set
    """

    def declare(function: Callable[..., Any]) -> CalibrationTarget:
        if weight <= 0:
            raise ModelError(f"target {function.__name__} has weight {weight}; expected a number above 0")
        target = CalibrationTarget(function, model_output, data or {}, name or function.__name__, weight, labels)
        _registered[target.name] = target
        return target

    return declare


def get_registered_targets() -> dict[str, CalibrationTarget]:
    """The targets that were declared in this process, by name."""
    return dict(_registered)
