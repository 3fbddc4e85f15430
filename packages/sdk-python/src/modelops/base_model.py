"""The class form: subclasses of ``BaseModel`` with ``PARAMS``, ``build_sim``, ``run_sim`` and decorated methods."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar, final

from .configuration import ConfigurationSet, ConfigurationSpace
from .definition import Constraint, Isolation
from .scenario import ScenarioSpec
from .space import ParameterSet, ParameterSpace

#: The column that ``simulate`` adds to each output.
SEED_COL = "seed"
F = TypeVar("F", bound=Callable[..., Any])


def model_output(name: str, metadata: Mapping[str, Any] | None = None) -> Callable[[F], F]:
    """Marks a method ``(self, raw, seed)`` as the extractor of an output. It returns a table without a column ``seed``.

    :raises TypeError: for other arguments
    """

    def mark(method: F) -> F:
        _check_signature(method, 3, f"output '{name}'", "(self, raw, seed)")
        method._model_output = name  # type: ignore[attr-defined]
        method._output_metadata = dict(metadata or {})  # type: ignore[attr-defined]
        return method

    return mark


def model_scenario(name: str) -> Callable[[F], F]:
    """Marks a method ``(self)`` that returns the :class:`ScenarioSpec` of this name. :raises TypeError: for other arguments"""

    def mark(method: F) -> F:
        _check_signature(method, 1, f"scenario '{name}'", "(self)")
        method._model_scenario = name  # type: ignore[attr-defined]
        return method

    return mark


def _check_signature(method: Callable[..., Any], count: int, what: str, expected: str) -> None:
    names = list(inspect.signature(method).parameters)
    if len(names) != count or names[0] != "self":
        raise TypeError(f"The method of {what} must have the arguments {expected}, got ({', '.join(names)})")


class BaseModel(ABC):
    """A simulation model.

    A subclass sets ``PARAMS`` (or defines a classmethod ``parameter_space``) and defines ``build_sim`` and ``run_sim``;
    ``CONFIG`` is optional; ``ISOLATION = "fresh"`` runs each task in its own process. The class is constructed without arguments.
    Outputs and scenarios are inherited, and cannot change after the first use.
    """

    PARAMS: ClassVar[ParameterSpace | None] = None
    CONFIG: ClassVar[ConfigurationSpace | None] = None
    DEFAULT_SCENARIO: ClassVar[str] = "baseline"
    ISOLATION: ClassVar[Isolation] = "warm"
    #: As ``constraint`` of the function form: ``CONSTRAINT = lambda beta, gamma: beta > gamma``.
    CONSTRAINT: ClassVar[Constraint | None] = None
    _output_methods: ClassVar[Mapping[str, str]] = {}
    _scenario_methods: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "PARAMS" not in cls.__dict__ and hasattr(cls, "parameter_space"):
            cls.PARAMS = cls.parameter_space()
        config_space = getattr(cls, "config_space", None)
        if "CONFIG" not in cls.__dict__ and config_space is not None:
            cls.CONFIG = config_space()
        if cls.PARAMS is None:
            raise TypeError(f"{cls.__name__}.PARAMS must be set to a ParameterSpace, as in PARAMS = ParameterSpace([ParameterSpec(…), …])")
        if not isinstance(cls.PARAMS, ParameterSpace):
            raise TypeError(f"{cls.__name__}.PARAMS must be a ParameterSpace, got {type(cls.PARAMS).__name__}")
        if cls.CONFIG is not None and not isinstance(cls.CONFIG, ConfigurationSpace):
            raise TypeError(f"{cls.__name__}.CONFIG must be a ConfigurationSpace, got {type(cls.CONFIG).__name__}")
        cls._output_methods = {**cls._output_methods, **_marked(cls, "_model_output")}
        cls._scenario_methods = {**cls._scenario_methods, **_marked(cls, "_model_scenario")}

    def __init__(
        self,
        space: ParameterSpace | None = None,
        config_space: ConfigurationSpace | None = None,
        base_config: ConfigurationSet | None = None,
    ) -> None:
        """Uses the class's own spaces and default configuration unless others are given.

        :raises ValueError: if ``base_config`` belongs to another space
        """
        own_space = space or type(self).PARAMS
        assert own_space is not None
        self.space = own_space
        # An instance attribute: a subclass may have a classmethod of this name.
        self.config_space = config_space or type(self).CONFIG or ConfigurationSpace()
        self.base_config = base_config or ConfigurationSet.from_defaults(self.config_space)
        if self.base_config.space != self.config_space:
            raise ValueError(f"base_config belongs to another space than {type(self).__name__}.CONFIG")
        self._sealed = False
        self._outputs: Mapping[str, Callable[[Any, int], Any]] = {
            name: getattr(self, method) for name, method in sorted(self._output_methods.items())
        }
        self._scenarios: Any = {"baseline": ScenarioSpec("baseline", doc="Default scenario")}
        for name, method in sorted(self._scenario_methods.items()):
            self._scenarios[name] = self._declared_scenario(name, method)
        self.setup_scenarios()

    def _declared_scenario(self, name: str, method: str) -> ScenarioSpec:
        scenario = getattr(self, method)()
        if not isinstance(scenario, ScenarioSpec):
            raise TypeError(f"The method of scenario '{name}' must return a ScenarioSpec, got {type(scenario).__name__}")
        if scenario.name != name:
            raise ValueError(f"The method of scenario '{name}' returned the scenario '{scenario.name}'")
        return scenario

    def setup_scenarios(self) -> None:
        """A hook to add scenarios in code: ``self.add_scenario(ScenarioSpec(…))``."""

    def add_scenario(self, scenario: ScenarioSpec) -> None:
        """:raises RuntimeError: after the first use of the model"""
        if self._sealed:
            raise RuntimeError("scenarios cannot be added after the first use of the model")
        self._scenarios[scenario.name] = scenario

    def _seal(self) -> None:
        if not self._sealed:
            self._scenarios = MappingProxyType(dict(self._scenarios))
            self._outputs = MappingProxyType(dict(self._outputs))
            self._sealed = True

    @abstractmethod
    def build_sim(self, params: ParameterSet, config: ConfigurationSet) -> Any:
        """The state of a simulation. Pure: no randomness."""

    @abstractmethod
    def run_sim(self, state: Any, seed: int) -> Any:
        """Runs the simulation. All randomness comes from ``seed``."""

    @final
    def simulate(
        self,
        params: ParameterSet,
        seed: int,
        config: ConfigurationSet | Mapping[str, Any] | None = None,
        config_overrides: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """All outputs in the default scenario. See :meth:`simulate_scenario`."""
        return self.simulate_scenario(self.DEFAULT_SCENARIO, params, seed, config, config_overrides)

    @final
    def simulate_scenario(
        self,
        scenario: str,
        params: ParameterSet,
        seed: int,
        config: ConfigurationSet | Mapping[str, Any] | None = None,
        config_overrides: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """All outputs as their extractors return them, each with a column ``seed``.

        :param config: a complete configuration, or a dict of differences from ``base_config``
        :raises TypeError: if ``params`` is not a ParameterSet, or an extractor does not return a table
        :raises ValueError: for parameters of another space, an unknown scenario, or both kinds of configuration
        """
        patched_params, patched_config = self.in_scenario(scenario, params, self._chosen_config(config, config_overrides))
        raw = self.run_sim(self.build_sim(patched_params, patched_config), seed)
        return self.extract_outputs(raw, seed)

    def in_scenario(self, scenario: str, params: ParameterSet, config: ConfigurationSet) -> tuple[ParameterSet, ConfigurationSet]:
        """Applies a scenario to both. :raises TypeError, ValueError: as :meth:`simulate_scenario`"""
        self._seal()
        if not isinstance(params, ParameterSet):
            raise TypeError(f"simulate() requires ParameterSet, got {type(params).__name__}")
        if params.space is not self.space:
            raise ValueError("ParameterSet is for a different parameter space")
        if scenario not in self._scenarios:
            raise ValueError(f"Unknown scenario: {scenario}. Available: {self.list_scenarios()}")
        found: ScenarioSpec = self._scenarios[scenario]
        return found.apply(params, config)

    def _chosen_config(self, config: Any, overrides: Mapping[str, Any] | None) -> ConfigurationSet:
        if config is not None and overrides is not None:
            raise ValueError("give config or config_overrides, not both")
        if isinstance(config, ConfigurationSet):
            return config
        return self.base_config.with_updates(**(config or overrides or {}))

    def extract_outputs(self, raw: Any, seed: int) -> dict[str, Any]:
        """The table of each output, with a column ``seed``."""
        self._seal()
        return {name: _with_seed(name, extract(raw, seed), seed) for name, extract in self._outputs.items()}

    def list_scenarios(self) -> list[str]:
        self._seal()
        return sorted(self._scenarios)

    def list_outputs(self) -> list[str]:
        self._seal()
        return sorted(self._outputs)

    def get_scenario(self, name: str) -> ScenarioSpec:
        """:raises KeyError: for an unknown name"""
        self._seal()
        if name not in self._scenarios:
            raise KeyError(f"Scenario '{name}' not found. Available: {self.list_scenarios()}")
        found: ScenarioSpec = self._scenarios[name]
        return found

    def builder(self, scenario: str = "baseline") -> Any:
        """Makes a simulator over the free parameters: ``.fix(…).with_transforms(…).build()``."""
        from .simulator import SimulatorBuilder

        return SimulatorBuilder(self, scenario)

    as_sim = builder


def _marked(cls: type, mark: str) -> dict[str, str]:
    return {getattr(value, mark): name for name, value in vars(cls).items() if hasattr(value, mark)}


def _with_seed(output: str, table: Any, seed: int) -> Any:
    library = type(table).__module__.partition(".")[0]
    columns = list(table) if isinstance(table, Mapping) else getattr(table, "column_names", getattr(table, "columns", None))
    if columns is None or (library not in ("polars", "pandas", "pyarrow") and not isinstance(table, Mapping)):
        raise TypeError(f"Output extractor '{output}' must return a table, got {type(table).__name__}")
    if SEED_COL in columns:
        raise ValueError(f"Output extractor '{output}' must not add {SEED_COL} column: it is added automatically")
    if library == "polars":
        import polars

        return table.with_columns(polars.lit(seed, dtype=polars.Int64 if seed < 2**63 else polars.UInt64).alias(SEED_COL))
    if library == "pandas":
        return table.assign(**{SEED_COL: seed})
    if library == "pyarrow":
        import pyarrow

        return table.append_column(SEED_COL, pyarrow.array([seed] * table.num_rows))
    rows = len(next(iter(table.values()), ()))
    return {**table, SEED_COL: [seed] * rows}
