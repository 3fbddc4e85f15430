"""Transforms between a parameter's own values and an optimizer's coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

Bounds = tuple[float, float]


class Transform(Protocol):
    """A bijection of one parameter. ``forward`` maps its values to coordinates."""

    def forward(self, x: float) -> float: ...
    def backward(self, y: float) -> float: ...
    def bounds(self, natural_bounds: Bounds, transformed: bool = False) -> Bounds:
        """The bounds, or ``transformed`` to coordinates. :raises ValueError: for bounds that it cannot transform"""
        ...


@dataclass(frozen=True)
class Identity:
    """No change."""

    def forward(self, x: float) -> float:
        return float(x)

    def backward(self, y: float) -> float:
        return float(y)

    def bounds(self, natural_bounds: Bounds, transformed: bool = False) -> Bounds:
        return natural_bounds


@dataclass(frozen=True)
class LogTransform:
    """The natural logarithm, for values above 0."""

    def forward(self, x: float) -> float:
        if x <= 0:
            raise ValueError(f"LogTransform requires x > 0, got {x}")
        return math.log(x)

    def backward(self, y: float) -> float:
        return math.exp(y)

    def bounds(self, natural_bounds: Bounds, transformed: bool = False) -> Bounds:
        low, high = natural_bounds
        if low <= 0:
            raise ValueError(f"LogTransform requires positive bounds, got [{low}, {high}]")
        return (math.log(low), math.log(high)) if transformed else natural_bounds


@dataclass(frozen=True)
class LogitTransform:
    """The log-odds, for values strictly between 0 and 1. Coordinates of bounds are -10 and 10."""

    def forward(self, x: float) -> float:
        if not 0 < x < 1:
            raise ValueError(f"LogitTransform requires 0 < x < 1, got {x}")
        return math.log(x / (1 - x))

    def backward(self, y: float) -> float:
        return _sigmoid(y)

    def bounds(self, natural_bounds: Bounds, transformed: bool = False) -> Bounds:
        _check_unit("LogitTransform", natural_bounds)
        return (-10.0, 10.0) if transformed else natural_bounds


@dataclass(frozen=True)
class AffineSqueezedLogit:
    """The log-odds of values from 0 to 1, squeezed into [eps, 1 - eps] so that the ends are finite."""

    eps: float = 1e-6

    def __post_init__(self) -> None:
        if not 0 < self.eps < 0.5:
            raise ValueError(f"eps must be in (0, 0.5), got {self.eps}")

    def forward(self, x: float) -> float:
        if not 0 <= x <= 1:
            raise ValueError(f"AffineSqueezedLogit requires 0≤x≤1, got {x}")
        squeezed = self.eps + (1 - 2 * self.eps) * x
        return math.log(squeezed / (1 - squeezed))

    def backward(self, y: float) -> float:
        return min(max((_sigmoid(y) - self.eps) / (1 - 2 * self.eps), 0.0), 1.0)

    def bounds(self, natural_bounds: Bounds, transformed: bool = False) -> Bounds:
        _check_unit("AffineSqueezedLogit", natural_bounds)
        return (self.forward(natural_bounds[0]), self.forward(natural_bounds[1])) if transformed else natural_bounds


NAMED: dict[str, Transform] = {"identity": Identity(), "log": LogTransform(), "logit": AffineSqueezedLogit()}


def named_transform(transform: str | Transform) -> Transform:
    """A transform by name. :raises ValueError: for an unknown name"""
    if not isinstance(transform, str):
        return transform
    if transform.lower() not in NAMED:
        raise ValueError(f"Unknown transform '{transform}'. Available: {', '.join(sorted(NAMED))}")
    return NAMED[transform.lower()]


def _sigmoid(y: float) -> float:
    """1 / (1 + e^-y) without overflow."""
    return 1 / (1 + math.exp(-y)) if y >= 0 else math.exp(y) / (1 + math.exp(y))


def _check_unit(name: str, bounds: Bounds) -> None:
    low, high = bounds
    if not 0 <= low < high <= 1:
        raise ValueError(f"{name} requires bounds in [0,1], got [{low}, {high}]")
