"""Kinds of parameters for the function form: ``Float``, ``Int``, ``Choice`` and ``Bool``."""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Union

from .errors import ModelError, names_hint, nearest_name

ParamValue = Union[bool, int, float, str]
Scale = Literal["linear", "log"]


@dataclass(frozen=True)
class _Number:
    min: float
    max: float
    scale: Scale = "linear"
    default: float | None = None
    unit: str = ""
    description: str = ""
    kind: ClassVar[str]

    def describe(self) -> dict[str, Any]:
        bounds = {"min": _plain(self.min), "max": _plain(self.max)}
        return {"kind": self.kind, **bounds, "scale": self.scale, **_texts(self)}

    def convert(self, value: object) -> ParamValue:
        raise NotImplementedError

    def problems(self) -> list[str]:
        low, high = self.min, self.max
        for name, bound in (("min", low), ("max", high)):
            if isinstance(bound, bool) or not isinstance(bound, numbers.Real) or not math.isfinite(bound):
                return [f"{name} is {shown(bound)}, not a finite number"]
            if self.kind == "int" and not isinstance(bound, numbers.Integral):
                return [f"{name} is {shown(bound)}, not a whole number"]
        problems = []
        if low > high:
            problems.append(f"min {low} is above max {high}")
        if self.scale not in ("linear", "log"):
            problems.append(f"scale is {shown(self.scale)}; expected 'linear' or 'log'")
        elif self.scale == "log" and low <= 0:
            problems.append(f"min {low} must be above 0 for a log scale")
        if self.default is not None:
            try:
                value = self.convert(self.default)
            except ModelError as error:
                problems.append(f"default {error.message}")
            else:
                if not low <= value <= high:  # type: ignore[operator]
                    problems.append(f"default {value} is outside {low} to {high}")
        return problems


@dataclass(frozen=True)
class Float(_Number):
    """A real parameter with inclusive bounds. The bounds limit designs; a study may still set a value outside them.

    ``scale="log"`` spreads a design's points evenly in the logarithm and needs ``min`` above 0. ``default`` is the
    value in designs that do not vary the parameter. Reports show ``unit`` and ``description``.
    """

    kind: ClassVar[str] = "float"

    def convert(self, value: object) -> ParamValue:
        number = _real(value)
        if number is None or not math.isfinite(number):
            raise ModelError(f"is {shown(value)}, not a finite number")
        return float(number) + 0.0  # -0.0 is 0.0, as in a parameter set's id


@dataclass(frozen=True)
class Int(_Number):
    """A whole-number parameter with inclusive bounds; otherwise as :class:`Float`."""

    min: int
    max: int
    default: int | None = None
    kind: ClassVar[str] = "int"

    def convert(self, value: object) -> ParamValue:
        number = _real(value)
        if number is None or not math.isfinite(number) or number != int(number):
            raise ModelError(f"is {shown(value)}, not a whole number")
        return int(number)


class Choice:
    """A parameter that takes one of the listed values: ``Choice("low", "high")``."""

    kind: ClassVar[str] = "choice"

    def __init__(self, *values: ParamValue, default: ParamValue | None = None, unit: str = "", description: str = "") -> None:
        self.values = tuple(values[0]) if len(values) == 1 and isinstance(values[0], (list, tuple)) else values
        self.default = default
        self.unit = unit
        self.description = description

    def __repr__(self) -> str:
        return f"Choice({', '.join(map(repr, self.values))})"

    def describe(self) -> dict[str, Any]:
        return {"kind": "choice", "values": list(self.values), **_texts(self)}

    def convert(self, value: object) -> ParamValue:
        plain = _plain(value)
        for allowed in self.values:
            if plain == allowed and isinstance(plain, bool) == isinstance(allowed, bool):
                return allowed
        raise ModelError(f"is {shown(value)}, not one of {', '.join(map(shown, self.values))}")

    def problems(self) -> list[str]:
        if not self.values:
            return ["has no values to choose from"]
        for value in self.values:
            if not isinstance(value, (bool, int, float, str)) or (isinstance(value, float) and not math.isfinite(value)):
                return [f"has the value {shown(value)}; expected booleans, finite numbers or strings"]
        if len({(isinstance(value, bool), value) for value in self.values}) < len(self.values):
            return ["lists a value twice"]
        if self.default is not None and self.default not in self.values:
            return [f"default {shown(self.default)} is not one of {', '.join(map(shown, self.values))}"]
        return []


class Bool(Choice):
    """A parameter that is true or false."""

    def __init__(self, *, default: bool | None = None, unit: str = "", description: str = "") -> None:
        super().__init__(False, True, default=default, unit=unit, description=description)

    def __repr__(self) -> str:
        return "Bool()"


Parameter = Union[Float, Int, Choice]


def task_values(parameters: Mapping[str, Parameter], values: Mapping[str, object], fixed: Mapping[str, object]) -> dict[str, ParamValue]:
    """The values of one task in declared order and types; values that the scenario fixes replace them.

    :raises ModelError: if ``values`` are not exactly the parameters, each of its kind
    """
    merged: dict[str, ParamValue] = {}
    for name, parameter in parameters.items():
        if name not in values:
            raise _missing(name, parameters, values)
        converted = convert(name, parameter, values[name])
        merged[name] = convert(name, parameter, fixed[name]) if name in fixed else converted
    for name in values:
        if name not in parameters:
            raise ModelError(f"the model has no parameter {name}", names_hint(name, parameters, "parameters"))
    return merged


def convert(name: str, parameter: Parameter, value: object) -> ParamValue:
    """The value in the parameter's type. :raises ModelError: naming the parameter"""
    try:
        return parameter.convert(value)
    except ModelError as error:
        raise ModelError(f"parameter {name} {error.message}") from None


def shown(value: object) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _missing(name: str, parameters: Mapping[str, Parameter], values: Mapping[str, object]) -> ModelError:
    slip = nearest_name(name, [given for given in values if given not in parameters])
    if slip is not None:
        return ModelError(f"parameter {name} has no value, and {slip} is not a parameter", f"rename {slip} to {name}?")
    return ModelError(f"parameter {name} has no value", f"provide all of {', '.join(parameters)}")


def _plain(value: object) -> object:
    """The Python value of a numpy scalar."""
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "ndim", None) == 0 else value


def _real(value: object) -> float | int | None:
    plain = _plain(value)
    return plain if isinstance(plain, (int, float)) and not isinstance(plain, bool) else None


def _texts(parameter: _Number | Choice) -> dict[str, Any]:
    given = {"default": parameter.default, "unit": parameter.unit or None, "description": parameter.description or None}
    return {name: _plain(value) for name, value in given.items() if value is not None}
