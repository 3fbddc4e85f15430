"""Writes golden/sensitivity.json: indices of SALib and OpenTURNS on small fixed data.

    python -m venv /tmp/v && /tmp/v/bin/pip install scipy==1.17.1 SALib==1.6.0 openturns==1.27.post1 && /tmp/v/bin/python scripts/make-sensitivity-vectors.py
"""
import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import openturns as ot
from SALib.analyze import fast, morris, pawn, sobol
from SALib.analyze.delta import calc_delta
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample
from scipy.stats import qmc

warnings.simplefilter("ignore")
D = 3
PROBLEM = {"num_vars": D, "names": ["x1", "x2", "x3"], "bounds": [[0, 1]] * D}


def model(x):
    """Smooth, not additive, cheap: the same in any language to the last digits."""
    return x[:, 0] + 2 * x[:, 1] ** 2 + 3 * x[:, 0] * x[:, 2]


def listed(values):
    return [float(v) for v in values]


rows = sobol_sample.sample(PROBLEM, 32, calc_second_order=True, scramble=False, skip_values=0)
y = model(rows)
second = sobol.analyze(PROBLEM, y, calc_second_order=True, num_resamples=2)
plain = sobol_sample.sample(PROBLEM, 32, calc_second_order=False, scramble=False, skip_values=0)
first = sobol.analyze(PROBLEM, model(plain), calc_second_order=False, num_resamples=2)

# OpenTURNS takes A, B, then A with one column of B, stacked.
blocks = [plain[k :: D + 2] for k in (0, D + 1, 1, 2, 3)]
stacked = np.vstack(blocks)
sample, response = ot.Sample(stacked), ot.Sample(model(stacked)[:, None])
jansen = ot.JansenSensitivityAlgorithm(sample, response, 32)

trajectories = morris_sample.sample(PROBLEM, 6, num_levels=4, seed=3)
effects = morris.analyze(PROBLEM, trajectories, model(trajectories), num_levels=4, num_resamples=2)

given = qmc.Sobol(D, seed=5).random(256)
given_y = model(given)
classes = np.linspace(0, 256, min(int(np.ceil(256 ** (2.0 / (7.0 + np.tanh((1500.0 - 256) / 500.0))))), 48) + 1)
grid = np.linspace(given_y.min(), given_y.max(), 100)
medians = pawn.analyze(PROBLEM, given, given_y, S=10)["median"]

document = {
    "source": ", ".join(f"{name} {version(name)}" for name in ("scipy", "SALib", "openturns")),
    "saltelli": {"y": listed(model(plain)), "S1": listed(first["S1"]), "ST": listed(first["ST"])},
    "second_order": {"y": listed(y), "S2": [float(second["S2"][i, j]) for i in range(D) for j in range(i + 1, D)]},
    "jansen_openturns": {"first": listed(jansen.getFirstOrderIndices()), "total": listed(jansen.getTotalOrderIndices())},
    "morris": {"points": trajectories.tolist(), "y": listed(model(trajectories)), "mu": listed(effects["mu"]), "mu_star": listed(effects["mu_star"]), "sigma": listed(effects["sigma"])},
    "given": {"points": given.tolist(), "y": listed(given_y), "pawn": listed(medians), "delta": [float(calc_delta(given_y, grid, given[:, k], classes)) for k in range(D)]},
}
(Path(__file__).parent.parent / "golden/sensitivity.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
