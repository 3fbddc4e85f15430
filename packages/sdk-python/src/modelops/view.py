"""A parameter space with some values fixed; a calibration varies the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .space import ParameterSet, ParameterSpace, Scalar
from .transforms import Identity, Transform


@dataclass(frozen=True)
class ParameterView:
    """Some parameters of a space fixed, the others free, in the space's order. Methods return new views."""

    space: ParameterSpace
    fixed: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fixed", MappingProxyType(dict(self.fixed)))
        unknown = sorted(name for name in self.fixed if name not in self.space)
        if unknown:
            raise ValueError(f"Unknown fixed parameters: {unknown}. Available: {sorted(self.space.names())}")
        for name, value in self.fixed.items():
            if not isinstance(value, (int, float)):
                raise TypeError(f"Fixed value for {name} must be numeric, got {type(value).__name__}")

    @classmethod
    def all_free(cls, space: ParameterSpace) -> ParameterView:
        return cls(space)

    @classmethod
    def from_fixed(cls, space: ParameterSpace, **fixed: Scalar) -> ParameterView:
        return cls(space, fixed)

    @property
    def free(self) -> tuple[str, ...]:
        return tuple(name for name in self.space.names() if name not in self.fixed)

    def fix(self, **values: Scalar) -> ParameterView:
        return ParameterView(self.space, {**self.fixed, **values})

    def bind(self, **free_values: Scalar) -> ParameterSet:
        """A complete parameter set. :raises ValueError: if not exactly the free parameters are given"""
        free = set(self.free)
        missing, unexpected = sorted(free - set(free_values)), sorted(set(free_values) - free)
        problems = [f"{what}: {names}" for what, names in (("missing", missing), ("unexpected", unexpected)) if names]
        if problems:
            raise ValueError(f"bind() error: {'; '.join(problems)}")
        return ParameterSet(self.space, {**self.fixed, **free_values})

    def project(self, params: ParameterSet) -> dict[str, Scalar]:
        """The free values of a parameter set. :raises ValueError: for one of another space (the object, not an equal one)"""
        if params.space is not self.space:
            raise ValueError("Cannot project ParameterSet from different space")
        return {name: params[name] for name in self.free}


@dataclass(frozen=True)
class CoordinateSystem:
    """Converts vectors of an optimizer to parameter sets: one coordinate per free parameter, each with its transform."""

    view: ParameterView
    transforms: Mapping[str, Transform] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "transforms", MappingProxyType(dict(self.transforms)))
        unknown = sorted(name for name in self.transforms if name not in self.view.free)
        if unknown:
            raise ValueError(f"Transforms for parameters that are not free: {unknown}. Free: {list(self.view.free)}")

    @property
    def dim(self) -> int:
        return len(self.view.free)

    @property
    def param_names(self) -> tuple[str, ...]:
        return self.view.free

    def _transform(self, name: str) -> Transform:
        return self.transforms.get(name, Identity())

    def to_M(self, z: Sequence[float]) -> ParameterSet:
        """:raises ValueError: for a vector of another length, or a value outside its parameter's bounds"""
        if len(z) != self.dim:
            raise ValueError(f"Expected {self.dim} coordinates ({', '.join(self.param_names)}), got {len(z)}")
        values: dict[str, Scalar] = {}
        for name, coordinate in zip(self.param_names, z):
            natural = self._transform(name).backward(float(coordinate))
            values[name] = round(natural) if self.view.space.get_spec(name).kind == "int" else natural
        return self.view.bind(**values)

    def from_M(self, params: ParameterSet) -> list[float]:
        return [self._transform(name).forward(value) for name, value in self.view.project(params).items()]

    def bounds_transformed(self) -> Any:
        """One row for each coordinate, its lower and upper bound: a numpy array if numpy is installed, else a list."""
        specs = [self.view.space.get_spec(name) for name in self.param_names]
        rows = [self._transform(spec.name).bounds((spec.lower, spec.upper), transformed=True) for spec in specs]
        try:
            import numpy
        except ImportError:
            return rows
        return numpy.array(rows, dtype=float).reshape(len(rows), 2)
