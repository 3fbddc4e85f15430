"""Makes tests/golden/likelihoods.json: log-likelihoods by SciPy. Needs scipy; run it in this folder: python scripts/likelihood-vectors.py"""

import json
import math
from pathlib import Path

import scipy
from scipy import stats

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


def plain(value: float) -> float | str:
    return "-inf" if math.isinf(value) else float(value)


vectors = {
    name: [{"arguments": list(arguments), "value": plain(function(*arguments))} for arguments in cases]
    for name, (function, cases) in CASES.items()
}
path = Path("tests/golden/likelihoods.json")
path.write_text(json.dumps({"scipy": scipy.__version__, "vectors": vectors}, indent=1) + "\n")
print(f"wrote {sum(map(len, vectors.values()))} values by SciPy {scipy.__version__} to {path}")
