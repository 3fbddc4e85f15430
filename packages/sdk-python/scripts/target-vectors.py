"""Makes tests/golden/targets.json: joins, losses and diagnostics by numpy and SciPy, which the tests of both languages read.

Needs scipy; run it in this folder: python scripts/target-vectors.py
"""

import json
import math
from pathlib import Path

import numpy as np
import scipy
from scipy import stats
from scipy.special import logsumexp

# Which simulated row each observation is compared with, by value of the column v. Written by hand from the rule, not computed.
SIMULATED = {"t": [2.0, 4.0, 6.0], "v": [20.0, 40.0, 60.0]}
GROUPED = {"t": [2.0, 6.0, 3.0, 5.0], "region": ["n", "n", "s", "s"], "v": [1.0, 2.0, 3.0, 4.0]}
JOINS = [
    {"name": "exact", "join": {"exact": ["t"]}, "observed": {"t": [6.0, 2.0]}, "simulated": SIMULATED, "expected": [60, 20]},
    {
        "name": "exact by a group",
        "join": {"exact": ["region", "t"]},
        "observed": {"t": [5.0, 2.0], "region": ["s", "n"]},
        "simulated": GROUPED,
        "expected": [4, 1],
    },
    {"name": "nearest", "join": {"near": "t"}, "observed": {"t": [1.0, 2.9, 4.0, 9.0]}, "simulated": SIMULATED, "expected": [20, 20, 40, 60]},
    {"name": "nearest of two equally near", "join": {"near": "t"}, "observed": {"t": [3.0, 5.0]}, "simulated": SIMULATED, "expected": [40, 60]},
    {
        "name": "backward",
        "join": {"near": "t", "direction": "backward"},
        "observed": {"t": [2.0, 3.9, 7.0]},
        "simulated": SIMULATED,
        "expected": [20, 20, 60],
    },
    {
        "name": "forward",
        "join": {"near": "t", "direction": "forward"},
        "observed": {"t": [1.0, 2.1, 6.0]},
        "simulated": SIMULATED,
        "expected": [20, 40, 60],
    },
    {
        "name": "nearest within a tolerance",
        "join": {"near": "t", "tolerance": 0.5},
        "observed": {"t": [2.5, 3.5]},
        "simulated": SIMULATED,
        "expected": [20, 40],
    },
    {
        "name": "nearest by a group",
        "join": {"near": "t", "by": ["region"]},
        "observed": {"t": [5.0, 5.0, 3.5], "region": ["n", "s", "n"]},
        "simulated": GROUPED,
        "expected": [2, 4, 1],
    },
    {
        "name": "forward by a group",
        "join": {"near": "t", "direction": "forward", "by": ["region"]},
        "observed": {"t": [3.0, 3.0], "region": ["n", "s"]},
        "simulated": GROUPED,
        "expected": [2, 3],
    },
    {"name": "a scalar", "join": None, "observed": {}, "simulated": {"v": [7.0]}, "expected": [7]},
]

DAYS = [0, 1, 2, 3]
WEIGHTS = [1.0, 2.0, 0.0, 0.5]
OBSERVED = {"day": DAYS, "y": [10.0, 12.5, 30.0, 7.0], "k": [3, 0, 7, 12], "n": [10, 12, 15, 20], "w": WEIGHTS}
REPLICATES = [
    {"day": DAYS, "y": y, "k": k, "p": p, "x": x, "n": [100] * 4}
    for y, k, p, x in (
        ([11.0, 12.0, 5.0, 9.0], [2.5, 0.5, 8.0, 11.0], [0.3, 0.05, 0.5, 0.6], [31, 4, 40, 55]),
        ([8.5, 14.0, 6.0, 4.0], [4.0, 1.0, 5.5, 14.0], [0.2, 0.1, 0.4, 0.55], [20, 8, 52, 66]),
        ([10.5, 11.0, 7.0, 8.0], [3.0, 0.2, 9.0, 9.5], [0.4, 0.02, 0.45, 0.7], [44, 1, 49, 58]),
    )
]


def of(name: str) -> np.ndarray:
    """By replicate and observation."""
    return np.array([one[name] for one in REPLICATES], dtype=float)


def points(observed: list[float], simulated: np.ndarray, size: np.ndarray, name: str, values: np.ndarray) -> dict[str, object]:
    means = simulated.mean(axis=0)
    worst = [
        {"day": DAYS[i], "observed": float(observed[i]), "simulated": float(means[i]), name: float(values[i])}
        for i in np.argsort(-size, kind="stable")[:3]
    ]
    return {"n_observations": len(DAYS), "n_matched": len(DAYS), "worst": worst}


def residuals(weights: np.ndarray) -> dict[str, object]:
    residual = of("y").mean(axis=0) - np.array(OBSERVED["y"])
    more = {"bias": float(np.average(residual, weights=weights)), "residuals": residual.tolist()}
    return {**points(OBSERVED["y"], of("y"), weights * abs(residual), "residual", residual), **more}


def losses(is_weighted: bool) -> dict[str, object]:
    weights = np.array(WEIGHTS) if is_weighted else np.ones(len(DAYS))
    observed, simulated = np.array(OBSERVED["y"]), of("y")
    signal = simulated.mean(axis=0) - observed
    each = np.average((simulated - observed) ** 2, axis=1, weights=weights)
    spread = {"min": float(each.min()), "max": float(each.max()), "standard_error": float(each.std(ddof=1) / math.sqrt(len(each)))}
    common = residuals(weights)
    mse = float(np.average(signal**2, weights=weights))
    return {
        "mean_signal_mse": {"loss": mse, "diagnostics": common},
        "rmse": {"loss": math.sqrt(mse), "diagnostics": common},
        "mae": {"loss": float(np.average(abs(signal), weights=weights)), "diagnostics": common},
        "mean_replicate_mse": {"loss": float(each.mean()), "diagnostics": {**common, **spread}},
    }


SD, DISPERSION = 2.5, 1.5
DENSITIES = {
    "gaussian": ("y", of("y"), stats.norm.logpdf(OBSERVED["y"], of("y"), SD)),
    "poisson": ("k", of("k"), stats.poisson.logpmf(OBSERVED["k"], of("k"))),
    "negative_binomial": ("k", of("k"), stats.nbinom.logpmf(OBSERVED["k"], DISPERSION, DISPERSION / (DISPERSION + of("k")))),
    "binomial": ("k", of("p"), stats.binom.logpmf(OBSERVED["k"], OBSERVED["n"], of("p"))),
    "beta_binomial": ("k", of("x"), stats.betabinom.logpmf(OBSERVED["k"], OBSERVED["n"], of("x") + 1, of("n") - of("x") + 1)),
}


def marginal(logs: np.ndarray) -> float:
    return float(logsumexp(logs) - math.log(len(logs)))


def likelihood(name: str, is_weighted: bool) -> dict[str, object]:
    column, simulated, terms = DENSITIES[name]
    weights = np.array(WEIGHTS) if is_weighted else np.ones(len(DAYS))
    logs = (terms * weights).sum(axis=1)
    densities = np.where(weights > 0, logsumexp(terms, axis=0) - math.log(len(terms)), 0.0)
    size = np.where(weights > 0, -weights * densities, -np.inf)
    diagnostics = {
        **points(OBSERVED[column], simulated, size, "log_density", densities),
        "log_densities": densities.tolist(),
        "log_likelihood": {"min": float(logs.min()), "max": float(logs.max())},
        "n_impossible": 0,
        "log_marginal": marginal(logs),
    }
    return {"loss": -marginal(logs), "diagnostics": diagnostics}


# Three targets of three outputs: y ~ Normal, k ~ Poisson, k of n ~ Binomial. Replicates are weighted as likelihoods.
PARTS = ["gaussian", "poisson", "binomial"]
JOINT = sum(DENSITIES[name][2].sum(axis=1) for name in PARTS)

document = {
    "scipy": scipy.__version__,
    "joins": JOINS,
    "observed": OBSERVED,
    "replicates": REPLICATES,
    "sd": SD,
    "dispersion": DISPERSION,
    "losses": losses(False),
    "weighted_losses": losses(True),
    "likelihoods": {name: likelihood(name, False) for name in DENSITIES},
    "weighted_likelihoods": {name: likelihood(name, True) for name in DENSITIES},
    "joint": {"log_marginal": marginal(JOINT), "sum_of_marginals": sum(marginal(DENSITIES[name][2].sum(axis=1)) for name in PARTS)},
}
path = Path("tests/golden/targets.json")
path.write_text(json.dumps(document, indent=1) + "\n")
print(f"wrote {path} by SciPy {scipy.__version__}")
