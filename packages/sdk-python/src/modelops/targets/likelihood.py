"""Log-likelihoods of the observations given each replicate, and their mean over replicates."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from ..errors import ModelError
from .alignment import AlignedData
from .densities import (
    beta_binomial_logpmf,
    binomial_logpmf,
    gaussian_logpdf,
    is_count,
    negative_binomial_logpmf,
    poisson_logpmf,
)
from .points import density_diagnostics, points_of, row_weights

#: Maps aligned data to one log-likelihood per replicate, in the order of replicates.
LoglikFunction = Callable[[AlignedData], Any]
RowLoglik = Callable[[int], Union[float, None]]


@dataclass(frozen=True)
class TargetLikelihoodResult:
    """One log-likelihood per replicate: a numpy array if numpy is loaded, else a list."""

    name: str
    loglik_per_rep: Any
    aligned_data: AlignedData
    diagnostics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RowsLoglik:
    """A log-likelihood of independent observations: called, it sums rows within each replicate. Rows with a missing value do not count.

    L_r = Σ_i w_i log p(x_i | y_ir), with row weights w that are 1 without a column of them.
    """

    name: str
    #: From aligned data to the log-density of each row.
    rows: Callable[[AlignedData], RowLoglik]
    #: The observed and the simulated column.
    x_col: str
    y_col: str
    row_weight: Union[str, None] = None
    #: The observed and the simulated column of trials behind counts; None for values that are not counts of trials.
    x_trials: Union[str, None] = None
    y_trials: Union[str, None] = None

    def __call__(self, data: AlignedData) -> Any:
        if data.replicate_col is None:
            raise ValueError(f"the {self.name} log-likelihood requires a replicate column")
        of = self.rows(data)
        terms: dict[int, list[float]] = {}
        for at, (replicate, weight) in enumerate(zip(data.columns[data.replicate_col], row_weights(data, self.row_weight))):
            held = terms.setdefault(replicate, [])
            value = None if weight is None else of(at)
            if value is not None and weight is not None:
                held.append(weight * value if weight > 0 else 0.0)
        empty = next((replicate for replicate, values in sorted(terms.items()) if not values), None)
        if empty is not None:
            raise ModelError(f"no observation has a simulated value in replicate {empty}")
        return _array([_sum(values) for _, values in sorted(terms.items())])

    def diagnostics(self, data: AlignedData) -> dict[str, Any]:
        """What is reported about the observations: the log of each one's mean density over replicates, 0 for one of weight 0."""
        weights, of = row_weights(data, self.row_weight), self.rows(data)
        points = points_of(data, data.observed_numbers(self.x_col), data.simulated_numbers(self.y_col), weights)
        of_row: dict[Any, list[float]] = {point.row: [] for point in points}
        for at, weight in enumerate(weights):
            value = of(at) if weight is not None and weight > 0 and data.row_of(at) in of_row else None
            if value is not None:
                of_row[data.row_of(at)].append(value)
        return density_diagnostics(data, points, {row: log_mean_exp(values) if values else 0.0 for row, values in of_row.items()})


@dataclass(frozen=True)
class LikelihoodEvaluator:
    """Evaluates a log-likelihood function. It does not average over replicates: a joint likelihood adds targets first."""

    loglik_fn: LoglikFunction
    name: str = "loglik"

    def evaluate(self, aligned: AlignedData) -> TargetLikelihoodResult:
        diagnostics = self.loglik_fn.diagnostics(aligned) if isinstance(self.loglik_fn, RowsLoglik) else {}
        return TargetLikelihoodResult(self.name, self.loglik_fn(aligned), aligned, diagnostics)


def log_mean_exp(values: Sequence[float]) -> float:
    """The logarithm of the mean of exp(values), without overflow; -inf if all values are."""
    largest = max(values)
    if math.isinf(largest):
        return largest
    return largest + math.log(math.fsum(math.exp(value - largest) for value in values)) - math.log(len(values))


def gaussian_loglik_per_rep(col: str, sigma: float | str, *, row_weight: str | None = None) -> LoglikFunction:
    """observed ~ Normal(simulated, sigma): log p = −(x − μ)² / 2σ² − log σ − ½ log 2π.

    ``sigma`` is a number above 0 or a column of the observed data. Source: Johnson, Kotz and Balakrishnan 1994, Continuous
    Univariate Distributions 1, ch. 13; as SciPy's ``norm.logpdf``.
    """

    def rows(data: AlignedData) -> RowLoglik:
        observed, simulated = data.observed_numbers(col), data.simulated_numbers(col)
        deviation = _positive(data, "sigma", sigma, len(observed))
        return lambda at: _unless_missing(gaussian_logpdf, observed[at], simulated[at], deviation[at])

    return RowsLoglik("gaussian", rows, col, col, row_weight)


def poisson_loglik_per_rep(col: str, *, row_weight: str | None = None) -> LoglikFunction:
    """observed count ~ Poisson(simulated): log p = x log λ − λ − log x!.

    Source: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, ch. 4, doi:10.1002/0471715816; as SciPy's ``poisson.logpmf``.
    """

    def rows(data: AlignedData) -> RowLoglik:
        observed, simulated = _counts(data, col), data.simulated_numbers(col)
        return lambda at: _unless_missing(poisson_logpmf, observed[at], simulated[at])

    return RowsLoglik("poisson", rows, col, col, row_weight)


def negative_binomial_loglik_per_rep(col: str, dispersion: float | str, *, row_weight: str | None = None) -> LoglikFunction:
    """observed count ~ NegativeBinomial with mean μ = ``simulated`` and variance μ + μ² / k, where k is ``dispersion``:
    log p = log Γ(x + k) − log Γ(k) − log x! + k log(k / (k + μ)) + x log(μ / (k + μ)).

    ``dispersion`` is a number above 0 or a column of the observed data. Source: Lloyd-Smith 2007,
    doi:10.1371/journal.pone.0000180; as SciPy's ``nbinom.logpmf`` with n = k and p = k / (k + μ).
    """
    if not isinstance(dispersion, str) and not dispersion > 0:
        raise ValueError(f"dispersion must be above 0, got {dispersion}")

    def rows(data: AlignedData) -> RowLoglik:
        observed, simulated = _counts(data, col), data.simulated_numbers(col)
        sizes = _positive(data, "dispersion", dispersion, len(observed))
        return lambda at: _unless_missing(negative_binomial_logpmf, observed[at], simulated[at], sizes[at])

    return RowsLoglik("negative binomial", rows, col, col, row_weight)


def binomial_loglik_per_rep(p_col: str, x_col: str, n_col: str, *, row_weight: str | None = None) -> LoglikFunction:
    """observed ``x_col`` of observed ``n_col`` ~ Binomial with the simulated probability ``p_col``:
    log p = log C(n, x) + x log p + (n − x) log(1 − p).

    Source: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, ch. 3, doi:10.1002/0471715816; as SciPy's ``binom.logpmf``.
    """

    def rows(data: AlignedData) -> RowLoglik:
        x, n = _counts(data, x_col), _counts(data, n_col)
        p = data.simulated_numbers(p_col)
        return lambda at: _unless_missing(binomial_logpmf, x[at], n[at], p[at])

    return RowsLoglik("binomial", rows, x_col, p_col, row_weight, n_col)


def beta_binomial_loglik_per_rep(
    x_col: str, n_col: str, alpha: float = 1.0, beta: float = 1.0, *, row_weight: str | None = None
) -> LoglikFunction:
    """observed ``x_col`` of observed ``n_col`` given ``x_col`` of ``n_col`` in the simulation, with a Beta(alpha, beta) prior:
    with a = simulated x + α and b = simulated n − simulated x + β, log p = log C(n, x) + log B(x + a, n − x + b) − log B(a, b).

    Source: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, §6.2.2, doi:10.1002/0471715816; as SciPy's ``betabinom.logpmf``.
    """

    def rows(data: AlignedData) -> RowLoglik:
        x, n = _counts(data, x_col), _counts(data, n_col)
        successes, trials = data.simulated_numbers(x_col), data.simulated_numbers(n_col)

        def of(at: int) -> float | None:
            hits, of_all = successes[at], trials[at]
            if hits is None or of_all is None:
                return None
            if not 0 <= hits <= of_all:
                raise ModelError(f"simulated {x_col} is {hits} of {of_all} at {data.where(at)}")
            return _unless_missing(beta_binomial_logpmf, x[at], n[at], hits + alpha, of_all - hits + beta)

        return of

    return RowsLoglik("beta-binomial", rows, x_col, x_col, row_weight, n_col, n_col)


def beta_binomial_loglik_factory(
    x_col: str, n_col: str, prior: tuple[float, float] = (1.0, 1.0), *, row_weight: str | None = None
) -> LoglikFunction:
    """:func:`beta_binomial_loglik_per_rep` with a checked prior. :raises ValueError: unless it is two numbers above 0"""
    if len(prior) != 2 or not all(value > 0 for value in prior):
        raise ValueError(f"Prior must be a tuple of two numbers above 0, got {prior}")
    return beta_binomial_loglik_per_rep(x_col, n_col, *prior, row_weight=row_weight)


def gaussian_loglik(col: str, sigma: float | str, *, row_weight: str | None = None) -> LikelihoodEvaluator:
    """:func:`gaussian_loglik_per_rep` as an evaluator. ``row_weight`` is an observed column: how much each row counts."""
    return LikelihoodEvaluator(gaussian_loglik_per_rep(col, sigma, row_weight=row_weight), f"gaussian[{col}]")


def poisson_loglik(col: str, *, row_weight: str | None = None) -> LikelihoodEvaluator:
    """:func:`poisson_loglik_per_rep` as an evaluator."""
    return LikelihoodEvaluator(poisson_loglik_per_rep(col, row_weight=row_weight), f"poisson[{col}]")


def negative_binomial_loglik(col: str, dispersion: float | str, *, row_weight: str | None = None) -> LikelihoodEvaluator:
    """:func:`negative_binomial_loglik_per_rep` as an evaluator."""
    return LikelihoodEvaluator(negative_binomial_loglik_per_rep(col, dispersion, row_weight=row_weight), f"negative_binomial[{col}]")


def binomial_loglik(p_col: str, x_col: str, n_col: str, *, row_weight: str | None = None) -> LikelihoodEvaluator:
    """:func:`binomial_loglik_per_rep` as an evaluator."""
    return LikelihoodEvaluator(binomial_loglik_per_rep(p_col, x_col, n_col, row_weight=row_weight), f"binomial[{x_col}]")


def beta_binomial_loglik(
    x_col: str, n_col: str, prior: tuple[float, float] = (1.0, 1.0), *, row_weight: str | None = None
) -> LikelihoodEvaluator:
    """:func:`beta_binomial_loglik_per_rep` as an evaluator."""
    return LikelihoodEvaluator(beta_binomial_loglik_factory(x_col, n_col, prior, row_weight=row_weight), f"beta_binomial[{x_col}]")


def _positive(data: AlignedData, name: str, given: float | str, rows: int) -> Sequence[float | None]:
    """A parameter of each row: a number, or an observed column. :raises ModelError: where it is not above 0"""
    values = data.observed_numbers(given) if isinstance(given, str) else [float(given)] * rows
    wrong = next((at for at, value in enumerate(values) if value is not None and not value > 0), None)
    if wrong is not None:
        raise ModelError(f"{name} is {values[wrong]} at {data.where(wrong)}", "it must be above 0")
    return values


def _counts(data: AlignedData, col: str) -> Sequence[float | None]:
    values = data.observed_numbers(col)
    wrong = next((at for at, value in enumerate(values) if value is not None and not is_count(value)), None)
    if wrong is not None:
        raise ModelError(f"observed {col} is {values[wrong]} at {data.where(wrong)}", "expected a count")
    return values


def _unless_missing(function: Callable[..., float], *values: float | None) -> float | None:
    return None if None in values else function(*values)


def _sum(values: Sequence[float]) -> float:
    return -math.inf if -math.inf in values else math.fsum(values)


def _array(values: list[float]) -> Any:
    numpy = sys.modules.get("numpy")
    return values if numpy is None else numpy.array(values)
