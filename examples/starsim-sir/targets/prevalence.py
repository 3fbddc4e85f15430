"""Mean squared difference between the mean simulated and the observed epidemic, over the days."""

from modelops import ExactJoin, LossTarget, calibration_target, mean_signal_mse, read_csv


@calibration_target(model_output="prevalence", data={"observed": "data/observed.csv"})
def prevalence(paths):
    return LossTarget("prevalence", read_csv(paths["observed"]), ExactJoin(["day"]), mean_signal_mse("infected"))
