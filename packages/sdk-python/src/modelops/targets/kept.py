"""Tables that a target keeps with its loss: mean, quantiles over replicates and residual of each observation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ModelError
from .alignment import AlignedData
from .frames import join_values

#: Maximum number of values of a table, since one is kept for every parameter set.
MAX_VALUES = 100_000


@dataclass(frozen=True)
class KeptTable:
    """The join columns, ``observed``, ``mean``, ``q0.05`` and so on, and ``residual`` (mean - observed), one row for each observation.

    Quantiles interpolate linearly between order statistics (type 7 of Hyndman and Fan 1996). Observations without a simulated value
    are omitted.

    :param col: the column that is compared
    :param quantiles: over replicates, from 0 to 1
    :raises ValueError: for other quantiles
    """

    col: str
    quantiles: Sequence[float] = (0.05, 0.5, 0.95)

    def __post_init__(self) -> None:
        if not all(0 <= q <= 1 for q in self.quantiles):
            raise ValueError(f"quantiles must be from 0 to 1, got {list(self.quantiles)}")

    def of(self, aligned: AlignedData) -> dict[str, list[Any]]:
        """:raises ModelError: for a table of more than 100,000 values"""
        observed, simulated = aligned.observed_numbers(self.col), aligned.simulated_numbers(self.col)
        partners: dict[Any, tuple[int, list[float]]] = {}
        for at, (left, right) in enumerate(zip(observed, simulated)):
            if left is not None and right is not None:
                partners.setdefault(aligned.row_of(at), (at, []))[1].append(right)
        first = [at for at, _ in partners.values()]
        samples = [sorted(values) for _, values in partners.values()]
        means = [math.fsum(values) / len(values) for values in samples]
        table = {name: [join_values(aligned.columns[name])[at] for at in first] for name in aligned.on_cols}
        table |= {"observed": [observed[at] for at in first], "mean": means}
        table |= {f"q{q:g}": [_quantile(values, q) for values in samples] for q in self.quantiles}
        table["residual"] = [mean - value for mean, value in zip(means, table["observed"])]
        if len(first) * len(table) > MAX_VALUES:
            raise ModelError(f"the kept table of {len(first)} observations has more than {MAX_VALUES:,} values", "keep fewer quantiles")
        return table


def _quantile(ordered: Sequence[float], q: float) -> float:
    at = q * (len(ordered) - 1)
    low = ordered[math.floor(at)]
    return low + (ordered[math.ceil(at)] - low) * (at - math.floor(at))
