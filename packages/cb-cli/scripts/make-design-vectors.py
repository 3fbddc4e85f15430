"""Writes golden/designs.json: points, discrepancies and quantiles of SciPy, SALib, smt and OpenTURNS.

    python -m venv /tmp/v && /tmp/v/bin/pip install scipy==1.17.1 SALib==1.6.0 smt==2.15.0 openturns==1.27.post1 && /tmp/v/bin/python scripts/make-design-vectors.py
"""
import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import openturns as ot
from SALib.sample import sobol as salib_sobol
from scipy import stats
from scipy.spatial.distance import pdist
from scipy.stats import qmc
from smt.sampling_methods import LHS

warnings.simplefilter("ignore")


def sobol_2000():
    """Plain points 0 … 63 in 2,000 dimensions: a check sum of each column, and one whole row."""
    sample = (qmc.Sobol(2000, scramble=False).random(64) * 2**30).astype(np.int64)
    weights = np.arange(1, 65, dtype=np.int64)
    return {"row": [int(v) for v in sample[63]], "checks": [int(v) for v in (sample * weights[:, None] % 2**30).sum(axis=0) % 2**30]}


def saltelli(d, n, second):
    problem = {"num_vars": d, "names": [f"x{k}" for k in range(d)], "bounds": [[0, 1]] * d}
    return salib_sobol.sample(problem, n, calc_second_order=second, scramble=False, skip_values=0).tolist()


PROBABILITIES = [1e-9, 1e-4, 0.01, 0.2, 0.5, 0.77, 0.95, 0.9999]
PRIORS = [
    ({"distribution": "normal", "mean": 0.3, "sd": 0.1}, stats.norm(0.3, 0.1), ot.Normal(0.3, 0.1)),
    ({"distribution": "lognormal", "mean_log": -1.5, "sd_log": 0.7}, stats.lognorm(0.7, scale=np.exp(-1.5)), ot.LogNormal(-1.5, 0.7)),
    ({"distribution": "beta", "alpha": 2, "beta": 5}, stats.beta(2, 5), ot.Beta(2, 5, 0, 1)),
    ({"distribution": "beta", "alpha": 0.4, "beta": 0.7}, stats.beta(0.4, 0.7), ot.Beta(0.4, 0.7, 0, 1)),
    ({"distribution": "gamma", "shape": 3, "scale": 0.5}, stats.gamma(3, scale=0.5), ot.Gamma(3, 2)),
    ({"distribution": "gamma", "shape": 0.3, "scale": 2}, stats.gamma(0.3, scale=2), ot.Gamma(0.3, 0.5)),
    ({"distribution": "gamma", "shape": 150, "scale": 0.01}, stats.gamma(150, scale=0.01), ot.Gamma(150, 100)),
]


def truncated(law, low, high):
    """OpenTURNS' quantiles of the law truncated to low … high, at probabilities that it resolves."""
    cut = ot.TruncatedDistribution(law, low, high)
    return [{"p": p, "value": float(cut.computeQuantile(p)[0])} for p in (0.05, 0.5, 0.9)]


sample = qmc.LatinHypercube(5, seed=1).random(20)
best_smt = max(pdist(LHS(xlimits=np.array([[0.0, 1.0]] * 10), criterion="ese", seed=seed)(100)).min() for seed in range(2))
document = {
    "source": ", ".join(f"{name} {version(name)}" for name in ("scipy", "SALib", "smt", "openturns")),
    "sobol_2000": sobol_2000(),
    "halton": qmc.Halton(7, scramble=False).random(40).tolist(),
    "saltelli": [{"d": d, "n": n, "second_order": s, "points": saltelli(d, n, s)} for d, n, s in ((3, 4, False), (2, 8, True))],
    "discrepancy": {"sample": sample.tolist(), "cd": float(qmc.discrepancy(sample))},
    "best": {
        "maximin_smt_ese": float(best_smt),
        "cd_scipy_random_cd": float(min(qmc.discrepancy(qmc.LatinHypercube(10, seed=s, optimization="random-cd").random(100)) for s in range(3))),
    },
    "priors": [
        {
            "prior": prior,
            "quantiles": [float(law.ppf(p)) for p in PROBABILITIES],
            "truncated": {"min": float(law.ppf(0.1)), "max": float(law.ppf(0.8)), "quantiles": truncated(other, float(law.ppf(0.1)), float(law.ppf(0.8)))},
        }
        for prior, law, other in PRIORS
    ],
    "probabilities": PROBABILITIES,
}
(Path(__file__).parent.parent / "golden/designs.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
