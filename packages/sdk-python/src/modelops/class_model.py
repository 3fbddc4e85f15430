"""Adapts a subclass of BaseModel to the interface of hosts and tools."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from .base_model import SEED_COL, BaseModel
from .definition import Config, Isolation, ModelDefinition, Task, check_outputs, constraint_problems, isolation_problems, name_problems
from .errors import ModelError, check_problems, names_hint
from .space import ParameterSet, Scalar
from .tables import as_table


class ClassModel(ModelDefinition):
    """A subclass of BaseModel, constructed once. :raises ModelError: if it is incomplete or invalid"""

    def __init__(self, cls: type[BaseModel]) -> None:
        self.name = cls.__name__
        missing = sorted(getattr(cls, "__abstractmethods__", ()))
        if missing:
            how = "a model defines build_sim(self, params, config) and run_sim(self, state, seed)"
            raise ModelError(f"class {self.name} does not define {' and '.join(missing)}", how)
        self.instance = _constructed(cls)
        self.outputs = self.instance.list_outputs()
        problems = name_problems(self.outputs, self.instance.list_scenarios())
        if not len(self.instance.space):
            problems.append(("parameters", "the model has none: list them in PARAMS"))
        self.isolation: Isolation = cls.ISOLATION
        problems += isolation_problems(self.isolation)
        #: Taken from the class: from an instance it would be a method.
        self.constraint = cls.CONSTRAINT
        problems += constraint_problems(self.constraint, self.instance.space)
        if not self.outputs:
            problems.append(("outputs", "the model has none: mark a method with @model_output"))
        check_problems(f"model {self.name}", problems)
        self._check_scenarios()

    def _check_scenarios(self) -> None:
        """Checks that the names of every scenario exist and that its values are within the bounds."""
        lowest = ParameterSet(self.instance.space, {spec.name: spec.lower for spec in self.instance.space.specs})
        for name in self.instance.list_scenarios():
            try:
                self.instance.in_scenario(name, lowest, self.instance.base_config)
            except ValueError as error:
                raise ModelError(str(error)) from None

    def describe(self) -> dict[str, Any]:
        scenarios = {name: self.instance.get_scenario(name).param_patches for name in self.instance.list_scenarios()}
        return self._described([spec.describe() for spec in self.instance.space.specs], self.outputs, scenarios)

    def prepare(self, values: Mapping[str, object], scenario: str, config: Config | None, outputs: Iterable[str] | None) -> Task:
        model = self.instance
        if scenario not in model.list_scenarios():
            raise ModelError(f"the model has no scenario {scenario}", names_hint(scenario, model.list_scenarios(), "scenarios"))
        wanted = check_outputs(outputs or None, self.outputs)
        given = ParameterSet(model.space, _as_declared(model, values))
        params, settings = model.in_scenario(scenario, given, model.base_config.with_updates(**(config or {})))

        def run(seed: int) -> Any:
            raw = model.run_sim(model.build_sim(params, settings), seed)
            return {name: self._extracted(name, raw, seed) for name in wanted}

        return run

    def _extracted(self, name: str, raw: Any, seed: int) -> Any:
        table = self.instance._outputs[name](raw, seed)
        columns = list(table) if isinstance(table, Mapping) else getattr(table, "columns", ())
        if SEED_COL in columns:
            raise ModelError(f"Output extractor '{name}' must not add {SEED_COL} column: it is added automatically")
        return as_table(name, table)


def _constructed(cls: type[BaseModel]) -> BaseModel:
    required = [
        name
        for name, one in inspect.signature(cls).parameters.items()
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    if required:
        raise ModelError(f"class {cls.__name__} cannot be constructed without {', '.join(required)}", "give them defaults")
    return cls()


def _as_declared(model: BaseModel, values: Mapping[str, object]) -> dict[str, Scalar]:
    """Converts values of float parameters to floats, because JSON does not distinguish 2 from 2.0."""
    return {
        name: float(value) + 0.0 if name in model.space and model.space.get_spec(name).kind == "float" and _is_number(value) else value  # type: ignore[arg-type, misc]
        for name, value in values.items()
    }


def _is_number(value: object) -> bool:
    return hasattr(value, "__float__") and not isinstance(value, (bool, str))


