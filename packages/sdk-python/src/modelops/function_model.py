"""The function form: ``@model(parameters=…, outputs=…)`` over a function that runs one simulation."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .definition import Config, Constraint, Isolation, ModelDefinition, Task, check_outputs, constraint_problems, isolation_problems, name_problems
from .errors import ModelError, Problem, check_problems, names_hint
from .parameters import Choice, Float, Int, Parameter, convert, task_values
from .tables import as_tables

#: Arguments that a model function may take in addition to its parameters.
CONTEXT = ("seed", "config", "scenario")


@dataclass(frozen=True)
class Variant:
    """The values that a scenario fixes: parameters, which replace a task's values, and config entries."""

    params: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)


def model(
    *,
    parameters: Mapping[str, Parameter] | None = None,
    outputs: Sequence[str] = (),
    scenarios: Mapping[str, Mapping[str, Any]] | None = None,
    config: Mapping[str, Any] | None = None,
    isolation: Isolation = "warm",
    constraint: Constraint | None = None,
) -> Callable[[Callable[..., Any]], FunctionModel]:
    """Declares a model from a function that runs one simulation.

    The function takes each parameter by name, and ``seed`` (an int), ``config`` (a dict) and ``scenario`` (a name) if it
    has arguments with these names. It returns a dict of tables by output name; a table is a dict of columns, or a pandas,
    polars or pyarrow table. Equal arguments must give equal tables.

    :param scenarios: by name, the parameters that each fixes (``{"lockdown": {"beta": 0.3}}``), or
        ``{"params": {…}, "config": {…}}``. The scenario ``baseline`` always exists; unless declared it changes nothing.
    :param config: default config entries; entries of a study and of the scenario replace them
    :param isolation: ``"fresh"`` runs each task in its own process, for a model that keeps state between simulations
    :param constraint: whether a design may contain a parameter set: a function of some parameters by name (``lambda beta, gamma: beta > gamma``).
        Designs contain only sets that it allows; studies may contain others
    :raises ModelError: listing all problems of the declaration
    """

    def declare(function: Callable[..., Any]) -> FunctionModel:
        return FunctionModel(function, parameters or {}, outputs, scenarios or {}, config or {}, isolation, constraint)

    return declare


class FunctionModel(ModelDefinition):
    """A model declared by :func:`model`. Calling it calls the function itself, without any check."""

    def __init__(
        self,
        function: Callable[..., Any],
        parameters: Mapping[str, Parameter],
        outputs: Sequence[str],
        scenarios: Mapping[str, Mapping[str, Any]],
        config: Mapping[str, Any],
        isolation: Isolation = "warm",
        constraint: Constraint | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.parameters = parameters
        self.outputs = (outputs,) if isinstance(outputs, str) else tuple(outputs)
        self.config = dict(config)
        self.isolation: Isolation = isolation
        self.constraint = constraint
        self._context, problems = _arguments(function, parameters)
        problems += _parameter_problems(parameters) + isolation_problems(isolation)
        self.scenarios = {"baseline": Variant(), **{name: _variant(fixed) for name, fixed in scenarios.items()}}
        problems += _scenario_problems(self.scenarios, parameters) + name_problems(self.outputs, self.scenarios)
        problems += constraint_problems(constraint, parameters)
        if not self.outputs:
            problems.append(("outputs", "a model needs at least one"))
        if len(set(self.outputs)) < len(self.outputs):
            problems.append(("outputs", "lists a name twice"))
        check_problems(f"model {self.__name__}", problems)

    __name__: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __reduce__(self) -> str:
        return self.function.__qualname__

    def describe(self) -> dict[str, Any]:
        parameters = [{"name": name, **parameter.describe()} for name, parameter in self.parameters.items()]
        return self._described(parameters, self.outputs, {name: variant.params for name, variant in self.scenarios.items()})

    def prepare(self, values: Mapping[str, object], scenario: str, config: Config | None, outputs: Iterable[str] | None) -> Task:
        if scenario not in self.scenarios:
            raise ModelError(f"the model has no scenario {scenario}", names_hint(scenario, self.scenarios, "scenarios"))
        wanted = check_outputs(outputs, self.outputs)
        variant = self.scenarios[scenario]
        params: dict[str, Any] = {**task_values(self.parameters, values, variant.params)}
        merged = {**self.config, **(config or {}), **variant.config}
        function, declared, context = self.function, self.outputs, self._context
        source = f"model {self.__name__}"

        def run(seed: int) -> Any:
            given = dict(params)
            if "seed" in context:
                given["seed"] = seed
            if "config" in context:
                given["config"] = dict(merged)
            if "scenario" in context:
                given["scenario"] = scenario
            return as_tables(function(**given), declared, wanted, source)

        return run


def _arguments(function: Callable[..., Any], parameters: Mapping[str, Parameter]) -> tuple[list[str], list[Problem]]:
    """The names of :data:`CONTEXT` that the function takes, and the problems of its arguments."""
    taken = inspect.signature(function).parameters
    by_name = [name for name, one in taken.items() if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    takes_any = any(one.kind is one.VAR_KEYWORD for one in taken.values())
    problems: list[Problem] = []
    for name in parameters:
        if name in CONTEXT:
            problems.append((f"parameters.{name}", f"invalid name: it is reserved for the {name} of the task"))
        elif name not in by_name and not takes_any:
            problems.append((f"parameters.{name}", f"the function has no argument {name}"))
    for name, one in taken.items():
        if name in parameters or name in CONTEXT or one.kind in (one.VAR_KEYWORD, one.VAR_POSITIONAL) or one.default is not one.empty:
            continue
        problems.append(("", f"argument {name} of the function is not a parameter; add it to parameters, or give it a default"))
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        problems.append(("", "the function must be an ordinary function, not async and not a generator"))
    return [name for name in CONTEXT if name in by_name], problems


def _parameter_problems(parameters: Mapping[str, Parameter]) -> list[Problem]:
    problems: list[Problem] = [] if parameters else [("parameters", "a model needs at least one")]
    for name, parameter in parameters.items():
        if not isinstance(name, str) or not name.isidentifier():
            problems.append(("parameters", f"invalid name {name!r}: expected letters, digits and _, not starting with a digit"))
        if not isinstance(parameter, (Float, Int, Choice)):
            problems.append((f"parameters.{name}", f"is {parameter!r}; expected Float, Int, Choice or Bool"))
        else:
            problems += [(f"parameters.{name}", problem) for problem in parameter.problems()]
    return problems


def _variant(fixed: Any) -> Variant:
    if hasattr(fixed, "param_patches") and hasattr(fixed, "config_patches"):
        return Variant(dict(fixed.param_patches), dict(fixed.config_patches))
    if not isinstance(fixed, Mapping):
        raise ModelError(f"a scenario is {fixed!r}", "expected a dict of the parameters that it fixes")
    if fixed and set(fixed) <= {"params", "config"} and all(isinstance(part, Mapping) for part in fixed.values()):
        return Variant(dict(fixed.get("params", {})), dict(fixed.get("config", {})))
    return Variant(dict(fixed))


def _scenario_problems(scenarios: Mapping[str, Variant], parameters: Mapping[str, Parameter]) -> list[Problem]:
    problems: list[Problem] = []
    for scenario, variant in scenarios.items():
        for name, value in variant.params.items():
            if name not in parameters:
                problems.append((f"scenarios.{scenario}", f"{name} is not a parameter; {names_hint(name, parameters, 'parameters')}"))
            elif isinstance(parameters[name], (Float, Int, Choice)):
                try:
                    convert(name, parameters[name], value)
                except ModelError as error:
                    problems.append((f"scenarios.{scenario}", error.message))
    return problems
