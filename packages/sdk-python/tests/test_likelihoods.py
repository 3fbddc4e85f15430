import json
import math
from pathlib import Path

import pytest

from modelops import (
    ExactJoin,
    LikelihoodTarget,
    LikelihoodTargetSet,
    ModelError,
    beta_binomial_loglik,
    beta_binomial_loglik_factory,
    beta_binomial_loglik_per_rep,
    binomial_loglik,
    binomial_loglik_per_rep,
    gaussian_loglik,
    log_mean_exp,
    poisson_loglik,
)
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


BINOMIAL_OBSERVED = {"time": [1, 2, 3], "x": [5, 8, 3], "n": [10, 10, 10]}
BINOMIAL_SIMULATED = [{"o": {"time": [1, 2, 3], "x": x, "n": [10, 10, 10]}} for x in ([4, 7, 2], [5, 8, 3], [6, 9, 4])]


def test_beta_binomials_of_the_original():
    observed = {"t": [0, 1], "x": [3, 5], "n": [10, 10]}
    replicates = [{"o": {"t": [0, 1], "x": x, "n": [100, 100]}} for x in ([30, 55], [20, 40])]
    target = LikelihoodTarget("o", observed, ExactJoin(["t"]), beta_binomial_loglik("x", "n"))
    assert list(target.evaluate(replicates).loglik_per_rep) == pytest.approx([-2.8620111186689385, -3.2362016411753487], rel=1e-14)
    assert LikelihoodTargetSet([target]).evaluate(replicates).log_marginal == pytest.approx(-3.031705228772004, rel=1e-14)


@pytest.mark.parametrize(
    ("prior", "expected"),
    [
        ((1, 1), [-5.204224214500759, -4.870352759579605, -5.148053943033704]),
        ((2, 2), [-5.134998905190293, -4.853084300708974, -5.001867592587108]),
    ],
)
def test_beta_binomials_of_the_original_fixture(prior, expected):
    target = LikelihoodTarget("o", BINOMIAL_OBSERVED, ExactJoin(["time"]), beta_binomial_loglik("x", "n", prior))
    assert list(target.evaluate(BINOMIAL_SIMULATED).loglik_per_rep) == pytest.approx(expected, rel=1e-14)
    if prior == (1, 1):
        assert target.evaluation(BINOMIAL_SIMULATED)["loss"] == pytest.approx(5.063262582145426, rel=1e-14)


def test_binomials_of_the_original_fixture():
    observed = {"time": [1, 2], "x": [5, 8], "n": [10, 10]}
    replicates = [{"o": {"time": [1, 2], "p": p}} for p in ([0.4, 0.7], [0.5, 0.8], [0.6, 0.9])]
    target = LikelihoodTarget("o", observed, ExactJoin(["time"]), binomial_loglik("p", "x", "n"))
    expected = [-3.0608353610807155, -2.599404463699588, -3.247544512169686]
    assert list(target.evaluate(replicates).loglik_per_rep) == pytest.approx(expected, rel=1e-14)
    impossible = [{"o": {"time": [1, 2], "p": [0.0, 0.5]}}]
    assert list(target.evaluate(impossible).loglik_per_rep) == [-math.inf]
    with pytest.raises(ModelError, match="the likelihood is 0 in every replicate"):
        target.evaluation(impossible)
    assert target.evaluation([*impossible, *replicates])["diagnostics"]["n_impossible"] == 1


def test_a_joint_likelihood_adds_targets_in_each_replicate_before_the_mean():
    targets = [
        LikelihoodTarget("o", BINOMIAL_OBSERVED, ExactJoin(["time"]), beta_binomial_loglik("x", "n"), name=name) for name in ("a", "b")
    ]
    result = LikelihoodTargetSet(targets).evaluate(BINOMIAL_SIMULATED, seeds=[1, 2, 3])
    each = [float(value) for value in result.per_target["a"].loglik_per_rep]
    assert result.log_marginal == log_mean_exp([2 * value for value in each])
    assert result.log_marginal != pytest.approx(2 * log_mean_exp(each))
    with pytest.raises(ValueError, match="No likelihood targets provided"):
        LikelihoodTargetSet([]).evaluate(BINOMIAL_SIMULATED)


def test_log_mean_exp_does_not_overflow():
    assert log_mean_exp([-2000.0, -2000.0]) == -2000.0
    assert log_mean_exp([1000.0, -math.inf]) == pytest.approx(1000 - math.log(2))
    assert log_mean_exp([-math.inf, -math.inf]) == -math.inf


def test_likelihoods_need_replicates_and_valid_priors():
    aligned = ExactJoin(["time"]).align(BINOMIAL_OBSERVED, [BINOMIAL_SIMULATED[0]["o"]])
    alone = type(aligned)(aligned.data, ["time"])
    for function in (beta_binomial_loglik_per_rep("x", "n"), binomial_loglik_per_rep("p", "x", "n")):
        with pytest.raises(ValueError, match="requires a replicate column"):
            function(alone)
    for prior in ((1.0,), (1.0, 0.0), (1.0, -1.0)):
        with pytest.raises(ValueError, match="Prior must be a tuple"):
            beta_binomial_loglik_factory("x", "n", prior=prior)
