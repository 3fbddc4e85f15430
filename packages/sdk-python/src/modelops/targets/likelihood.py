"""Log-likelihoods of the observations given each replicate, and their mean over replicates.

Formulas are those of SciPy's ``logpmf`` and ``logpdf``; scripts/likelihood-vectors.py makes the vectors that the tests compare with.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import lgamma
from typing import Any, Union

from ..errors import ModelError
from .alignment import AlignedData
from .frames import numbers

#: From aligned data to one log-likelihood a replicate, in the order of replicates.
LoglikFunction = Callable[[AlignedData], Any]
RowLoglik = Callable[[int], Union[float, None]]


@dataclass(frozen=True)
class TargetLikelihoodResult:
    """One log-likelihood a replicate: a numpy array where numpy is loaded, else a list."""

    name: str
    loglik_per_rep: Any
    aligned_data: AlignedData


@dataclass(frozen=True)
class LikelihoodEvaluator:
    """Evaluates a log-likelihood function. It does not average over replicates: a joint likelihood adds targets first."""

    loglik_fn: LoglikFunction
    name: str = "loglik"

    def evaluate(self, aligned: AlignedData) -> TargetLikelihoodResult:
        return TargetLikelihoodResult(self.name, self.loglik_fn(aligned), aligned)


def log_mean_exp(values: Sequence[float]) -> float:
    """The logarithm of the mean of exp(values), without overflow; -inf where all are."""
    largest = max(values)
    if math.isinf(largest):
        return largest
    return largest + math.log(math.fsum(math.exp(value - largest) for value in values)) - math.log(len(values))


def gaussian_logpdf(x: float, mean: float, sigma: float) -> float:
    return -(((x - mean) / sigma) ** 2) / 2 - math.log(sigma) - math.log(2 * math.pi) / 2


def poisson_logpmf(k: float, mean: float) -> float:
    if not _is_count(k) or mean < 0:
        return -math.inf
    return k * math.log(mean) - mean - lgamma(k + 1) if mean > 0 else _log_indicator(k == 0)


def negative_binomial_logpmf(k: float, mean: float, dispersion: float) -> float:
    """Variance mean + mean² / dispersion."""
    if not _is_count(k) or mean < 0:
        return -math.inf
    if mean == 0:
        return _log_indicator(k == 0)
    ways = lgamma(k + dispersion) - lgamma(dispersion) - lgamma(k + 1)
    return ways - dispersion * math.log1p(mean / dispersion) + k * (math.log(mean) - math.log(mean + dispersion))


def binomial_logpmf(k: float, n: float, p: float) -> float:
    if not _is_count(k) or k > n or not 0 <= p <= 1:
        return -math.inf
    if p in (0, 1):
        return _log_indicator(k == n * p)
    return _log_choose(n, k) + k * math.log(p) + (n - k) * math.log1p(-p)


def beta_binomial_logpmf(k: float, n: float, a: float, b: float) -> float:
    if not _is_count(k) or k > n:
        return -math.inf
    return _log_choose(n, k) + _log_beta(k + a, n - k + b) - _log_beta(a, b)


def gaussian_loglik_per_rep(col: str, sigma: float | str) -> LoglikFunction:
    """observed ~ Normal(simulated, sigma). ``sigma`` is a number above 0 or a column of the observed data."""

    def rows(data: AlignedData) -> RowLoglik:
        observed, simulated = _observed(data, col), _simulated(data, col)
        deviation = _observed(data, sigma) if isinstance(sigma, str) else [float(sigma)] * len(observed)

        def of(at: int) -> float | None:
            x, mean, width = observed[at], simulated[at], deviation[at]
            if x is None or mean is None or width is None:
                return None
            if width <= 0:
                raise ModelError(f"sigma is {width} at {data.where(at)}", "it must be above 0")
            return gaussian_logpdf(x, mean, width)

        return of

    return _per_replicate("gaussian", rows)


def poisson_loglik_per_rep(col: str) -> LoglikFunction:
    """observed count ~ Poisson(simulated)."""

    def rows(data: AlignedData) -> RowLoglik:
        observed, simulated = _observed(data, col, is_count=True), _simulated(data, col)
        return lambda at: _unless_missing(poisson_logpmf, observed[at], simulated[at])

    return _per_replicate("poisson", rows)


def negative_binomial_loglik_per_rep(col: str, dispersion: float) -> LoglikFunction:
    """observed count ~ NegativeBinomial with mean ``simulated`` and variance mean + mean² / ``dispersion``."""
    if not dispersion > 0:
        raise ValueError(f"dispersion must be above 0, got {dispersion}")

    def rows(data: AlignedData) -> RowLoglik:
        observed, simulated = _observed(data, col, is_count=True), _simulated(data, col)
        return lambda at: _unless_missing(negative_binomial_logpmf, observed[at], simulated[at], dispersion)

    return _per_replicate("negative binomial", rows)


def binomial_loglik_per_rep(p_col: str, x_col: str, n_col: str) -> LoglikFunction:
    """observed ``x_col`` of observed ``n_col`` ~ Binomial with the simulated probability ``p_col``."""

    def rows(data: AlignedData) -> RowLoglik:
        x, n = _observed(data, x_col, is_count=True), _observed(data, n_col, is_count=True)
        p = _simulated(data, p_col)
        return lambda at: _unless_missing(binomial_logpmf, x[at], n[at], p[at])

    return _per_replicate("binomial", rows)


def beta_binomial_loglik_per_rep(x_col: str, n_col: str, alpha: float = 1.0, beta: float = 1.0) -> LoglikFunction:
    """observed ``x_col`` of observed ``n_col`` given ``x_col`` of ``n_col`` in the simulation, with a Beta(alpha, beta) prior."""

    def rows(data: AlignedData) -> RowLoglik:
        x, n = _observed(data, x_col, is_count=True), _observed(data, n_col, is_count=True)
        successes, trials = _simulated(data, x_col), _simulated(data, n_col)

        def of(at: int) -> float | None:
            hits, of_all = successes[at], trials[at]
            if hits is None or of_all is None:
                return None
            if not 0 <= hits <= of_all:
                raise ModelError(f"simulated {x_col} is {hits} of {of_all} at {data.where(at)}")
            return _unless_missing(beta_binomial_logpmf, x[at], n[at], hits + alpha, of_all - hits + beta)

        return of

    return _per_replicate("beta-binomial", rows)


def beta_binomial_loglik_factory(x_col: str, n_col: str, prior: tuple[float, float] = (1.0, 1.0)) -> LoglikFunction:
    """:func:`beta_binomial_loglik_per_rep` with a checked prior. :raises ValueError: unless it is two numbers above 0"""
    if len(prior) != 2 or not all(value > 0 for value in prior):
        raise ValueError(f"Prior must be a tuple of two numbers above 0, got {prior}")
    return beta_binomial_loglik_per_rep(x_col, n_col, *prior)


def gaussian_loglik(col: str, sigma: float | str) -> LikelihoodEvaluator:
    return LikelihoodEvaluator(gaussian_loglik_per_rep(col, sigma), f"gaussian[{col}]")


def poisson_loglik(col: str) -> LikelihoodEvaluator:
    return LikelihoodEvaluator(poisson_loglik_per_rep(col), f"poisson[{col}]")


def negative_binomial_loglik(col: str, dispersion: float) -> LikelihoodEvaluator:
    return LikelihoodEvaluator(negative_binomial_loglik_per_rep(col, dispersion), f"negative_binomial[{col}]")


def binomial_loglik(p_col: str, x_col: str, n_col: str) -> LikelihoodEvaluator:
    return LikelihoodEvaluator(binomial_loglik_per_rep(p_col, x_col, n_col), f"binomial[{x_col}]")


def beta_binomial_loglik(x_col: str, n_col: str, prior: tuple[float, float] = (1.0, 1.0)) -> LikelihoodEvaluator:
    return LikelihoodEvaluator(beta_binomial_loglik_factory(x_col, n_col, prior), f"beta_binomial[{x_col}]")


def _per_replicate(name: str, rows: Callable[[AlignedData], RowLoglik]) -> LoglikFunction:
    """Sums rows within each replicate, in the order of replicates. Rows with a missing value do not count."""

    def loglik(data: AlignedData) -> Any:
        if data.replicate_col is None:
            raise ValueError(f"the {name} log-likelihood requires a replicate column")
        of = rows(data)
        terms: dict[int, list[float]] = {}
        for at, replicate in enumerate(data.columns[data.replicate_col]):
            value = of(at)
            held = terms.setdefault(replicate, [])
            if value is not None:
                held.append(value)
        empty = next((replicate for replicate, values in sorted(terms.items()) if not values), None)
        if empty is not None:
            raise ModelError(f"no observation has a simulated value in replicate {empty}")
        return _array([_sum(values) for _, values in sorted(terms.items())])

    return loglik


def _observed(data: AlignedData, col: str, is_count: bool = False) -> Sequence[float | None]:
    values = numbers(data.observed(col), lambda at: f"observed {col} at {data.where(at)}")
    wrong = next((at for at, value in enumerate(values) if value is not None and not _is_count(value)), None) if is_count else None
    if wrong is not None:
        raise ModelError(f"observed {col} is {values[wrong]} at {data.where(wrong)}", "expected a count")
    return values


def _simulated(data: AlignedData, col: str) -> Sequence[float | None]:
    return numbers(data.simulated(col), lambda at: f"simulated {col} at {data.where(at)}")


def _unless_missing(function: Callable[..., float], *values: float | None) -> float | None:
    return None if None in values else function(*values)


def _sum(values: Sequence[float]) -> float:
    return -math.inf if -math.inf in values else math.fsum(values)


def _array(values: list[float]) -> Any:
    numpy = sys.modules.get("numpy")
    return values if numpy is None else numpy.array(values)


def _is_count(value: float) -> bool:
    return value >= 0 and value == int(value)


def _log_indicator(is_true: bool) -> float:
    return 0.0 if is_true else -math.inf


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_choose(n: float, k: float) -> float:
    return -math.log1p(n) - _log_beta(n - k + 1, k + 1)
