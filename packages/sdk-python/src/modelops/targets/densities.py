"""Densities of observations: the formulas of SciPy's ``logpdf`` and ``logpmf``; scripts/likelihood-vectors.py makes the test vectors."""

from __future__ import annotations

import math
from math import lgamma


def gaussian_logpdf(x: float, mean: float, sigma: float) -> float:
    return -(((x - mean) / sigma) ** 2) / 2 - math.log(sigma) - math.log(2 * math.pi) / 2


def poisson_logpmf(k: float, mean: float) -> float:
    if not is_count(k) or mean < 0:
        return -math.inf
    return k * math.log(mean) - mean - lgamma(k + 1) if mean > 0 else _log_indicator(k == 0)


def negative_binomial_logpmf(k: float, mean: float, dispersion: float) -> float:
    """Variance mean + mean² / dispersion."""
    if not is_count(k) or mean < 0:
        return -math.inf
    if mean == 0:
        return _log_indicator(k == 0)
    ways = lgamma(k + dispersion) - lgamma(dispersion) - lgamma(k + 1)
    return ways - dispersion * math.log1p(mean / dispersion) + k * (math.log(mean) - math.log(mean + dispersion))


def binomial_logpmf(k: float, n: float, p: float) -> float:
    if not is_count(k) or k > n or not 0 <= p <= 1:
        return -math.inf
    if p in (0, 1):
        return _log_indicator(k == n * p)
    return _log_choose(n, k) + k * math.log(p) + (n - k) * math.log1p(-p)


def beta_binomial_logpmf(k: float, n: float, a: float, b: float) -> float:
    if not is_count(k) or k > n:
        return -math.inf
    return _log_choose(n, k) + _log_beta(k + a, n - k + b) - _log_beta(a, b)


def is_count(value: float) -> bool:
    return value >= 0 and value == int(value)


def _log_indicator(is_true: bool) -> float:
    return 0.0 if is_true else -math.inf


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_choose(n: float, k: float) -> float:
    return -math.log1p(n) - _log_beta(n - k + 1, k + 1)
