"""The names that ``modelops`` exports."""

from ._simulate import simulate
from .base_model import SEED_COL, BaseModel, model_output, model_scenario
from .behaviour import BEHAVIOUR_VERSION
from .configuration import ConfigSpec, ConfigurationSet, ConfigurationSpace
from .errors import ModelError
from .function_model import FunctionModel, model
from .parameters import Bool, Choice, Float, Int
from .scenario import ScenarioSpec, compose_scenarios, scenario_hash
from .simulator import ModelSimulator, SimulatorBuilder
from .space import ParameterSet, ParameterSpace, ParameterSpec, Scalar
from .targets.declaration import CalibrationTarget, calibration_target, get_registered_targets
from .targets.alignment import AlignedData, AsofJoin, ExactJoin, JoinAlignment, NoJoin
from .targets.csv_file import read_csv
from .targets.kept import KeptTable
from .targets.likelihood import (
    LikelihoodEvaluator,
    TargetLikelihoodResult,
    beta_binomial_loglik,
    beta_binomial_loglik_factory,
    beta_binomial_loglik_per_rep,
    binomial_loglik,
    binomial_loglik_per_rep,
    gaussian_loglik,
    gaussian_loglik_per_rep,
    log_mean_exp,
    negative_binomial_loglik,
    negative_binomial_loglik_per_rep,
    poisson_loglik,
    poisson_loglik_per_rep,
)
from .targets.loss import (
    AbsoluteErrorLoss,
    IdentityAggregator,
    LossEvaluator,
    MeanAcrossReplicates,
    MeanGroupedByReplicate,
    MeanReducer,
    RootMeanReducer,
    SquaredErrorLoss,
    TargetLossResult,
    annealed_mse,
    mae,
    mean_of_per_replicate_mse,
    mean_signal_mse,
    replicate_mean_mse,
    rmse,
)
from .targets.target import (
    LikelihoodEvaluationResult,
    LikelihoodTarget,
    LikelihoodTargetSet,
    LossEvaluationResult,
    LossTarget,
    LossTargetSet,
)
from .transforms import AffineSqueezedLogit, Identity, LogitTransform, LogTransform
from .view import CoordinateSystem, ParameterView

__all__ = [
    "AbsoluteErrorLoss",
    "AffineSqueezedLogit",
    "AlignedData",
    "AsofJoin",
    "BEHAVIOUR_VERSION",
    "BaseModel",
    "Bool",
    "CalibrationTarget",
    "Choice",
    "ConfigSpec",
    "ConfigurationSet",
    "ConfigurationSpace",
    "CoordinateSystem",
    "ExactJoin",
    "Float",
    "FunctionModel",
    "Identity",
    "IdentityAggregator",
    "Int",
    "JoinAlignment",
    "KeptTable",
    "LikelihoodEvaluationResult",
    "LikelihoodEvaluator",
    "LikelihoodTarget",
    "LikelihoodTargetSet",
    "LogTransform",
    "LogitTransform",
    "LossEvaluationResult",
    "LossEvaluator",
    "LossTarget",
    "LossTargetSet",
    "MeanAcrossReplicates",
    "MeanGroupedByReplicate",
    "MeanReducer",
    "ModelError",
    "ModelSimulator",
    "NoJoin",
    "ParameterSet",
    "ParameterSpace",
    "ParameterSpec",
    "ParameterView",
    "RootMeanReducer",
    "SEED_COL",
    "Scalar",
    "ScenarioSpec",
    "SimulatorBuilder",
    "SquaredErrorLoss",
    "TargetLikelihoodResult",
    "TargetLossResult",
    "annealed_mse",
    "beta_binomial_loglik",
    "beta_binomial_loglik_factory",
    "beta_binomial_loglik_per_rep",
    "binomial_loglik",
    "binomial_loglik_per_rep",
    "calibration_target",
    "compose_scenarios",
    "gaussian_loglik",
    "gaussian_loglik_per_rep",
    "get_registered_targets",
    "log_mean_exp",
    "mae",
    "mean_of_per_replicate_mse",
    "mean_signal_mse",
    "model",
    "model_output",
    "model_scenario",
    "negative_binomial_loglik",
    "negative_binomial_loglik_per_rep",
    "poisson_loglik",
    "poisson_loglik_per_rep",
    "read_csv",
    "replicate_mean_mse",
    "rmse",
    "scenario_hash",
    "simulate",
]
