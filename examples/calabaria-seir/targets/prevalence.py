"""Two targets over one survey: squared error of prevalence, and the likelihood of the survey."""

import polars as pl
from modelops import (
    ExactJoin,
    LikelihoodTarget,
    LossTarget,
    annealed_mse,
    calibration_target,
    gaussian_loglik,
)

SURVEY = {"survey": "data/survey.csv"}


@calibration_target(model_output="prevalence", data=SURVEY)
def prevalence(data_paths):
    return LossTarget(
        name="prevalence",
        model_output="prevalence",
        data=pl.read_csv(data_paths["survey"]),
        alignment=ExactJoin(on_cols=["day"]),
        evaluator=annealed_mse("infected"),
    )


@calibration_target(model_output="prevalence", data=SURVEY)
def prevalence_likelihood(data_paths):
    return LikelihoodTarget(
        name="prevalence_likelihood",
        model_output="prevalence",
        data=pl.read_csv(data_paths["survey"]),
        alignment=ExactJoin(on_cols=["day"]),
        evaluator=gaussian_loglik("infected", sigma=50),
    )
