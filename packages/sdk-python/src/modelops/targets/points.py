"""What a loss reports about its observations; the same in both languages of targets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from ..errors import ModelError
from .alignment import AlignedData
from .frames import join_values

#: Number of observations that diagnostics name.
WORST = 3
#: Diagnostics list a value for each observation up to this number of them; a kept table has all.
MOST_POINTS = 100


@dataclass(frozen=True)
class Point:
    """An observation and the mean of its simulated partners."""

    #: Its row in the data.
    row: Any
    #: Its values in the join columns.
    keys: Mapping[str, Any]
    observed: float
    simulated: float
    weight: float

    @property
    def residual(self) -> float:
        return self.simulated - self.observed


def points_of(aligned: AlignedData, observed: Sequence[Any], simulated: Sequence[Any], weights: Sequence[Any]) -> list[Point]:
    """The matched observations in the order of the data; a missing value or weight is no match."""
    partners: dict[Any, tuple[int, list[float]]] = {}
    for at, values in enumerate(zip(observed, simulated, weights)):
        if None not in values:
            partners.setdefault(aligned.row_of(at), (at, []))[1].append(values[1])
    keys = {name: join_values(aligned.columns[name]) for name in aligned.on_cols}
    in_order = partners.items() if aligned.n_observed is None else sorted(partners.items(), key=lambda partner: partner[0])
    return [
        Point(row, {name: column[at] for name, column in keys.items()}, observed[at], math.fsum(values) / len(values), weights[at])
        for row, (at, values) in in_order
    ]


def residual_diagnostics(aligned: AlignedData, points: Sequence[Point]) -> dict[str, Any]:
    """The weighted mean of the residuals (simulated - observed), each residual, and the observations with the largest weighted ones."""
    total = math.fsum(point.weight for point in points)
    return {
        **_matched(aligned, points),
        "bias": math.fsum(point.weight * point.residual for point in points) / total,
        **_listed("residuals", aligned, points, lambda point: point.residual),
        "worst": _worst(points, lambda point: point.weight * abs(point.residual), lambda point: {"residual": point.residual}),
    }


def density_diagnostics(aligned: AlignedData, points: Sequence[Point], densities: Mapping[Any, float]) -> dict[str, Any]:
    """The logarithm of each observation's mean density over replicates (None for 0), by its row, and the observations with the lowest.

    The pointwise predictive density of Gelman, Hwang and Vehtari 2014, eq. 5, doi:10.1007/s11222-013-9416-2.
    """
    shown = {row: value if math.isfinite(value) else None for row, value in densities.items()}
    return {
        **_matched(aligned, points),
        **_listed("log_densities", aligned, points, lambda point: shown[point.row]),
        "worst": _worst(points, lambda point: -point.weight * densities[point.row] if point.weight > 0 else -math.inf, lambda point: {"log_density": shown[point.row]}),
    }


def _matched(aligned: AlignedData, points: Sequence[Point]) -> dict[str, int]:
    return {"n_observations": len(points) if aligned.n_observed is None else aligned.n_observed, "n_matched": len(points)}


def _listed(name: str, aligned: AlignedData, points: Sequence[Point], value: Callable[[Point], Union[float, None]]) -> dict[str, Any]:
    """A value for each observation in the order of the data, None for one that is not matched."""
    n = aligned.n_observed
    if n is None or n > MOST_POINTS:
        return {}
    values = {point.row: value(point) for point in points}
    return {name: [values.get(row) for row in range(n)]}


def _worst(points: Sequence[Point], size: Callable[[Point], float], more: Callable[[Point], Mapping[str, Any]]) -> list[dict[str, Any]]:
    worst = sorted(points, key=lambda point: -size(point))[:WORST]
    return [{**point.keys, "observed": point.observed, "simulated": point.simulated, **more(point)} for point in worst]


def row_weights(aligned: AlignedData, row_weight: str | None) -> Sequence[float | None]:
    """How much each row counts: 1, or the value of a column of the observed data. :raises ModelError: for a negative weight"""
    if row_weight is None:
        return [1.0] * len(next(iter(aligned.columns.values()), ()))
    weights = aligned.observed_numbers(row_weight)
    negative = next((at for at, weight in enumerate(weights) if weight is not None and weight < 0), None)
    if negative is not None:
        raise ModelError(f"observed {row_weight} is {weights[negative]} at {aligned.where(negative)}", "a weight is at least 0")
    return weights
