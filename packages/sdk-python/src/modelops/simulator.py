"""A class model as a function of its free parameters, for optimizers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .base_model import BaseModel
from .space import Scalar
from .transforms import Transform, named_transform
from .view import CoordinateSystem, ParameterView


@dataclass(frozen=True)
class ModelSimulator:
    """Maps a vector of coordinates and a seed to outputs. :raises ValueError: for an unknown scenario"""

    model: BaseModel
    scenario: str
    coords: CoordinateSystem

    def __post_init__(self) -> None:
        known = self.model.list_scenarios()
        if self.scenario not in known:
            raise ValueError(f"Unknown scenario '{self.scenario}'. Available scenarios: {known}")

    def __call__(self, z: Sequence[float], seed: int) -> dict[str, Any]:
        return self.model.simulate_scenario(self.scenario, self.coords.to_M(z), seed)

    def bounds(self) -> Any:
        """One row for each coordinate: its lower and upper bound."""
        return self.coords.bounds_transformed()

    @property
    def dim(self) -> int:
        return self.coords.dim

    @property
    def free_param_names(self) -> tuple[str, ...]:
        return self.coords.param_names


@dataclass(frozen=True)
class SimulatorBuilder:
    """Makes a :class:`ModelSimulator`. Each method returns a new builder."""

    model: BaseModel
    scenario: str = "baseline"
    fixed: Mapping[str, Scalar] = field(default_factory=dict)
    transforms: Mapping[str, Transform] = field(default_factory=dict)

    def fix(self, **values: Scalar) -> SimulatorBuilder:
        return replace(self, fixed={**self.fixed, **values})

    def with_transforms(self, **transforms: str | Transform) -> SimulatorBuilder:
        """:raises ValueError: for an unknown transform"""
        return replace(self, transforms={**self.transforms, **{name: named_transform(one) for name, one in transforms.items()}})

    def build(self) -> ModelSimulator:
        """:raises ValueError: for an unknown scenario or parameter, or a transform of a fixed parameter"""
        view = ParameterView.from_fixed(self.model.space, **self.fixed)
        return ModelSimulator(self.model, self.scenario, CoordinateSystem(view, self.transforms))
