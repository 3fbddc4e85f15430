"""Writes src/designs/sobol/joe-kuo.json: direction numbers of Joe and Kuo (new-joe-kuo-6.21201), as SciPy 1.10.1 ships them.

    python -m venv /tmp/v && /tmp/v/bin/pip install scipy==1.10.1 numpy==1.24.4 && /tmp/v/bin/python scripts/make-direction-numbers.py
"""
import json
from importlib.resources import files
from pathlib import Path

import numpy as np

DIMENSIONS = 2048

data = np.load(files("scipy.stats") / "_sobol_direction_numbers.npz")
poly = [int(p) for p in data["poly"][:DIMENSIONS]]
init = [[int(v) for v in row[: p.bit_length() - 1]] for p, row in zip(poly, data["vinit"])]
document = {
    "source": "S. Joe and F. Y. Kuo, new-joe-kuo-6.21201, https://web.maths.unsw.edu.au/~fkuo/sobol/; licence in NOTICE.md",
    "polynomials": poly,
    "initial": init,
}
out = Path(__file__).parent.parent / "src/designs/sobol/joe-kuo.json"
out.write_text(json.dumps(document, separators=(",", ":")) + "\n")
