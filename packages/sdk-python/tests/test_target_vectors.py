import json
from pathlib import Path

import pytest

from modelops import (
    AsofJoin,
    ExactJoin,
    LikelihoodTarget,
    LikelihoodTargetSet,
    LossTarget,
    NoJoin,
    annealed_mse,
    beta_binomial_loglik,
    binomial_loglik,
    calibration_target,
    gaussian_loglik,
    mae,
    mean_signal_mse,
    negative_binomial_loglik,
    poisson_loglik,
    read_csv,
    rmse,
)
from modelops.tables import as_table

#: Written by scripts/target-vectors.py; packages/sdk/src/target/target-vectors.test.ts reads the same.
GOLDEN = json.loads((Path(__file__).parent / "golden/targets.json").read_text())
OBSERVED, REPLICATES = GOLDEN["observed"], GOLDEN["replicates"]


def join_of(join):
    if join is None:
        return NoJoin()
    if "exact" in join:
        return ExactJoin(join["exact"])
    return AsofJoin(join["near"], by=join.get("by"), strategy=join.get("direction", "nearest"), tolerance=join.get("tolerance"))


def forms(columns, folder):
    """The same observed data in the code, as CSV and as tables of the libraries that read Parquet."""
    import polars
    import pyarrow
    import pyarrow.parquet

    names = list(columns)
    lines = [",".join(names), *(",".join(str(value) for value in row) for row in zip(*columns.values()))]
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "data.parquet")
    return [columns, read_csv(folder / "data.csv"), polars.read_parquet(folder / "data.parquet"), pyarrow.parquet.read_table(folder / "data.parquet")]


@pytest.mark.parametrize("case", GOLDEN["joins"], ids=lambda case: case["name"])
def test_joins_are_those_of_the_vectors_for_data_in_any_form(case, tmp_path):
    expected = case["expected"]
    # The loss is 0 only where each observation is compared with the row that the vectors name.
    observed = {**case["observed"], "v": [float(value) for value in expected]}
    simulated = [{"o": case["simulated"]}] * 2
    for data in forms(observed, tmp_path):
        evaluation = LossTarget("o", data, join_of(case["join"]), annealed_mse("v")).evaluation(simulated)
        assert evaluation["loss"] == 0
        assert evaluation["diagnostics"]["n_matched"] == len(expected)


LOSSES = {"mean_signal_mse": mean_signal_mse, "rmse": rmse, "mae": mae, "mean_replicate_mse": annealed_mse}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(("section", "row_weight"), [("losses", None), ("weighted_losses", "w")])
def test_losses_and_diagnostics_are_those_of_the_vectors(name, section, row_weight):
    target = LossTarget("o", OBSERVED, ExactJoin(["day"]), LOSSES[name]("y", row_weight=row_weight))
    check(target.evaluation([{"o": one} for one in REPLICATES]), GOLDEN[section][name])


LIKELIHOODS = {
    "gaussian": lambda **more: gaussian_loglik("y", GOLDEN["sd"], **more),
    "poisson": lambda **more: poisson_loglik("k", **more),
    "negative_binomial": lambda **more: negative_binomial_loglik("k", GOLDEN["dispersion"], **more),
    "binomial": lambda **more: binomial_loglik("p", "k", "n", **more),
    "beta_binomial": lambda **more: beta_binomial_loglik("k", "n", **more),
}


@pytest.mark.parametrize("name", LIKELIHOODS)
@pytest.mark.parametrize(("section", "row_weight"), [("likelihoods", None), ("weighted_likelihoods", "w")])
def test_likelihoods_and_diagnostics_are_those_of_the_vectors(name, section, row_weight):
    # The beta-binomial takes the simulated count from the column of the observed one.
    replicates = [{**one, "k": one["x"]} if name == "beta_binomial" else one for one in REPLICATES]
    target = LikelihoodTarget("o", OBSERVED, ExactJoin(["day"]), LIKELIHOODS[name](row_weight=row_weight))
    check(target.evaluation([{"o": one} for one in replicates]), GOLDEN[section][name])


def check(evaluation, expected):
    assert evaluation["loss"] == pytest.approx(expected["loss"], rel=1e-9)
    for key, value in expected["diagnostics"].items():
        assert approximate(evaluation["diagnostics"][key]) == value, key


class approximate:  # noqa: N801
    """Equal to a JSON value whose numbers differ by rounding alone."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        if isinstance(other, dict):
            return self.value.keys() == other.keys() and all(approximate(self.value[key]) == value for key, value in other.items())
        if isinstance(other, list):
            return len(self.value) == len(other) and all(approximate(mine) == value for mine, value in zip(self.value, other))
        return self.value == (pytest.approx(other, rel=1e-9, abs=1e-12) if isinstance(other, float) else other)

    def __repr__(self):
        return repr(self.value)


def test_a_joint_likelihood_of_three_outputs_and_two_files_adds_logs_replicate_by_replicate(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file, name in (("survey.csv", "y"), ("weekly.csv", "k")):
        (tmp_path / file).write_text(f"day,{name}\n" + "".join(f"{day},{value}\n" for day, value in zip(OBSERVED["day"], OBSERVED[name])))

    @calibration_target(model_output=["survey", "weekly", "sample"], data={"survey": "survey.csv", "weekly": "weekly.csv"}, weight=2)
    def fit(paths):
        day = ExactJoin(["day"])
        return LikelihoodTargetSet(
            [
                LikelihoodTarget("survey", read_csv(paths["survey"]), day, LIKELIHOODS["gaussian"](), "survey"),
                LikelihoodTarget("weekly", read_csv(paths["weekly"]), day, LIKELIHOODS["poisson"](), "deaths"),
                LikelihoodTarget("sample", OBSERVED, day, LIKELIHOODS["binomial"](), "serology"),
            ]
        )

    described = fit.describe()
    compared = [(one["output"], one["value"], one["data"], one.get("observed_trials")) for one in described.pop("compares")]
    assert compared == [("survey", "y", None, None), ("weekly", "k", None, None), ("sample", "p", None, "n")]
    assert described == {
        "output": "survey",
        "outputs": ["survey", "weekly", "sample"],
        "data": "survey.csv",
        "files": ["survey.csv", "weekly.csv"],
        "weight": 2,
        "behaviour": 2,
    }
    columns = {"survey": ["day", "y"], "weekly": ["day", "k"], "sample": ["day", "p"]}
    outputs = {
        output: ([len(one["day"]) for one in REPLICATES], as_table(output, {name: [v for one in REPLICATES for v in one[name]] for name in names}))
        for output, names in columns.items()
    }
    evaluation = fit.evaluate_rows(outputs)
    assert evaluation["loss"] == pytest.approx(-GOLDEN["joint"]["log_marginal"], rel=1e-12)
    assert evaluation["diagnostics"]["evaluator"] == "joint"
    alone = sum(one["log_marginal"] for one in evaluation["diagnostics"]["targets"].values())
    assert alone == pytest.approx(GOLDEN["joint"]["sum_of_marginals"], rel=1e-12)
    assert abs(alone - GOLDEN["joint"]["log_marginal"]) > 0.01
