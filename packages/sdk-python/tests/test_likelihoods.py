import json
from pathlib import Path

import pytest

from modelops import ExactJoin, LikelihoodTarget, LikelihoodTargetSet, beta_binomial_loglik, gaussian_loglik, poisson_loglik
from modelops.targets import densities

GOLDEN = json.loads((Path(__file__).parent / "golden/likelihoods.json").read_text())
VECTORS = GOLDEN["vectors"]
CASES = [(name, one["arguments"], one["value"]) for name, cases in VECTORS.items() for one in cases]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_likelihoods_are_those_of_scipy(name, arguments, expected):
    function = getattr(densities, f"{name}_log{'pdf' if name == 'gaussian' else 'pmf'}")
    assert function(*arguments) == pytest.approx(float(expected), rel=1e-9, abs=1e-12)


def test_a_joint_likelihood_of_three_targets_is_that_of_scipy():
    joint = GOLDEN["joint"]
    evaluators = [gaussian_loglik("g", joint["sigma"]), poisson_loglik("p"), beta_binomial_loglik("x", "n")]
    targets = [LikelihoodTarget("o", joint["observed"], ExactJoin(["day"]), evaluator) for evaluator in evaluators]
    replicates = [{"o": one} for one in joint["replicates"]]
    assert LikelihoodTargetSet(targets).evaluation(replicates)["loss"] == pytest.approx(-joint["log_marginal"], rel=1e-12)
    alone = sum(target.evaluation(replicates)["loss"] for target in targets)
    assert alone == pytest.approx(-joint["sum_of_marginals"], rel=1e-12)
    assert joint["log_marginal"] != pytest.approx(joint["sum_of_marginals"], abs=0.01)
