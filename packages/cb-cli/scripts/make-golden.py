"""Writes golden/sobol-more-scipy.json with SciPy 1.10.1 (see make-direction-numbers.py for the environment)."""
import json
import warnings
from pathlib import Path

import numpy as np
import scipy
from scipy.stats import qmc

warnings.simplefilter("ignore")


def points(d, seed, n, scramble):
    engine = qmc.Sobol(d, scramble=scramble, seed=seed)
    return (engine.random(n) * 2**30).astype(np.int64)


def case(d, seed, n, scramble, rows):
    """Whole rows at some places, and the sum of each row mod 2^30 weighted by its place, for the rest."""
    sample = points(d, seed, n, scramble)
    weights = np.arange(1, n + 1, dtype=np.int64) % 997
    checks = [int(c) for c in (sample * weights[:, None] % 2**30).sum(axis=0) % 2**30]
    return {"d": d, "seed": str(seed), "n": n, "scramble": scramble, "rows": {str(r): [int(v) for v in sample[r]] for r in rows}, "checks": checks}


cases = [
    case(4, 2**32, 1000, True, [0, 1, 2, 999]),
    case(6, 2**63 + 5, 4096, True, [0, 4095]),
    case(6, 2**64 - 1, 777, True, [776]),
    case(3, 20240229, 2**16, True, [0, 65535]),
    case(8, 123456789012345678, 1, True, [0]),
    case(37, 3, 130, True, [0, 129]),
    case(1111, 11, 4, True, [0, 3]),
    case(1111, 0, 64, False, [0, 63]),
    case(5, 0, 1000, False, [999]),
]
streams = [
    {"seed": str(seed), "uint64": [str(int(v)) for v in np.random.default_rng(seed).bit_generator.random_raw(4)]}
    for seed in (0, 1, 42, 2**32 - 1, 2**32, 2**63 + 5, 2**64 - 1)
]
document = {"source": f"scipy {scipy.__version__}, numpy {np.__version__}", "cases": cases, "pcg64": streams}
(Path(__file__).parent.parent / "golden/sobol-more-scipy.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
