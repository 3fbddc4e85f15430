import json
from pathlib import Path

import pytest

from modelops.targets import likelihood

VECTORS = json.loads((Path(__file__).parent / "golden/likelihoods.json").read_text())["vectors"]
CASES = [(name, one["arguments"], one["value"]) for name, cases in VECTORS.items() for one in cases]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_likelihoods_are_those_of_scipy(name, arguments, expected):
    function = getattr(likelihood, f"{name}_log{'pdf' if name == 'gaussian' else 'pmf'}")
    assert function(*arguments) == pytest.approx(float(expected), rel=1e-9, abs=1e-12)
