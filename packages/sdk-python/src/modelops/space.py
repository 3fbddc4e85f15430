"""Parameters of the class form: a space of numbers with bounds, and complete, checked values for it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Generic, Literal, TypeVar, Union

Scalar = Union[int, float]


@dataclass(frozen=True)
class ParameterSpec:
    """One number with inclusive bounds; a whole number if ``kind`` is ``"int"``.

    ``scale="log"`` spreads a design's points evenly in the logarithm and needs ``lower`` above 0.
    """

    name: str
    lower: Scalar
    upper: Scalar
    kind: Literal["float", "int"] = "float"
    doc: str = ""
    scale: Literal["linear", "log"] = "linear"
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a parameter needs a name")
        if self.kind not in ("float", "int"):
            raise ValueError(f"Parameter {self.name} has kind {self.kind!r}; expected 'float' or 'int'")
        for bound in (self.lower, self.upper):
            if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not math.isfinite(bound):
                raise ValueError(f"Parameter {self.name} has the bound {bound!r}; expected a finite number")
            if self.kind == "int" and not isinstance(bound, int):
                raise ValueError(f"Parameter {self.name} is an int and has the bound {bound!r}; expected a whole number")
        if self.lower > self.upper:
            raise ValueError(f"Parameter {self.name} has lower bound {self.lower} above upper bound {self.upper}")
        if self.scale not in ("linear", "log"):
            raise ValueError(f"Parameter {self.name} has scale {self.scale!r}; expected 'linear' or 'log'")
        if self.scale == "log" and self.lower <= 0:
            raise ValueError(f"Parameter {self.name} has lower bound {self.lower}; a log scale needs one above 0")

    def validate_value(self, value: Any) -> None:
        """:raises TypeError: if it is not a number, :raises ValueError: for NaN, infinity, fractions of an int and values outside the bounds"""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"Parameter {self.name} must be a number, got {type(value).__name__}")
        if not math.isfinite(value):
            raise ValueError(f"Parameter {self.name} must be finite, got {value}")
        if self.kind == "int" and value != int(value):
            raise ValueError(f"Parameter {self.name} must be a whole number, got {value}")
        if not self.lower <= value <= self.upper:
            raise ValueError(f"Parameter {self.name}={value} outside bounds [{self.lower}, {self.upper}]")

    def describe(self) -> dict[str, Any]:
        texts = {"unit": self.unit, "description": self.doc}
        bounds = {"min": self.lower, "max": self.upper, "scale": self.scale}
        return {"name": self.name, "kind": self.kind, **bounds, **{name: text for name, text in texts.items() if text}}


S = TypeVar("S")
V = TypeVar("V")


class Specs(Generic[S]):
    """Things with a ``name`` in order, each name once. :raises ValueError: for a name that is listed twice"""

    _what: ClassVar[str]

    def __init__(self, specs: Iterable[S] = ()) -> None:
        self.specs = tuple(specs)
        self._by_name: dict[str, S] = {spec.name: spec for spec in self.specs}  # type: ignore[attr-defined]
        if len(self._by_name) < len(self.specs):
            names = self.names()
            raise ValueError(f"Duplicate {self._what} names: {sorted({name for name in names if names.count(name) > 1})}")

    def names(self) -> list[str]:
        return [spec.name for spec in self.specs]  # type: ignore[attr-defined]

    def get_spec(self, name: str) -> S:
        """:raises KeyError: for a name that is not in the space"""
        if name not in self._by_name:
            raise KeyError(f"Unknown {self._what}: {name}. Available: {sorted(self._by_name)}")
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __len__(self) -> int:
        return len(self.specs)


class Values(Generic[V]):
    """A value for every name of a space. Cannot be changed."""

    _what: ClassVar[str]
    values: Mapping[str, V]

    def __getitem__(self, name: str) -> V:
        if name not in self.values:
            raise KeyError(f"{self._what} {name} not in set. Available: {sorted(self.values)}")
        return self.values[name]

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def to_dict(self) -> dict[str, V]:
        return dict(self.values)


class ParameterSpace(Specs[ParameterSpec]):
    """Parameters in order, each name once. Two spaces are different even if their parameters are equal."""

    _what = "parameter"

    def __iter__(self) -> Iterator[ParameterSpec]:
        return iter(self.specs)

    def __repr__(self) -> str:
        return f"ParameterSpace({', '.join(self.names())})"


@dataclass(frozen=True)
class ParameterSet(Values[Scalar]):
    """A value for every parameter of a space. Cannot be changed.

    :raises ValueError: for unknown names, then missing ones, then invalid values
    """

    _what = "Parameter"
    space: ParameterSpace
    values: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = set(self.space.names())
        check_complete(names, self.values, "parameters")
        checked = {}
        for spec in self.space.specs:
            value = _as_number(self.values[spec.name])
            try:
                spec.validate_value(value)
            except (TypeError, ValueError) as error:
                raise ValueError(f"Validation failed for {spec.name}: {error}") from error
            checked[spec.name] = int(value) if spec.kind == "int" else value
        object.__setattr__(self, "values", MappingProxyType(checked))

    def with_updates(self, **updates: Scalar) -> ParameterSet:
        return ParameterSet(self.space, {**self.values, **updates})

    @classmethod
    def new(cls, space: ParameterSpace, **values: Scalar) -> ParameterSet:
        return cls(space, values)

    def __reduce__(self) -> Any:
        return ParameterSet, (self.space, dict(self.values))

    def __repr__(self) -> str:
        return f"ParameterSet({', '.join(f'{name}={value}' for name, value in self.values.items())})"


def check_complete(names: Iterable[str], given: Mapping[str, object], what: str) -> None:
    """:raises ValueError: for unknown names, or else for names without a value"""
    known = set(names)
    unknown = set(given) - known
    if unknown:
        raise ValueError(f"Unknown {what}: {sorted(unknown)}. Available: {sorted(known)}")
    missing = known - set(given)
    if missing:
        raise ValueError(f"Missing required {what}: {sorted(missing)}")


def _as_number(value: Any) -> Any:
    """The Python number of a numpy scalar."""
    return value.item() if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0 else value
