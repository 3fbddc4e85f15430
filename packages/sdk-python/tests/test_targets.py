import datetime
import math

import pytest

from modelops import (
    AsofJoin,
    ExactJoin,
    JoinAlignment,
    KeptTable,
    LikelihoodTarget,
    LossTarget,
    LossTargetSet,
    ModelError,
    NoJoin,
    annealed_mse,
    binomial_loglik,
    calibration_target,
    gaussian_loglik,
    get_registered_targets,
    mae,
    mean_signal_mse,
    poisson_loglik,
    read_csv,
    rmse,
)

OBSERVED = {"day": [0, 1, 2], "cases": [10, 15, 20]}
REP0 = {"curve": {"day": [0, 1, 2], "cases": [12, 14, 19]}}
REP1 = {"curve": {"day": [0, 1, 2], "cases": [8, 18, 23]}}
SHORT = {"curve": {"day": [0, 1], "cases": [8, 18]}}
FIXTURE_OBSERVED = {"time": [1, 2, 3], "value": [1.0, 2.0, 3.0]}
FIXTURE = [{"o": {"time": [1, 2, 3], "value": values}} for values in ([1.1, 2.1, 2.9], [0.9, 1.9, 3.1], [1.2, 2.2, 2.8])]


def loss(evaluator, replicates=(REP0, REP1), observed=OBSERVED, join=None):
    output = next(iter(replicates[0]))
    return LossTarget(output, observed, join or ExactJoin([next(iter(observed))]), evaluator).evaluate(list(replicates)).loss


@pytest.mark.parametrize(
    ("evaluator", "replicates", "expected"),
    [
        (annealed_mse("cases"), (REP0, REP1), 4.666666666666666),
        (mean_signal_mse("cases"), (REP0, REP1), 0.6666666666666666),
        (annealed_mse("cases"), (REP0, SHORT), 4.25),
        (mean_signal_mse("cases"), (REP0, SHORT), 0.6666666666666666),
        (mean_signal_mse("cases"), (SHORT, REP0), 0.6666666666666666),
        (mae("cases"), (REP0, REP1), (0 + 1 + 1) / 3),
        (rmse("cases"), (REP0, REP1), math.sqrt(2 / 3)),
    ],
)
def test_losses_of_the_original(evaluator, replicates, expected):
    assert loss(evaluator, replicates) == expected


def test_losses_of_the_original_fixture():
    assert loss(annealed_mse("value"), FIXTURE, FIXTURE_OBSERVED) == pytest.approx(0.02, rel=1e-14)
    assert loss(mean_signal_mse("value"), FIXTURE, FIXTURE_OBSERVED) == pytest.approx(0.004444444444444443, rel=1e-14)


def test_a_set_adds_weighted_losses_and_keeps_two_targets_with_one_evaluator_apart():
    targets = [
        LossTarget("curve", OBSERVED, ExactJoin(["day"]), annealed_mse("cases", weight=2.0), name="a"),
        LossTarget("curve", OBSERVED, ExactJoin(["day"]), mean_signal_mse("cases", weight=0.5), name="b"),
    ]
    result = LossTargetSet(targets).evaluate([REP0, REP1], seeds=[1, 2], metadata={"iteration": 42})
    assert result.total_loss == 9.666666666666666
    assert result.per_target_loss() == {"a": 4.666666666666666, "b": 0.6666666666666666}
    assert result.as_dict()["seeds"] == [1, 2] and result.as_dict()["iteration"] == 42
    twins = [LossTarget("curve", OBSERVED, ExactJoin(["day"]), annealed_mse("cases")) for _ in range(2)]
    assert list(LossTargetSet(twins).evaluate([REP0]).per_target_loss()) == ["annealed_mse[cases]", "annealed_mse[cases]#2"]
    assert LossTargetSet([]).evaluate([REP0]).total_loss == 0.0


def test_asof_joins_of_the_original():
    observed = {"t": [1, 3, 5], "v": [10, 20, 30]}
    simulated = [{"t": [2, 4, 6], "v": [9, 21, 31]}]

    def partners(strategy, **more):
        return AsofJoin("t", strategy=strategy, **more).align(observed, simulated).simulated("v")

    assert partners("backward") == [None, 9, 21]
    assert partners("nearest") == [9, 21, 31]
    assert partners("forward") == [9, 21, 31]
    assert AsofJoin("t", strategy="backward").align(observed, simulated).columns["t_right"] == [None, 2, 4]
    backward = JoinAlignment("t", mode="backward")
    assert loss(annealed_mse("v"), [{"o": simulated[0]}], observed, backward) == 101.0
    with pytest.raises(ModelError, match="no observation has a simulated row in replicate 0: t is 1 to 5 in the data and 2 to 6"):
        partners("nearest", tolerance=0.5)


def test_an_asof_join_stays_in_its_group():
    observed = {"t": [5, 5], "region": ["n", "s"], "v": [1, 2]}
    simulated = [{"t": [4, 6, 1], "region": ["n", "n", "s"], "v": [10, 20, 30]}]
    assert AsofJoin("t", by=["region"]).align(observed, simulated).simulated("v") == [20, 30]


def test_an_asof_join_takes_one_column():
    with pytest.raises(ValueError, match=r"Asof joins require exactly one 'on' column, got: \['a', 'b'\]"):
        JoinAlignment(["a", "b"], mode="nearest").align({}, [])


@pytest.mark.parametrize(
    ("evaluator", "observed", "simulated", "message"),
    [
        (mean_signal_mse("cases"), OBSERVED, {"day": [5, 6], "cases": [1, 2]}, "day is 0 to 2 in the data and 5 to 6 in the output"),
        (mean_signal_mse("case"), OBSERVED, REP0["curve"], "the observed data has no column case; did you mean cases?"),
        (mean_signal_mse("cases"), OBSERVED, {"day": [0], "cases_": [1]}, "the model output has no column cases; did you mean cases_?"),
        (mean_signal_mse("cases"), OBSERVED, {"days": [0], "cases": [1]}, "the model output has no column day; did you mean days?"),
        (mean_signal_mse("cases"), OBSERVED, {"day": [0, 1], "cases": [1, math.nan]}, "simulated cases at day 1 in replicate 0 is nan, not"),
        (mean_signal_mse("cases"), {"day": ["0"], "cases": [1]}, REP0["curve"], "text in the observed data and numeric in the model output"),
        (poisson_loglik("cases"), {"day": [0], "cases": [1.5]}, REP0["curve"], "observed cases is 1.5 at day 0 in replicate 0; expected a count"),
        (gaussian_loglik("cases", 0.0), OBSERVED, REP0["curve"], "sigma is 0.0 at day 0 in replicate 0; it must be above 0"),
        (mean_signal_mse("cases", row_weight="w"), {**OBSERVED, "w": [0, 0, 0]}, REP0["curve"], "the weights of all rows are 0"),
        (mean_signal_mse("cases", row_weight="w"), {**OBSERVED, "w": [1, -1, 0]}, REP0["curve"], "observed w is -1 at day 1"),
    ],
)
def test_what_has_no_loss_is_an_error_that_names_the_cause(evaluator, observed, simulated, message):
    kind = LossTarget if hasattr(evaluator, "loss_fn") else LikelihoodTarget
    with pytest.raises(ModelError) as caught:
        kind("curve", observed, ExactJoin(["day"]), evaluator).evaluation([{"curve": simulated}])
    assert message in str(caught.value)


def test_missing_observations_do_not_count_and_row_weights_do():
    assert loss(mean_signal_mse("cases"), [REP0], {"day": [0, 1], "cases": [10, None]}) == 4
    assert loss(mean_signal_mse("cases", row_weight="w"), [REP0], {**OBSERVED, "w": [3, 1, 0]}) == (3 * 4 + 1) / 4


def test_a_scalar_output_needs_no_join():
    replicates = [{"o": {"share": [share]}} for share in (0.5, 0.7)]
    assert loss(mean_signal_mse("share"), replicates, {"share": [0.4]}, NoJoin()) == pytest.approx(0.04)
    with pytest.raises(ModelError, match="the output of replicate 1 has 2 rows"):
        loss(mean_signal_mse("share"), [replicates[0], {"o": {"share": [1, 2]}}], {"share": [0.4]}, NoJoin())
    with pytest.raises(ModelError, match="simulated share at the only row in replicate 0 is nan"):
        loss(mean_signal_mse("share"), [{"o": {"share": [math.nan]}}], {"share": [0.4]}, NoJoin())


def test_no_replicate_is_an_error():
    with pytest.raises(ModelError, match="no replicate"):
        LossTarget("curve", OBSERVED, ExactJoin(["day"]), annealed_mse("cases")).evaluate([])


@pytest.mark.parametrize("library", ["polars", "pandas", "pyarrow"])
def test_takes_tables_of_any_library_and_gives_aligned_data_in_the_same(library):
    module = pytest.importorskip(library)
    table = module.table if library == "pyarrow" else module.DataFrame
    replicates = [{"curve": table(one["curve"])} for one in (REP0, REP1)]
    target = LossTarget("curve", table(OBSERVED), ExactJoin(["day"]), annealed_mse("cases"))
    assert target.evaluate(replicates).loss == 4.666666666666666
    aligned = target.alignment.align(target.data, [one["curve"] for one in replicates])
    assert type(aligned.data) is type(table(OBSERVED))
    assert list(aligned.get_obs_col("cases"))[:1] in ([10], [module.scalar(10)] if library == "pyarrow" else [10])


def test_dates_join_the_text_that_results_keep():
    polars = pytest.importorskip("polars")
    import datetime

    observed = polars.DataFrame({"date": [datetime.date(2020, 1, 1)], "v": [3.0]})
    assert loss(mean_signal_mse("v"), [{"o": {"date": ["2020-01-01", "2020-01-02"], "v": [1.0, 9.0]}}], observed, ExactJoin(["date"])) == 4


def test_a_declared_target_reads_its_data_once_and_describes_its_weight(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "observed.csv").write_text("day,cases\n0,10\n1,15\n2,20\n")
    reads = []

    @calibration_target(model_output="curve", data={"observed": "observed.csv"}, weight=2.0)
    def prevalence(paths):
        reads.append(paths)
        return LossTarget("curve", read_csv(paths["observed"]), ExactJoin(["day"]), annealed_mse("cases"))

    from modelops.tables import as_table

    table = as_table("curve", {name: REP0["curve"][name] + REP1["curve"][name] for name in ("day", "cases")})
    for _ in range(2):
        evaluation = prevalence.evaluate_rows({"curve": ([3, 3], table)})
        assert (evaluation["loss"], evaluation["n_replicates"]) == (4.666666666666666, 2)
    assert evaluation["diagnostics"]["n_observations"] == 3
    assert reads == [{"observed": "observed.csv"}]
    described = {"output": "curve", "data": "observed.csv", "files": ["observed.csv"], "weight": 2.0, "behaviour": 2}
    compared = {"output": "curve", "join": ["day"], "value": "cases", "observed_value": "cases", "data": "observed.csv"}
    assert prevalence.describe() == {**described, "compares": [compared]}
    (tmp_path / "observed.csv").unlink()
    assert prevalence.describe() == described
    assert get_registered_targets()["prevalence"] is prevalence


def test_describes_observed_data_in_the_code(tmp_path):
    def described(data, alignment=ExactJoin(["day"]), evaluator=annealed_mse("cases")):
        return calibration_target(model_output="curve")(lambda paths: LossTarget("curve", data, alignment, evaluator)).describe().get("compares")

    data = {"day": [datetime.date(2024, 1, 2), datetime.date(2024, 1, 3)], "cases": [1, None], "source": ["a", "b"]}
    compared = {"output": "curve", "value": "cases", "observed_value": "cases", "data": None}
    assert described(data) == [{**compared, "join": ["day"], "observed": {"day": ["2024-01-02", "2024-01-03"], "cases": [1, None]}}]
    near = AsofJoin("day", by=["source"])
    assert described(data, near)[0]["join"] == ["source", "day"]
    long = {"day": list(range(1001)), "cases": [float("nan")] * 1001}
    assert described(long) == [{**compared, "join": ["day"]}]
    assert described({"day": [0], "cases": [float("nan")]})[0]["observed"] == {"day": [0], "cases": [None]}
    assert described(data, evaluator=binomial_loglik("p", "cases", "day"))[0] == {
        **compared,
        "join": ["day"],
        "value": "p",
        "observed_trials": "day",
        "observed": {"day": ["2024-01-02", "2024-01-03"], "cases": [1, None]},
    }
    assert described(data, evaluator=object()) is None


def test_reads_csv_as_the_typescript_sdk_does(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text('\ufeffday,infected,region,code,id,x\r\n0,1.5e2,"a, b",06037,9007199254740993,\r\n\r\n1,-.5,c,12000,1,NA\r\n')
    assert read_csv(path) == {
        "day": [0.0, 1.0],
        "infected": [150.0, -0.5],
        "region": ["a, b", "c"],
        "code": ["06037", "12000"],
        "id": ["9007199254740993", "1"],
        "x": ["", "NA"],
    }
    path.write_text("a,b\n1,2\n3\n")
    with pytest.raises(ModelError, match="has 1 cells in data row 2; its header has 2"):
        read_csv(path)
    path.write_text(",".join(f"c{k}" for k in range(10_001)) + "\n")
    with pytest.raises(ModelError, match="has 10001 columns; the limit is 10000"):
        read_csv(path)


def test_a_target_keeps_mean_quantiles_and_residuals_where_it_is_asked_to():
    target = LossTarget("curve", OBSERVED, ExactJoin(["day"]), mean_signal_mse("cases"), keep=KeptTable("cases", (0.5, 1)))
    evaluation = target.evaluation([REP0, SHORT])
    expected = {"day": [0, 1, 2], "observed": [10, 15, 20], "mean": [10, 16, 19], "q0.5": [10, 16, 19], "q1": [12, 18, 19], "residual": [0, 1, -1]}
    assert evaluation["outputs"] == {"cases": expected}
    assert "outputs" not in LossTarget("curve", OBSERVED, ExactJoin(["day"]), mean_signal_mse("cases")).evaluation([REP0])
    counts = LikelihoodTarget("curve", OBSERVED, ExactJoin(["day"]), poisson_loglik("cases"), "cases", KeptTable("cases"))
    assert list(counts.evaluation([REP0, REP1])["outputs"]["cases"]) == ["day", "observed", "mean", "q0.05", "q0.5", "q0.95", "residual"]
    with pytest.raises(ValueError, match="quantiles must be from 0 to 1"):
        KeptTable("cases", [2])
