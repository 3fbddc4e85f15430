"""Writes tests/golden/likelihoods.json: log-likelihoods by SciPy. Needs scipy. Run it in the package's folder: python scripts/likelihood-vectors.py"""

import json
import math
from pathlib import Path

import scipy
from scipy import stats
from scipy.special import logsumexp

CASES = {
    "gaussian": (lambda x, mean, sigma: stats.norm.logpdf(x, mean, sigma), [(0.5, 0.0, 1.0), (-3.0, 2.5, 0.1), (1e6, 1e6 + 3, 250.0)]),
    "poisson": (lambda k, mean: stats.poisson.logpmf(k, mean), [(0, 0.0), (3, 0.0), (0, 2.5), (7, 2.5), (1000, 950.0), (100_000, 99_000.0)]),
    "negative_binomial": (
        lambda k, mean, dispersion: stats.nbinom.logpmf(k, dispersion, dispersion / (dispersion + mean)),
        [(0, 2.5, 0.3), (7, 2.5, 0.3), (7, 2.5, 50.0), (1000, 950.0, 4.0), (3, 0.001, 1.0)],
    ),
    "binomial": (
        lambda k, n, p: stats.binom.logpmf(k, n, p),
        [(0, 10, 0.0), (1, 10, 0.0), (10, 10, 1.0), (3, 10, 0.25), (11, 10, 0.5), (500, 1000, 0.47), (0, 0, 0.5), (1, 10_000, 1e-6)],
    ),
    "beta_binomial": (
        lambda k, n, a, b: stats.betabinom.logpmf(k, n, a, b),
        [(0, 10, 1.0, 1.0), (3, 10, 31.0, 71.0), (10, 10, 0.5, 2.0), (40, 100, 401.0, 601.0), (11, 10, 1.0, 1.0)],
    ),
}


# Three targets of one output: g ~ Normal, p ~ Poisson, x of n ~ BetaBinomial with a uniform prior. Replicates are weighted as likelihoods.
SIGMA = 0.4
OBSERVED = {"day": [0, 1, 2], "g": [1.2, 2.5, 3.1], "p": [3, 5, 9], "x": [4, 6, 7], "n": [10, 12, 15]}
REPLICATES = [
    {"day": [0, 1, 2], "g": g, "p": p, "x": x, "n": [100, 100, 100]}
    for g, p, x in (
        ([1.1, 2.2, 3.3], [2.5, 6.0, 8.0], [30, 55, 50]),
        ([1.6, 2.4, 2.7], [4.0, 4.5, 12.5], [20, 40, 45]),
        ([0.9, 2.9, 3.0], [3.0, 5.5, 9.0], [41, 49, 52]),
        ([1.9, 3.1, 2.4], [9.0, 2.0, 4.0], [70, 20, 15]),
    )
]


def joint() -> dict[str, object]:
    days = range(len(OBSERVED["day"]))
    per_target = [
        [sum(stats.norm.logpdf(OBSERVED["g"][i], r["g"][i], SIGMA) for i in days) for r in REPLICATES],
        [sum(stats.poisson.logpmf(OBSERVED["p"][i], r["p"][i]) for i in days) for r in REPLICATES],
        [
            sum(stats.betabinom.logpmf(OBSERVED["x"][i], OBSERVED["n"][i], r["x"][i] + 1, r["n"][i] - r["x"][i] + 1) for i in days)
            for r in REPLICATES
        ],
    ]
    marginal = lambda logs: float(logsumexp(logs) - math.log(len(logs)))  # noqa: E731
    return {
        "observed": OBSERVED,
        "replicates": REPLICATES,
        "sigma": SIGMA,
        "log_marginal": marginal([sum(logs) for logs in zip(*per_target)]),
        "sum_of_marginals": sum(map(marginal, per_target)),
    }


def plain(value: float) -> float | str:
    return "-inf" if math.isinf(value) else float(value)


vectors = {
    name: [{"arguments": list(arguments), "value": plain(function(*arguments))} for arguments in cases]
    for name, (function, cases) in CASES.items()
}
path = Path("tests/golden/likelihoods.json")
path.write_text(json.dumps({"scipy": scipy.__version__, "vectors": vectors, "joint": joint()}, indent=1) + "\n")
print(f"wrote {sum(map(len, vectors.values()))} values by SciPy {scipy.__version__} to {path}")
