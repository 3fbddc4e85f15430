"""Losses: reduce aligned data to one number, with or without aggregation over replicates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Union

from ..errors import ModelError
from .alignment import AlignedData
from .points import points_of, residual_diagnostics, row_weights


class Pair(NamedTuple):
    """An observation and the value that it is compared with: of one replicate, or the mean of several."""

    replicate: Union[int, None]
    row: Any
    observed: float
    simulated: float
    weight: float = 1.0


@dataclass(frozen=True)
class TargetLossResult:
    """The loss of a target, and its weight in a set."""

    name: str
    loss: float
    weight: float
    aligned_data: AlignedData
    n_observations: int
    diagnostics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def weighted_loss(self) -> float:
        return self.weight * self.loss


@dataclass(frozen=True)
class IdentityAggregator:
    """Keeps every replicate separate."""

    keeps_replicates: ClassVar[bool] = True

    def aggregate(self, pairs: Sequence[Pair]) -> list[Pair]:
        return list(pairs)


@dataclass(frozen=True)
class MeanAcrossReplicates:
    """Pairs each observation with the mean of its partners in all replicates that have one."""

    cols: Sequence[str] = ()
    keeps_replicates: ClassVar[bool] = False

    def aggregate(self, pairs: Sequence[Pair]) -> list[Pair]:
        partners: dict[Any, list[Pair]] = {}
        for pair in pairs:
            partners.setdefault(pair.row, []).append(pair)
        return [Pair(None, row, of[0].observed, mean([pair.simulated for pair in of]), of[0].weight) for row, of in partners.items()]


Aggregator = Union[IdentityAggregator, MeanAcrossReplicates]


@dataclass(frozen=True)
class SquaredErrorLoss:
    """(observed - simulated)² of a column that both tables have."""

    col: str

    def of(self, pair: Pair) -> float:
        return (pair.observed - pair.simulated) ** 2


@dataclass(frozen=True)
class AbsoluteErrorLoss:
    """|observed - simulated| of a column that both tables have."""

    col: str

    def of(self, pair: Pair) -> float:
        return abs(pair.observed - pair.simulated)


LossFunction = Union[SquaredErrorLoss, AbsoluteErrorLoss]


@dataclass(frozen=True)
class MeanReducer:
    """The mean over all rows, weighted by the observations' own weights."""

    def reduce(self, pairs: Sequence[Pair], losses: Sequence[float]) -> float:
        return _weighted_mean(pairs, losses)


@dataclass(frozen=True)
class RootMeanReducer:
    """The square root of the mean over all rows."""

    def reduce(self, pairs: Sequence[Pair], losses: Sequence[float]) -> float:
        return math.sqrt(_weighted_mean(pairs, losses))


@dataclass(frozen=True)
class MeanGroupedByReplicate:
    """The mean over replicates of the mean over each one's rows."""

    def reduce(self, pairs: Sequence[Pair], losses: Sequence[float]) -> float:
        return mean([_weighted_mean(*one) for one in _by_replicate(pairs, losses)])


Reducer = Union[MeanReducer, RootMeanReducer, MeanGroupedByReplicate]


@dataclass(frozen=True)
class LossEvaluator:
    """Aggregates over replicates, takes the loss of each row and reduces them to one number.

    :param weight: weight of the target in a set
    :param row_weight: a column of the observed data with the weight of each row
    """

    aggregator: Aggregator
    loss_fn: LossFunction
    reducer: Reducer
    weight: float = 1.0
    name: str = "loss"
    row_weight: Union[str, None] = None

    def evaluate(self, aligned: AlignedData) -> TargetLossResult:
        """:raises ModelError: for values that are not finite numbers, or if no row has values"""
        observed, simulated = aligned.observed_numbers(self.loss_fn.col), aligned.simulated_numbers(self.loss_fn.col)
        weights = row_weights(aligned, self.row_weight)
        pairs = self.aggregator.aggregate(_pairs(aligned, self.loss_fn.col, observed, simulated, weights))
        losses = [self.loss_fn.of(pair) for pair in pairs]
        loss = self.reducer.reduce(pairs, losses)
        shown = aligned if self.aggregator.keeps_replicates else AlignedData(aligned.data, aligned.on_cols, None, aligned.n_observed)
        diagnostics = residual_diagnostics(aligned, points_of(aligned, observed, simulated, weights))
        if self.aggregator.keeps_replicates:
            of_replicates = [_weighted_mean(*one) for one in _by_replicate(pairs, losses)]
            diagnostics |= {"min": min(of_replicates), "max": max(of_replicates), **replicate_spread(of_replicates)}
        return TargetLossResult(self.name, loss, self.weight, shown, len({pair.row for pair in pairs}), diagnostics)


def annealed_mse(col: str, weight: float = 1.0, *, row_weight: str | None = None) -> LossEvaluator:
    """Mean over replicates of each one's mean squared error: the mean-signal error plus the variance between replicates.

    (1/R) Σ_r Σ_i w_i (y_ir − x_i)² / Σ_i w_i, with observations x, simulated values y and row weights w. Source: the bias-variance
    decomposition, Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, §7.3, doi:10.1007/978-0-387-84858-7.
    """
    return LossEvaluator(IdentityAggregator(), SquaredErrorLoss(col), MeanGroupedByReplicate(), weight, f"annealed_mse[{col}]", row_weight)


def mean_signal_mse(col: str, weight: float = 1.0, *, row_weight: str | None = None) -> LossEvaluator:
    """Mean squared difference between the observations and the mean over replicates.

    Σ_i w_i (ȳ_i − x_i)² / Σ_i w_i with ȳ_i = (1/R) Σ_r y_ir. Source: Hyndman and Koehler 2006, §2.1,
    doi:10.1016/j.ijforecast.2006.03.001.
    """
    return LossEvaluator(MeanAcrossReplicates([col]), SquaredErrorLoss(col), MeanReducer(), weight, f"mean_signal_mse[{col}]", row_weight)


def rmse(col: str, weight: float = 1.0, *, row_weight: str | None = None) -> LossEvaluator:
    """The square root of :func:`mean_signal_mse`, in the unit of the data.

    √(Σ_i w_i (ȳ_i − x_i)² / Σ_i w_i). Source: Hyndman and Koehler 2006, §2.1, doi:10.1016/j.ijforecast.2006.03.001.
    """
    return LossEvaluator(MeanAcrossReplicates([col]), SquaredErrorLoss(col), RootMeanReducer(), weight, f"rmse[{col}]", row_weight)


def mae(col: str, weight: float = 1.0, *, row_weight: str | None = None) -> LossEvaluator:
    """Mean absolute difference between the observations and the mean over replicates.

    Σ_i w_i |ȳ_i − x_i| / Σ_i w_i. Source: Hyndman and Koehler 2006, §2.1, doi:10.1016/j.ijforecast.2006.03.001.
    """
    return LossEvaluator(MeanAcrossReplicates([col]), AbsoluteErrorLoss(col), MeanReducer(), weight, f"mae[{col}]", row_weight)


#: Older names of ``annealed_mse`` and ``mean_signal_mse``.
mean_of_per_replicate_mse: Callable[..., LossEvaluator] = annealed_mse
replicate_mean_mse: Callable[..., LossEvaluator] = mean_signal_mse


def _by_replicate(pairs: Sequence[Pair], losses: Sequence[float]) -> list[tuple[list[Pair], list[float]]]:
    by_replicate: dict[Any, tuple[list[Pair], list[float]]] = {}
    for pair, loss in zip(pairs, losses):
        held = by_replicate.setdefault(pair.replicate, ([], []))
        held[0].append(pair)
        held[1].append(loss)
    return list(by_replicate.values())


def replicate_spread(losses: Sequence[float]) -> dict[str, Any]:
    """Of the losses of single replicates: their mean and its standard error, √(Σ_r (l_r − l̄)² / (R − 1) / R).

    Both ``None`` where a loss is not finite, the error also for one replicate.
    """
    n, centre = len(losses), mean(losses)
    if not math.isfinite(centre):
        return {"replicate_mean": None, "standard_error": None}
    error = None if n < 2 else math.sqrt(math.fsum((loss - centre) ** 2 for loss in losses) / (n - 1) / n)
    return {"replicate_mean": centre, "standard_error": error}


Numbers = Sequence[Union[float, None]]


def _pairs(aligned: AlignedData, col: str, observed: Numbers, simulated: Numbers, weights: Numbers) -> list[Pair]:
    replicates = aligned.columns[aligned.replicate_col] if aligned.replicate_col else [None] * len(observed)
    pairs = [
        Pair(replicate, aligned.row_of(at), left, right, weight)
        for at, (replicate, left, right, weight) in enumerate(zip(replicates, observed, simulated, weights))
        if left is not None and right is not None and weight is not None
    ]
    if not pairs:
        raise ModelError(f"no observation of {col} has a simulated value")
    return pairs


def _weighted_mean(pairs: Sequence[Pair], losses: Sequence[float]) -> float:
    total = math.fsum(pair.weight for pair in pairs)
    if total == 0:
        raise ModelError("the weights of all rows are 0")
    return math.fsum(pair.weight * loss for pair, loss in zip(pairs, losses)) / total


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
