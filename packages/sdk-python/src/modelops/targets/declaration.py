"""``@calibration_target``: declares a function that returns a target, and the files that it reads."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

from ..behaviour import TARGET_BEHAVIOUR_VERSION
from ..columns import Column, a
from ..errors import ModelError
from ..tables import Table
from .comparison import comparison_of


class CalibrationTarget:
    """A declared target. Calling it builds the target from its data files, whose paths are relative to the working directory."""

    def __init__(
        self, function: Callable[..., Any], model_output: Union[str, Sequence[str]], data: Mapping[str, str], name: str, weight: float, labels: Any
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.model_output = model_output
        self.outputs = [model_output] if isinstance(model_output, str) else list(model_output)
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
            "output": self.outputs[0],
            **({"outputs": self.outputs} if len(self.outputs) > 1 else {}),
            "data": files[0] if files else None,
            "files": files,
            **self._compares(),
            **({} if self.weight == 1 else {"weight": self.weight}),
            "behaviour": TARGET_BEHAVIOUR_VERSION,
        }

    def evaluate_rows(self, outputs: Mapping[str, tuple[Sequence[int], Table]]) -> dict[str, Any]:
        """The loss of one parameter set, by output ``(rows, table)``: ``rows[k]`` rows of the table belong to replicate k.

        The target's own weight is not in it: it counts where the losses of a target set are added.
        """
        if self._built is None:
            self._built = self._checked(self())
        parts = {name: split(table, rows) for name, (rows, table) in outputs.items()}
        replicates = [dict(zip(parts, tables)) for tables in zip(*parts.values())]
        evaluation: dict[str, Any] = self._built.evaluation(replicates)
        return evaluation

    def _compares(self) -> dict[str, Any]:
        """What the built target compares. A function that fails here, for instance without its data, is reported when it is evaluated."""
        try:
            built = self()
            found = [comparison_of(target, list(self.data.values())) for target in getattr(built, "targets", [built])]
        except Exception:
            return {}
        return {"compares": found} if found and None not in found else {}

    def _checked(self, built: Any) -> Any:
        if not hasattr(built, "evaluation"):
            raise ModelError(f"target {self.name} is {a(built)}", "return a LossTarget, a LikelihoodTarget or a set of them")
        for target in getattr(built, "targets", [built]):
            if target.model_output not in self.outputs:
                declared = ", ".join(self.outputs)
                raise ModelError(f"target {self.name} declares model_output {declared} and compares {target.model_output}")
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
    *, model_output: Union[str, Sequence[str]], data: Mapping[str, str] | None = None, name: str | None = None, weight: float = 1.0, labels: Any = None
) -> Callable[[Callable[..., Any]], CalibrationTarget]:
    """Declares a target over a function of its data paths, which returns a LossTarget or a LikelihoodTarget.

    :param model_output: the output that it compares, or a list of several
    :param data: files that the function reads, by a key of its choice, relative to the project's root
    :param weight: how much the loss counts in the weighted sum of a target set that gives the target no weight
    """

    def declare(function: Callable[..., Any]) -> CalibrationTarget:
        if not (weight > 0 and math.isfinite(weight)):
            raise ModelError(f"target {function.__name__} has weight {weight}; expected a number above 0")
        if not model_output:
            raise ModelError(f"target {function.__name__} names no model_output")
        target = CalibrationTarget(function, model_output, data or {}, name or function.__name__, weight, labels)
        _registered[target.name] = target
        return target

    return declare


def get_registered_targets() -> dict[str, CalibrationTarget]:
    """The targets that were declared in this process, by name."""
    return dict(_registered)
